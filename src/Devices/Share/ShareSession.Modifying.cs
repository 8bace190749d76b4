// The requests that change the folder. Those of a folder that is only read are refused here, all at one place.

namespace Lguest.Devices.Share;

internal sealed partial class ShareSession
{
    /// <summary>Bytes of a write before its content: header, fid, offset, count.</summary>
    public const int WriteHead = MessageWriter.HeaderBytes + 16;

    private const uint KindOfFile = 0xf000; // S_IFMT
    private const uint Fifo = 0x1000;
    private const uint RegularFile = 0x8000;
    private const uint Socket = 0xc000;
    private const uint RemoveFolder = 0x200; // P9_DOTL_AT_REMOVEDIR
    private const uint SetMode = 1 << 0; // P9_ATTR_MODE
    private const uint SetUser = 1 << 1; // P9_ATTR_UID
    private const uint SetGroup = 1 << 2; // P9_ATTR_GID
    private const uint SetBytes = 1 << 3; // P9_ATTR_SIZE
    private const uint SetAccessed = 1 << 4; // P9_ATTR_ATIME
    private const uint SetModified = 1 << 5; // P9_ATTR_MTIME
    private const uint GivesAccessed = 1 << 7; // P9_ATTR_ATIME_SET
    private const uint GivesModified = 1 << 8; // P9_ATTR_MTIME_SET

    private int Modify(ShareWork work, ref MessageReader message, ReadOnlyMemory<byte> whole) => work.Type switch
    {
        MessageType.Remove => RemoveFid(work, ref message),
        _ when isReadOnly => Errno.ReadOnly,
        MessageType.Create => Create(work, ref message),
        MessageType.Write => Write(work, ref message, whole),
        MessageType.SetAttributes => SetAttributes(work, ref message),
        MessageType.MakeFolder => MakeFolder(work, ref message),
        MessageType.MakeSymbolicLink => MakeSymbolicLink(work, ref message),
        MessageType.MakeNode => MakeNode(work, ref message),
        MessageType.MakeLink => MakeLink(work, ref message),
        MessageType.Rename => RenameFid(work, ref message),
        MessageType.RenameAt => Rename(work, ref message),
        _ => Remove(work, ref message),
    };

    private int Create(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text();
        uint flags = message.Word(), mode = message.Word();
        message.Word(); // the group, which is this process's
        if (Check(ref message, name) is not 0 and var bad)
            return bad;
        if (Find(work, number, out var fid, out var parent) is not 0 and var error)
            return error;
        if (fid.Opened is not null || fid.IsChanging)
            return Errno.Busy;
        fid.IsChanging = true;
        SharedFile? file = null;
        OpenedFile? opened = null;
        Qid qid = default;
        work.Act = (folder, _) => folder.Create(parent, name, flags, mode, out file, out opened, out qid);
        work.Done = (ref MessageWriter answer) =>
        {
            fid.IsChanging = false;
            if (IsKnown(fid))
                fid.Opened = opened;
            else
                opened!.Dispose();
            Replace(fid, file!);
            answer.Qid(qid);
            answer.Word(0);
        };
        work.Failed = () =>
        {
            fid.IsChanging = false;
            opened?.Dispose();
            file?.Dispose();
        };
        return 0;
    }

    private int Write(ShareWork work, ref MessageReader message, ReadOnlyMemory<byte> whole)
    {
        uint number = message.Word();
        ulong offset = message.Long();
        uint count = message.Word();
        message.Take(count);
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (FindOpened(work, number, out var opened) is not 0 and var error)
            return error;
        var content = whole.Slice(WriteHead, (int)count);
        int bytes = 0;
        work.Act = (folder, _) => folder.Write(opened, offset, content.Span, out bytes);
        work.Done = (ref MessageWriter answer) => answer.Word((uint)bytes);
        return 0;
    }

