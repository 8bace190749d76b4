// The protocol by itself: which numbers stand for which files, which requests are under way, and what each of them comes to. It touches no
// file. A Guest's message is either answered at once or made into work for those who do, and whatever it contains, it is answered.

namespace Lguest.Devices.Share;

//J:Drivers:810 Files by number
// 9P is a small language. A Guest attaches to the folder and gives it a number, a fid. It walks from there: from fid 1 by the names "docs"
// and "readme" to fid 2. It opens fid 2, reads from it at an offset, and at last clunks it, after which the number is free. Every message
// has a tag, by which its answer is known among those that are under way. That is nearly all; what Linux added (the L in 9P2000.L) are
// Linux's own calls, with Linux's own errors. So a driver in a Guest is a translator from a file system's operations to messages, and this
// is one from messages to calls; between them is a queue, and a tag for each call that has not come back.

/// <summary>One session of 9P2000.L. Not thread-safe; its device is its only caller.</summary>
/// <param name="isReadOnly">Whether all that would change something is refused.</param>
internal sealed partial class ShareSession(bool isReadOnly) : IDisposable
{
    /// <summary>The longest message that is agreed on.</summary>
    public const int LargestMessage = 512 << 10;

    /// <summary>Numbers that a Guest may have in use.</summary>
    public const int MostFids = 1 << 16;

    private const int SmallestMessage = 4096;
    private const uint NoFid = uint.MaxValue; // P9_NOFID

    private static readonly byte[] _dialect = "9P2000.L"u8.ToArray();
    private static readonly byte[] _unknownDialect = "unknown"u8.ToArray();

    private readonly Dictionary<uint, Fid> _fids = [];
    private readonly Dictionary<ushort, ShareWork> _underWay = [];
    private int _life;
    private bool _isAgreed;

    /// <summary>Numbers in use.</summary>
    public int Fids => _fids.Count;

    /// <summary>Requests that are not answered yet.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>The length agreed on.</summary>
    public int MessageBytes { get; private set; } = SmallestMessage;

