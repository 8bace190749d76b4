// The smallest name server that can be asked: it knows one name. It stands where this machine's resolver would, so that what comes back
// through the router is known.

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lguest.Net.Tests.Outside;

/// <summary>Answers questions for addresses (RFC 1035, section 4) on this machine's port 53, each by itself.</summary>
internal sealed class NameServer : IDisposable
{
    public const string Known = "where.test";
    public const string Address = "192.0.2.7";

    private const int HeaderBytes = 12;
    private const ushort Port = 53;
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, Port));

    public NameServer() => new Thread(Serve) { IsBackground = true, Name = "name server" }.Start();

    public void Dispose() => _socket.Dispose();

    /// <summary>A question for the address of a name of two words.</summary>
    public static byte[] Question(ushort id, string name)
    {
        var question = new List<byte>([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]); // recursion desired, one question
        foreach (string word in name.Split('.'))
            question.AddRange([(byte)word.Length, .. Encoding.ASCII.GetBytes(word)]);
        question.AddRange([0, 0, 1, 0, 1]); // type A, class IN
        byte[] bytes = question.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, id);
        return bytes;
    }

    /// <summary>What an answer says: an address, or the number of its refusal.</summary>
    public static string Read(ReadOnlySpan<byte> answer) =>
        (answer[3] & 15) != 0 ? $"refused {answer[3] & 15}" : new IPAddress(answer[^4..]).ToString();

    private void Serve()
    {
        try
        {
            while (true)
            {
                IPEndPoint? from = null;
                byte[] question = _socket.Receive(ref from);

                // A socket that is being disposed may first say that it received nothing, from nobody.
                if (question.Length < HeaderBytes)
                    continue;
                _socket.Send(Answer(question), from);
            }
        }
        catch (SocketException)
        {
            // Disposed: nobody asks any more.
        }
        catch (ObjectDisposedException)
        {
            // The same, a moment later.
        }
    }

    private static byte[] Answer(byte[] question)
    {
        bool known = question.AsSpan(HeaderBytes).SequenceEqual(Question(0, Known).AsSpan(HeaderBytes));
        byte[] answer = known ? [.. question, 0xC0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(Address)
            .GetAddressBytes()] : [.. question];
        answer[2] = 0x81; // an answer
        answer[3] = (byte)(known ? 0x80 : 0x83); // no error, or no such name
        answer[7] = (byte)(known ? 1 : 0);
        return answer;
    }
}