    private int SetAttributes(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word(), valid = message.Word(), mode = message.Word(), user = message.Word(), group = message.Word();
        ulong bytes = message.Long();
        FileTime accessed = new(message.Long(), message.Long()), modified = new(message.Long(), message.Long());
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out var fid, out var file) is not 0 and var error)
            return error;
        var opened = fid.Opened;
        if (opened is not null)
        {
            opened.Use();
            work.Uses.Add(opened);
        }

        FileChange change = new(
            (valid & SetMode) != 0 ? mode : null,
            (valid & SetUser) != 0 ? user : null,
            (valid & SetGroup) != 0 ? group : null,
            (valid & SetBytes) != 0 ? bytes : null,
            (valid & SetAccessed) != 0 ? new TimeChange((valid & GivesAccessed) != 0 ? accessed : null) : null,
            (valid & SetModified) != 0 ? new TimeChange((valid & GivesModified) != 0 ? modified : null) : null);
        work.Act = (folder, _) => folder.Change(file, opened, change);
        return 0;
    }

    private int MakeFolder(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text();
        uint mode = message.Word();
        message.Word();
        return Make(work, ref message, number, name,
            (ISharedFolder folder, SharedFile parent, out Qid qid) => folder.MakeFolder(parent, name, mode, out qid));
    }

    private int MakeSymbolicLink(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text(), target = message.Text();
        message.Word();
        if (target.Length >= LongestTarget)
            return Errno.NameTooLong;
        if (target.AsSpan().Contains((byte)0))
            return Errno.Invalid;
        return Make(work, ref message, number, name,
            (ISharedFolder folder, SharedFile parent, out Qid qid) => folder.MakeSymbolicLink(parent, name, target, out qid));
    }

    /// <summary>FIFOs and sockets are names by which programs of the Guest meet; a device would be the host's.</summary>
    private int MakeNode(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text();
        uint mode = message.Word();
        message.Word();
        message.Word();
        message.Word();
        if ((mode & KindOfFile) is not (0 or Fifo or RegularFile or Socket))
            return Errno.NotPermitted;
        return Make(work, ref message, number, name,
            (ISharedFolder folder, SharedFile parent, out Qid qid) => folder.MakeNode(parent, name, mode, out qid));
    }

    private delegate int Maker(ISharedFolder folder, SharedFile parent, out Qid qid);

    private int Make(ShareWork work, ref MessageReader message, uint number, byte[] name, Maker make)
    {
        if (Check(ref message, name) is not 0 and var bad)
            return bad;
        if (Find(work, number, out _, out var parent) is not 0 and var error)
            return error;
        Qid qid = default;
        work.Act = (folder, _) => make(folder, parent, out qid);
        work.Done = (ref MessageWriter answer) => answer.Qid(qid);
        return 0;
    }

    private int MakeLink(ShareWork work, ref MessageReader message) =>
        OfTwo(work, ref message, (folder, parent, file, name) => folder.MakeLink(parent, name, file));

    private int RenameFid(ShareWork work, ref MessageReader message) =>
        OfTwo(work, ref message, (folder, file, parent, name) => folder.Rename(file, parent, name));

    /// <summary>What is told of two files and a name.</summary>
    private int OfTwo(ShareWork work, ref MessageReader message, Func<ISharedFolder, SharedFile, SharedFile, byte[], int> act)
    {
        uint number = message.Word(), other = message.Word();
        byte[] name = message.Text();
        if (Check(ref message, name) is not 0 and var bad)
            return bad;
        if (Find(work, number, out _, out var first) is not 0 and var error)
            return error;
        if (Find(work, other, out _, out var second) is not 0 and var unknown)
            return unknown;
        work.Act = (folder, _) => act(folder, first, second, name);
        return 0;
    }

    private int Rename(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text();
        uint target = message.Word();
        byte[] newName = message.Text();
        if (Check(ref message, name) is not 0 and var bad)
            return bad;
        if (CheckName(newName) is not 0 and var worse)
            return worse;
        if (Find(work, number, out _, out var parent) is not 0 and var error)
            return error;
        if (Find(work, target, out _, out var newParent) is not 0 and var unknown)
            return unknown;
        work.Act = (folder, _) => folder.Rename(parent, name, newParent, newName);
        return 0;
    }

    private int Remove(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        byte[] name = message.Text();
        uint flags = message.Word();
        if (Check(ref message, name) is not 0 and var bad)
            return bad;
        if (Find(work, number, out _, out var parent) is not 0 and var error)
            return error;
        work.Act = (folder, _) => folder.Remove(parent, name, (flags & RemoveFolder) != 0);
        return 0;
    }

    /// <summary>Tremove gives up its fid in any case.</summary>
    private int RemoveFid(ShareWork work, ref MessageReader message)
    {
        uint number = message.Word();
        if (!message.IsWhole)
            return Errno.BadMessage;
        if (Find(work, number, out var fid, out var file) is not 0 and var error)
            return error;
        _fids.Remove(number);
        work.Uses.Add(file);
        if (fid.Opened is { } opened)
            work.Uses.Add(opened);
        if (isReadOnly)
            return Errno.ReadOnly;
        work.Act = (folder, _) => folder.Remove(file);
        return 0;
    }

    private static int Check(ref MessageReader message, byte[] name) => message.IsWhole ? CheckName(name) : Errno.BadMessage;
}
