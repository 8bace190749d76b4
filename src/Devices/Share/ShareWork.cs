// A request under way: what is to be done with files, which a worker does, and how it is answered, which the session says afterwards.

using Lguest.Devices.Virtio;

namespace Lguest.Devices.Share;

/// <summary>Does something with files; blocks.</summary>
/// <param name="folder">The files.</param>
/// <param name="reply">The whole answer, for what is read straight into it.</param>
/// <returns>An errno, or 0.</returns>
internal delegate int FileAct(ISharedFolder folder, Span<byte> reply);

/// <summary>Writes the fields of an answer.</summary>
internal delegate void ReplyFields(ref MessageWriter writer);

/// <summary>One request of a Guest.</summary>
/// <param name="type">What it asks.</param>
/// <param name="tag">By which it is answered.</param>
internal sealed class ShareWork(MessageType type, ushort tag)
{
    public MessageType Type => type;

    public ushort Tag => tag;

    /// <summary>What a worker has to do; null for nothing.</summary>
    public FileAct? Act { get; set; }

    /// <summary>When that is done, on the session's thread: what has come of it is noted and told.</summary>
    public ReplyFields? Done { get; set; }

    /// <summary>When it has failed, or is told to nobody any more.</summary>
    public Action? Failed { get; set; }

    /// <summary>Files that it uses.</summary>
    public List<SharedThing> Uses { get; } = [];

    /// <summary>How it went.</summary>
    public int Error { get; set; }

    /// <summary>What was thrown, which is a fault of ours; null for nothing.</summary>
    public Exception? Problem { get; private set; }

    /// <summary>Bytes that its answer has at most.</summary>
    public int ReplyBytes { get; set; } = 512;

    /// <summary>Another request that is to be answered before this one (Tflush).</summary>
    public ShareWork? After { get; set; }

    /// <summary>Those that are answered after this one.</summary>
    public List<ShareWork> Followers { get; } = [];

    /// <summary>Its Guest waits for it no more: if no worker has begun it, none needs to. Any thread.</summary>
    public bool IsCancelled
    {
        get => Volatile.Read(ref _isCancelled);
        set => Volatile.Write(ref _isCancelled, value);
    }

    /// <summary>In which life of the session it came.</summary>
    public int Life { get; set; }

    /// <summary>Where it came from, for the device.</summary>
    public ShareChain? Chain { get; set; }

    private bool _isCancelled;

    /// <summary>Does what it has to do. On a worker.</summary>
    public void Run(ISharedFolder folder)
    {
        try
        {
            Error = IsCancelled ? Errno.Interrupted : Act!(folder, Chain!.Reply.Span);
        }
        catch (Exception problem)
        {
            // Whatever it is that a Guest has found here, its request has failed, and the program goes on.
            Problem = problem;
            Error = Errno.InputOutput;
        }
    }
}

/// <summary>A request's place in the queue.</summary>
/// <param name="Head">Of its chain.</param>
/// <param name="Buffers">Where the answer goes.</param>
/// <param name="Message">The request; rented.</param>
/// <param name="Room">Where the answer is made; rented.</param>
internal sealed record ShareChain(ushort Head, GuestBuffer[] Buffers, byte[] Message, byte[] Room)
{
    /// <summary>How much of the room may be used.</summary>
    public Memory<byte> Reply { get; init; }

    /// <summary>In which life of the device it was taken.</summary>
    public int Life { get; init; }

    /// <summary>What it holds of the device's bytes.</summary>
    public int Bytes { get; init; }
}
