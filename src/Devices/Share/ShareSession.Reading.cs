// The requests that change nothing in the folder: finding files, opening and reading them, and what is asked about them.

namespace Lguest.Devices.Share;

internal sealed partial class ShareSession
{
    private const int CountedHead = MessageWriter.HeaderBytes + sizeof(uint); // of Rread and Rreaddir
    private const int TextHead = MessageWriter.HeaderBytes + sizeof(ushort); // of Rreadlink
    private const int MostNames = 16; // P9_MAXWELEM
    private const int LongestName = 255;
    private const int LongestTarget = 4096;
    private const uint FileSystemType = 0x01021997; // V9FS_MAGIC
    private const ulong BasicAttributes = 0x7ff; // P9_STATS_BASIC
    private const uint Changing = 0x243; // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

    private int Walk(ShareWork work, ref MessageReader message)
    {
        uint from = message.Word(), to = message.Word();
        int count = message.Short();
        if (count > MostNames)
            return Errno.Invalid;
        byte[][] names = new byte[count][];
        for (int i = 0; i < count; i++)
            names[i] = message.Text();
        if (!message.IsWhole)
            return Errno.BadMessage;
        foreach (byte[] name in names)
            if (name is not [(byte)'.', (byte)'.'] && CheckName(name) is not 0 and var bad)
                return bad;
        if (Find(work, from, out var start, out var file) is not 0 and var error)
            return error;
        return to == from ? MoveOn(work, start, file, names) : WalkTo(work, to, file, names);
    }

    private int WalkTo(ShareWork work, uint to, SharedFile file, byte[][] names)
    {
        if (Reserve(to, out var fid) is not 0 and var error)
            return error;
        if (names.Length == 0)
        {
            work.Done = (ref MessageWriter answer) =>
            {
                file.Use();
                fid.File = file;
                answer.Short(0);
            };
            work.Failed = () => Forget(fid);
            return 0;
        }

        Follow(work, file, names, reached => fid.File = reached, () => Forget(fid));
        return 0;
    }

    /// <summary>A walk whose end has the number of its beginning.</summary>
    private int MoveOn(ShareWork work, Fid fid, SharedFile file, byte[][] names)
    {
        if (fid.Opened is not null || fid.IsChanging)
            return Errno.Busy;
        if (names.Length == 0)
        {
            work.Done = (ref MessageWriter answer) => answer.Short(0);
            return 0;
        }

        fid.IsChanging = true;
        Follow(work, file, names, reached =>
        {
            fid.IsChanging = false;
            Replace(fid, reached);
        }, () => fid.IsChanging = false);
        return 0;
    }

    private static void Follow(ShareWork work, SharedFile file, byte[][] names, Action<SharedFile> reached, Action notReached)
    {
        var qids = new Qid[names.Length];
        int walked = 0;
        SharedFile? last = null;
        work.Act = (folder, _) => folder.Walk(file, names, qids, out walked, out last);
        work.Done = (ref MessageWriter answer) =>
        {
            if (last is not null)
                reached(last);
            else
                notReached();
            answer.Short((ushort)walked);
            foreach (var qid in qids.AsSpan(0, walked))
                answer.Qid(qid);
        };
        work.Failed = () =>
        {
            last?.Dispose();
            notReached();
        };
    }

    private void Replace(Fid fid, SharedFile file)
    {
        if (!IsKnown(fid))
        {
            file.Dispose();
            return;
        }

        fid.File?.Dispose();
        fid.File = file;
    }

    private int Clunk(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        return message.IsWhole ? GiveUp(work, number) : Errno.BadMessage;
    }

    /// <summary>The number is free at once; what it stood for is closed by a worker, since that may take its time.</summary>
    private int GiveUp(ShareWork work, uint number)
    {
        if (!_fids.TryGetValue(number, out var fid) || fid.File is not { } file)
            return Errno.BadDescriptor;
        _fids.Remove(number);
        work.Uses.Add(file);
        if (fid.Opened is not { } opened)
            return 0;
        bool isClosed = false;
        work.Act = (_, _) =>
        {
            isClosed = true;
            opened.Dispose();
            return 0;
        };
        work.Failed = () =>
        {
            if (!isClosed)
                opened.Dispose();
        };
        return 0;
    }

