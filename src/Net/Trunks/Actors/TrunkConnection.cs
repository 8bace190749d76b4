// One TCP connection between two nodes while it is made: TLS where it is configured, then a greeting there and one back. What comes out of
// it is either a connection whose both ends know each other, or one line that says why not.

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Lguest.Net.Tls;

namespace Lguest.Net.Trunks.Actors;

/// <summary>A connection with its reader. Its receiver disposes of it.</summary>
internal sealed class TrunkConnection : IDisposable
{
    /// <summary>What is read at once: two full messages.</summary>
    private const int ReadBytes = 2 * 65_536;

    private TrunkConnection(Socket socket, Stream stream, TrunkKind greeting)
        : this(socket.RemoteEndPoint?.ToString() ?? "a connection that has gone", stream, greeting)
    {
    }

    /// <param name="remoteEnd">Where it comes from or leads to, for the log.</param>
    /// <param name="stream">What carries it.</param>
    /// <param name="greeting">The greeting that must come first.</param>
    internal TrunkConnection(string remoteEnd, Stream stream, TrunkKind greeting)
    {
        RemoteEnd = remoteEnd;
        Stream = stream;
        Input = PipeReader.Create(
            stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 4, leaveOpen: true));
        Reader = new TrunkReader(greeting);
    }

    /// <summary>Where it comes from or leads to, for the log.</summary>
    public string RemoteEnd { get; }

    /// <summary>What is written is sent.</summary>
    public Stream Stream { get; }

    /// <summary>What has arrived.</summary>
    public PipeReader Input { get; }

    /// <summary>Finds the messages in it.</summary>
    public TrunkReader Reader { get; }

    /// <summary>Calls another node.</summary>
    /// <param name="offer">Where, and the tokens.</param>
    /// <param name="self">This node's address.</param>
    /// <param name="security">Null for plain TCP.</param>
    /// <param name="end">When to give up.</param>
    /// <exception cref="IOException">It cannot be reached, or is not who it should be; the message says which. So do the other exceptions
    /// of <see cref="IsOfNetwork"/>.</exception>
    public static async Task<TrunkConnection> Call(TrunkProtocol.Offer offer, string self, TlsSettings? security, CancellationToken end)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(offer.Host, offer.Port, end).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (security is not null)
                stream = await Secure(stream, security, offer.Host, end).ConfigureAwait(false);
            var connection = new TrunkConnection(socket, stream, TrunkKind.Welcome);
            byte[] hello = TrunkFormat.Greeting(TrunkKind.Hello, Encoding.UTF8.GetBytes(self), offer.Call.AsSpan());
            await stream.WriteAsync(hello, end).ConfigureAwait(false);
            var (_, answer) = await connection.Greeting(end).ConfigureAwait(false);
            if (!CryptographicOperations.FixedTimeEquals(answer, offer.Answer.AsSpan()))
                throw new IOException("another node answers there");
            return connection;
        }
        catch
        {
            // Whatever it is, it goes on to the caller; the socket must not stay.
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Hears what a caller has to say.</summary>
    /// <param name="socket">The connection; disposed of if this fails.</param>
    /// <param name="security">Null for plain TCP.</param>
    /// <param name="end">When to give up.</param>
    /// <returns>The connection, the address that the caller claims, and its token: neither is proved.</returns>
    /// <exception cref="IOException">It says something else, or nothing. So do the other exceptions of <see
    /// cref="IsOfNetwork"/>.</exception>
    public static async Task<(TrunkConnection Connection, string Name, byte[] Token)> Hear(
        Socket socket, TlsSettings? security, CancellationToken end)
    {
        try
        {
            socket.NoDelay = true;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (security is not null)
                stream = await Secure(stream, security, null, end).ConfigureAwait(false);
            var connection = new TrunkConnection(socket, stream, TrunkKind.Hello);
            var (name, token) = await connection.Greeting(end).ConfigureAwait(false);
            return (connection, name, token);
        }
        catch
        {
            // Whatever it is, it goes on to the caller; the socket must not stay.
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The exceptions by which a connection says that it is broken, was cut, or took too long.</summary>
    public static bool IsOfNetwork(Exception problem) =>
        problem is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException;

    public void Dispose() => Stream.Dispose();

    private async Task<(string Name, byte[] Token)> Greeting(CancellationToken end)
    {
        while (true)
        {
            var result = await Input.ReadAsync(end).ConfigureAwait(false);
            var bytes = result.Buffer;
            if (Reader.TryRead(ref bytes, out var message))
            {
                var greeting = (Encoding.UTF8.GetString(message.Route), message.Body.ToArray());
                Input.AdvanceTo(bytes.Start);
                return greeting;
            }

            Input.AdvanceTo(bytes.Start, bytes.End);
            if (Reader.Problem is { } problem)
                throw new IOException(problem);
            if (result.IsCompleted)
                throw new IOException("it ended before a greeting");
        }
    }

    /// <param name="target">Whom a caller calls; null for the side that was called.</param>
    private static async Task<Stream> Secure(Stream inner, TlsSettings security, string? target, CancellationToken end)
    {
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        await (target is null
            ? stream.AuthenticateAsServerAsync(security.Server, end)
            : stream.AuthenticateAsClientAsync(security.Client(target), end)).ConfigureAwait(false);
        return stream;
    }
}
