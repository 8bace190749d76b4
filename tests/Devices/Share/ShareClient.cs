// A driver of 9P without a queue: it says a message to a session, has the work done at once, and reads the answer.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices.Share;

namespace Lguest.Devices.Tests.Share;

/// <summary>A session over a folder that is made for it.</summary>
internal sealed class ShareClient : IDisposable
{
    private const int Room = 1 << 16;

    public ShareClient(bool isReadOnly = false, bool plain = false, int mostFiles = 0)
    {
        Outside = Directory.CreateTempSubdirectory("lguest-share-").FullName;
        Folder = Path.Combine(Outside, "shared");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Outside, "secret"), "secret");
        Host = HostFolder.Open(Folder, plain, mostFiles);
        Session = new ShareSession(isReadOnly);
    }

    /// <summary>The folder that holds the shared one, with a file "secret".</summary>
    public string Outside { get; }

    /// <summary>The shared folder.</summary>
    public string Folder { get; }

    public HostFolder Host { get; }

    public ShareSession Session { get; }

    /// <summary>A client that has attached to the folder as fid 0.</summary>
    public static ShareClient Attached(bool isReadOnly = false, bool plain = false, int mostFiles = 0)
    {
        ShareClient client = new(isReadOnly, plain, mostFiles);
        client.Say(Request.Version()).Error.ShouldBe(0);
        client.Say(Request.Attach(0)).Error.ShouldBe(0);
        return client;
    }

    public Answer Say(Request request) => Say(request.ToArray());

    public Answer Say(byte[] message, int room = Room)
    {
        var work = Session.Begin(message, room);
        byte[] reply = new byte[Math.Max(work.ReplyBytes, MessageWriter.ErrorBytes)];
        if (work.Act is not null)
        {
            work.Chain = new ShareChain(0, [], [], []) { Reply = reply };
            work.Run(Host);
        }

        int length = Session.End(work, reply);
        BinaryPrimitives.ReadInt32LittleEndian(reply).ShouldBe(length);
        return new Answer(reply[..length]);
    }

    /// <summary>The mode bits of a file of the host.</summary>
    public static int ModeOf(string path) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : (int)File.GetUnixFileMode(path);

    /// <summary>Gives a file of the host other mode bits.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Writes a file of the host, in the folder.</summary>
    public string Put(string name, string content)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose()
    {
        Session.Dispose();
        Host.Dispose();

        // A Guest's names need be no text, which .NET cannot delete.
        using var remove = System.Diagnostics.Process.Start("rm", ["-rf", Outside]);
        remove.WaitForExit();
    }
}

/// <summary>An answer of 9P.</summary>
internal sealed class Answer(byte[] message)
{
    private int _at = 7;

    public byte Type => message[4];

    public ushort Tag => BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(5));

    public int Length => message.Length;

    /// <summary>The errno; 0 for another answer than Rlerror.</summary>
    public int Error => Type == 7 ? BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(7)) : 0;

    public byte Byte() => message[_at++];

    public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan((_at += 2) - 2));

    public uint Word() => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan((_at += 4) - 4));

    public ulong Long() => BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan((_at += 8) - 8));

    public byte[] Bytes(int count) => message[(_at += count)..].Length >= 0 ? message[(_at - count).._at] : [];

    public string Text() => Encoding.UTF8.GetString(Bytes(Short()));

    public Qid Qid() => new((QidKind)Byte(), Word(), Long());
}