    private int Open(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word(), flags = message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out var fid, out var file) is not 0 and var error)
            return error;
        if (fid.Opened is not null || fid.IsChanging)
            return Errno.Busy;
        if (isReadOnly && (flags & Changing) != 0)
            return Errno.ReadOnly;
        fid.IsChanging = true;
        OpenedFile? opened = null;
        Qid qid = default;
        work.Act = (folder, _) => folder.Open(file, flags, out opened, out qid);
        work.Done = (ref MessageWriter answer) =>
        {
            fid.IsChanging = false;
            if (IsKnown(fid))
                fid.Opened = opened;
            else
                opened!.Dispose();
            answer.Qid(qid);
            answer.Word(0);
        };
        work.Failed = () =>
        {
            fid.IsChanging = false;
            opened?.Dispose();
        };
        return 0;
    }

    private int Read(ShareWork work, ref MessageReader message, int room) =>
        Counted(work, ref message, room, (ISharedFolder folder, OpenedFile opened, ulong offset, Span<byte> into, out int bytes) =>
            folder.Read(opened, offset, into, out bytes));

    private int List(ShareWork work, ref MessageReader message, int room) =>
        Counted(work, ref message, room, (ISharedFolder folder, OpenedFile opened, ulong offset, Span<byte> into, out int bytes) =>
            folder.List(opened, offset, into, out bytes));

    private delegate int Filler(ISharedFolder folder, OpenedFile opened, ulong offset, Span<byte> into, out int bytes);

    /// <summary>Reads straight into the answer, as much as was asked for and fits.</summary>
    private int Counted(ShareWork work, ref MessageReader message, int room, Filler fill)
    {
        uint number = message.Word();
        ulong offset = message.Long();
        uint count = message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (FindOpened(work, number, out var opened) is not 0 and var error)
            return error;
        work.ReplyBytes = CountedHead + (int)Math.Min(count, (uint)(room - CountedHead));
        int bytes = 0;
        work.Act = (folder, reply) => fill(folder, opened, offset, reply[CountedHead..], out bytes);
        work.Done = (ref MessageWriter answer) =>
        {
            answer.Word((uint)bytes);
            answer.Placed(bytes);
        };
        return 0;
    }

    private int ReadLink(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out _, out var file) is not 0 and var error)
            return error;
        work.ReplyBytes = TextHead + LongestTarget;
        int bytes = 0;
        work.Act = (folder, reply) => folder.ReadLink(file, reply[TextHead..], out bytes) is not 0 and var problem ? problem
            : bytes == reply.Length - TextHead ? Errno.MessageSize : 0;
        work.Done = (ref MessageWriter answer) =>
        {
            answer.Short((ushort)bytes);
            answer.Placed(bytes);
        };
        return 0;
    }

    private int Attributes(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        message.Long(); // which: all that there are
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out _, out var file) is not 0 and var error)
            return error;
        FileFacts facts = default;
        work.Act = (folder, _) => folder.Look(file, out facts);
        work.Done = (ref MessageWriter answer) => Tell(ref answer, facts);
        return 0;
    }

    private static void Tell(ref MessageWriter answer, FileFacts facts)
    {
        answer.Long(BasicAttributes);
        answer.Qid(facts.Qid);
        answer.Word(facts.Mode);
        answer.Word(facts.User);
        answer.Word(facts.Group);
        answer.Long(facts.Links);
        answer.Long(facts.Device);
        answer.Long(facts.Bytes);
        answer.Long(facts.BlockBytes);
        answer.Long(facts.Blocks);
        foreach (var time in (ReadOnlySpan<FileTime>)[facts.Accessed, facts.Modified, facts.Changed, default])
        {
            answer.Long(time.Seconds);
            answer.Long(time.Nanoseconds);
        }

        answer.Long(0); // st_gen
        answer.Long(0); // st_data_version
    }

    private int FileSystem(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out _, out var file) is not 0 and var error)
            return error;
        SpaceFacts space = default;
        work.Act = (folder, _) => folder.Space(file, out space);
        work.Done = (ref MessageWriter answer) =>
        {
            answer.Word(FileSystemType);
            answer.Word(space.BlockBytes);
            answer.Long(space.Blocks);
            answer.Long(space.Free);
            answer.Long(space.Available);
            answer.Long(space.Files);
            answer.Long(space.FreeFiles);
            answer.Long(space.Id);
            answer.Word(space.LongestName);
        };
        return 0;
    }

    private int Sync(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        bool dataOnly = message.Left > 0 && message.Word() != 0; // the first drivers did not say
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (FindOpened(work, number, out var opened) is not 0 and var error)
            return error;
        work.Act = (folder, _) => folder.Sync(opened, dataOnly);
        return 0;
    }

    private int TakeLock(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte kind = message.Byte();
        message.Word(); // whether the program waits: its driver asks again
        LockRange range = new(kind, message.Long(), message.Long(), message.Word());
        message.Text();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (FindOpened(work, number, out var opened) is not 0 and var error)
            return error;
        byte status = 0; // P9_LOCK_SUCCESS
        work.Act = (folder, _) =>
        {
            status = folder.Lock(opened, range) switch
            {
                0 => 0,
                Errno.TryAgain or Errno.AccessDenied => 1, // P9_LOCK_BLOCKED
                _ => 2, // P9_LOCK_ERROR
            };
            return 0;
        };
        work.Done = (ref MessageWriter answer) => answer.Byte(status);
        return 0;
    }

    private int TestLock(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        LockRange range = new(message.Byte(), message.Long(), message.Long(), message.Word());
        byte[] client = message.Text();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (client.Length > LongestName)
            return Errno.NameTooLong;
        if (FindOpened(work, number, out var opened) is not 0 and var error)
            return error;
        work.Act = (folder, _) => folder.TestLock(opened, ref range);
        work.Done = (ref MessageWriter answer) =>
        {
            answer.Byte(range.Kind);
            answer.Long(range.Start);
            answer.Long(range.Length);
            answer.Word(range.Process);
            answer.Text(client);
        };
        return 0;
    }

    /// <summary>Whether bytes are the name of one thing in a folder.</summary>
    private static int CheckName(byte[] name) => name switch
    {
        [] or [(byte)'.'] or [(byte)'.', (byte)'.'] => Errno.Invalid,
        _ when name.AsSpan().ContainsAny((byte)'/', (byte)0) => Errno.Invalid,
        { Length: > LongestName } => Errno.NameTooLong,
        _ => 0,
    };
}