    /// <summary>As new: all that is open is given up, and what is under way comes to nothing.</summary>
    public void Reset()
    {
        _life++;
        _isAgreed = false;
        MessageBytes = SmallestMessage;
        _underWay.Clear();
        foreach (var fid in _fids.Values)
        {
            fid.Opened?.Dispose();
            fid.File?.Dispose();
        }

        _fids.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Reset();

    /// <summary>Takes a request.</summary>
    /// <param name="message">The whole message, as long as its size says, which is at least a header.</param>
    /// <param name="room">Bytes that its answer may have, at least <see cref="MessageWriter.ErrorBytes"/>.</param>
    /// <returns>What is to be done; answered with <see cref="End"/> when that is over, at once if there is nothing to do or to wait
    /// for.</returns>
    public ShareWork Begin(ReadOnlyMemory<byte> message, int room)
    {
        var work = Header(message.Span);
        if (message.Length > Math.Max(MessageBytes, SmallestMessage))
            return Refused(work, Errno.MessageSize);
        if (work.Type != MessageType.Version && (!_isAgreed || _underWay.ContainsKey(work.Tag)))
            return Refused(work, Errno.Invalid);
        MessageReader reader = new(message.Span[MessageWriter.HeaderBytes..]);
        work.Error = Understand(work, ref reader, message, Math.Min(room, MessageBytes));
        work.ReplyBytes = Math.Min(work.ReplyBytes, room);
        work.Life = _life;
        _underWay[work.Tag] = work;
        return work.Error == 0 ? work : Refused(work, work.Error);
    }

    /// <summary>Takes a request that is longer than any may be.</summary>
    /// <param name="header">As much of it as was read.</param>
    public ShareWork TooLong(ReadOnlySpan<byte> header) => Refused(Header(header), Errno.MessageSize);

    /// <summary>Answers a request for which all is done.</summary>
    /// <param name="work">The request.</param>
    /// <param name="reply">Takes the answer.</param>
    /// <returns>Its length.</returns>
    public int End(ShareWork work, Span<byte> reply)
    {
        if (_underWay.TryGetValue(work.Tag, out var listed) && listed == work)
            _underWay.Remove(work.Tag);
        int error = work.Life == _life ? work.Error : Errno.Interrupted;
        MessageWriter writer = new(reply);
        if (error == 0)
            work.Done?.Invoke(ref writer);
        else
            work.Failed?.Invoke();
        foreach (var use in work.Uses)
            use.Dispose();
        return error == 0 ? writer.Finish(work.Type, work.Tag) : MessageWriter.Error(reply, error, work.Tag);
    }

    private ShareWork Header(ReadOnlySpan<byte> header) => new((MessageType)header[4], (ushort)(header[5] | (header[6] << 8)))
    {
        Life = _life
    };

    private static ShareWork Refused(ShareWork work, int error)
    {
        (work.Error, work.Act, work.Done) = (error, null, null);
        return work;
    }

    private int Understand(ShareWork work, ref MessageReader message, ReadOnlyMemory<byte> whole, int room) => work.Type switch
    {
        MessageType.Version => Version(work, ref message),
        MessageType.Attach => Attach(work, ref message),
        MessageType.Flush => Flush(work, ref message),
        MessageType.Walk => Walk(work, ref message),
        MessageType.Clunk => Clunk(work, ref message),
        MessageType.Attributes => Attributes(work, ref message),
        MessageType.Open => Open(work, ref message),
        MessageType.Read => Read(work, ref message, room),
        MessageType.List => List(work, ref message, room),
        MessageType.ReadLink => ReadLink(work, ref message),
        MessageType.FileSystem => FileSystem(work, ref message),
        MessageType.Sync => Sync(work, ref message),
        MessageType.Lock => TakeLock(work, ref message),
        MessageType.TestLock => TestLock(work, ref message),
        MessageType.Create or MessageType.Write or MessageType.SetAttributes or MessageType.MakeFolder or MessageType.MakeSymbolicLink
            or MessageType.MakeNode or MessageType.MakeLink or MessageType.Rename or MessageType.RenameAt or MessageType.RemoveAt
            or MessageType.Remove => Modify(work, ref message, whole),
        _ => Errno.NotSupported, // of those that Linux sends: extended attributes; it never authenticates
    };

    private int Version(ShareWork work, ref MessageReader message)
    {
        uint bytes = message.Word();
        byte[] dialect = message.Text();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (bytes < SmallestMessage)
            return Errno.MessageSize;
        Reset();
        _isAgreed = dialect.AsSpan().SequenceEqual(_dialect);
        MessageBytes = (int)Math.Min(bytes, LargestMessage);
        work.Done = (ref MessageWriter answer) =>
        {
            answer.Word((uint)MessageBytes);
            answer.Text(_isAgreed ? _dialect : _unknownDialect);
        };
        return 0;
    }

    private int Attach(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word(), authenticated = message.Word();
        message.Text(); // who: all are the user of this process
        message.Text(); // what: there is one folder
        message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (authenticated != NoFid)
            return Errno.Invalid;
        if (Reserve(number, out var fid) is not 0 and var error)
            return error;
        SharedFile? root = null;
        FileFacts facts = default;
        work.Act = (folder, _) => folder.Look(root = folder.Root(), out facts);
        work.Done = (ref MessageWriter answer) =>
        {
            fid.File = root;
            answer.Qid(facts.Qid);
        };
        work.Failed = () =>
        {
            root?.Dispose();
            Forget(fid);
        };
        return 0;
    }

    private int Flush(ShareWork work, ref MessageReader message)
    {
        ushort tag = message.Short();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (tag == work.Tag || !_underWay.TryGetValue(tag, out var other))
            return 0;
        other.IsCancelled = true;
        other.Followers.Add(work);
        work.After = other;
        return 0;
    }

    /// <summary>The fid of a file that is there, used by a request until its end.</summary>
    private int Find(ShareWork work, uint number, out Fid fid, out SharedFile file)
    {
        if (!_fids.TryGetValue(number, out fid!) || fid.File is not { } found)
        {
            file = null!;
            return Errno.BadDescriptor;
        }

        file = found;
        file.Use();
        work.Uses.Add(file);
        return 0;
    }

    /// <summary>The same of one that is open.</summary>
    private int FindOpened(ShareWork work, uint number, out OpenedFile opened)
    {
        opened = null!;
        if (Find(work, number, out var fid, out _) is not 0 and var error)
            return error;
        if (fid.Opened is not { } found)
            return Errno.BadDescriptor;
        opened = found;
        opened.Use();
        work.Uses.Add(opened);
        return 0;
    }

    /// <summary>A number that is not in use, and from now on is.</summary>
    private int Reserve(uint number, out Fid fid)
    {
        fid = new Fid(number);
        if (number == NoFid || _fids.ContainsKey(number))
            return Errno.Invalid;
        if (_fids.Count >= MostFids)
            return Errno.TooManyFiles;
        _fids.Add(number, fid);
        return 0;
    }

    private bool IsKnown(Fid fid) => _fids.TryGetValue(fid.Number, out var known) && known == fid;

    private void Forget(Fid fid)
    {
        if (IsKnown(fid))
            _fids.Remove(fid.Number);
    }
}
