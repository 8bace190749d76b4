// What changes a folder and the files in it: the third part of HostFolder.

using static Lguest.Devices.Share.LinuxCalls;

namespace Lguest.Devices.Share;

internal sealed partial class HostFolder
{
    private const long MostNanoseconds = 999_999_999;

    /// <inheritdoc/>
    public int Change(SharedFile file, OpenedFile? opened, FileChange change)
    {
        var host = (HostFile)file;
        int error = 0;
        if (change is { User: not null } or { Group: not null } && (error = CheckOwner(host, change)) != 0)
            return error;
        if (change.Bytes is { } bytes && (error = SetLength(host, (HostOpened?)opened, bytes)) != 0)
            return error;
        if (change.Mode is { } mode && (error = SetMode(host.Descriptor, mode)) != 0)
            return error;
        return change is { Accessed: null, Modified: null } ? 0 : SetTimes(host.Descriptor, change);
    }

    /// <summary>The owner stays who it is: a Guest may say that again, and no more.</summary>
    private int CheckOwner(HostFile file, FileChange change)
    {
        int error = Look(file, out var facts);
        return error != 0 ? error
            : (change.User ?? facts.User) == facts.User && (change.Group ?? facts.Group) == facts.Group ? 0 : Errno.NotPermitted;
    }

    private static int SetLength(HostFile file, HostOpened? opened, ulong bytes)
    {
        if (bytes > long.MaxValue)
            return Errno.Invalid;

        // One who has a file open for writing may cut it also where its mode would not allow to open it again.
        if (opened is not null && LinuxCalls.Resize(opened.Descriptor, (long)bytes) == 0)
            return 0;
        return WithName(file.Descriptor, name => Answer(LinuxCalls.Resize(in name[0], (long)bytes)));
    }

    /// <summary>A Guest makes no program that runs as somebody else; one that does may stay so.</summary>
    private static int SetMode(Descriptor file, uint mode)
    {
        if (Status(file, _empty, EmptyPath, out var status) != 0)
            return Error;
        uint wanted = (mode & Permissions) | (mode & status.Mode & SetIds);
        return wanted == (status.Mode & (Permissions | SetIds)) ? 0
            : WithName(file, name => Answer(ChangeMode(in name[0], wanted)));
    }

    private static int SetTimes(Descriptor file, FileChange change)
    {
        TimePair pair = new()
        {
            AccessedSeconds = (long)(change.Accessed?.Time?.Seconds ?? 0),
            AccessedNanoseconds = NanosecondsOf(change.Accessed),
            ModifiedSeconds = (long)(change.Modified?.Time?.Seconds ?? 0),
            ModifiedNanoseconds = NanosecondsOf(change.Modified),
        };
        return pair is { AccessedNanoseconds: >= 0, ModifiedNanoseconds: >= 0 }
            ? WithName(file, name => Answer(LinuxCalls.SetTimes(CurrentFolder, in name[0], in pair, 0))) : Errno.Invalid;
    }

    /// <summary>-1 for a number that is no time.</summary>
    private static long NanosecondsOf(TimeChange? change) => change switch
    {
        null => TimePair.Omit,
        { Time: null } => TimePair.Now,
        { Time.Nanoseconds: > MostNanoseconds } => -1,
        { Time: { } time } => (long)time.Nanoseconds,
    };

    /// <inheritdoc/>
    public int MakeFolder(SharedFile folder, byte[] name, uint mode, out Qid qid) =>
        Make(folder, name, mode, (parent, ended) => LinuxCalls.MakeFolder(parent, in ended[0], mode & Permissions), out qid);

    /// <inheritdoc/>
    public int MakeSymbolicLink(SharedFile folder, byte[] name, byte[] target, out Qid qid)
    {
        byte[] text = [.. target, 0];
        return Make(folder, name, null, (parent, ended) => LinuxCalls.MakeSymbolicLink(in text[0], parent, in ended[0]), out qid);
    }

    /// <inheritdoc/>
    public int MakeNode(SharedFile folder, byte[] name, uint mode, out Qid qid) => Make(folder, name, mode,
        (parent, ended) => LinuxCalls.MakeNode(parent, in ended[0], mode & (KindOfFile | Permissions), 0), out qid);

    /// <inheritdoc/>
    public int MakeLink(SharedFile folder, byte[] name, SharedFile file)
    {
        byte[] ended = [.. name, 0];
        return WithName(((HostFile)file).Descriptor, own =>
            Answer(LinuxCalls.MakeLink(CurrentFolder, in own[0], ((HostFile)folder).Descriptor, in ended[0], Follow)));
    }

    /// <inheritdoc/>
    public int Rename(SharedFile folder, byte[] name, SharedFile newFolder, byte[] newName) =>
        Move((HostFile)folder, [.. name, 0], newFolder, newName);

    /// <inheritdoc/>
    public int Remove(SharedFile folder, byte[] name, bool isFolder)
    {
        byte[] ended = [.. name, 0];
        return Answer(LinuxCalls.Remove(((HostFile)folder).Descriptor, in ended[0], isFolder ? RemoveFolder : 0));
    }

    /// <inheritdoc/>
    public int Rename(SharedFile file, SharedFile newFolder, byte[] newName)
    {
        var host = (HostFile)file;
        int error = CheckName(host);
        return error != 0 ? error : Move(host.Parent!, host.Name, newFolder, newName);
    }

    /// <inheritdoc/>
    public int Remove(SharedFile file)
    {
        var host = (HostFile)file;
        int error = CheckName(host);
        return error != 0 ? error
            : Answer(LinuxCalls.Remove(host.Parent!.Descriptor, in host.Name[0], host.Kind == FolderKind ? RemoveFolder : 0));
    }

    /// <summary>Whether a file still has the name by which it was found; the shared folder has none that is a Guest's.</summary>
    private static int CheckName(HostFile file)
    {
        if (file.Parent is null)
            return Errno.Busy;
        if (Status(file.Parent.Descriptor, file.Name, NoFollow, out var status) != 0)
            return Error;
        return IdentityOf(status) == file.Id ? 0 : Errno.Stale;
    }

    private static int Move(HostFile folder, byte[] ended, SharedFile newFolder, byte[] newName)
    {
        byte[] newEnded = [.. newName, 0];
        return Answer(LinuxCalls.Rename(folder.Descriptor, in ended[0], ((HostFile)newFolder).Descriptor, in newEnded[0]));
    }

    private int Make(SharedFile folder, byte[] name, uint? mode, Func<Descriptor, byte[], int> make, out Qid qid)
    {
        qid = default;
        var parent = ((HostFile)folder).Descriptor;
        byte[] ended = [.. name, 0];
        if (make(parent, ended) != 0)
            return Error;
        using var made = OpenPath(parent, ended);
        if (made.IsInvalid || Status(made, _empty, EmptyPath, out var status) != 0)
            return Error;

        // The mask of this process is not that of the program in the Guest, which has seen to its own.
        if (mode is { } wanted && SetMode(made, wanted) is not 0 and var error)
            return error;
        qid = QidOf(status);
        return 0;
    }
}
