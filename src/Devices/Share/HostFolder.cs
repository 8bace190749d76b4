// A folder of the host as a Guest may use it. Nothing outside of it is reached, whatever links, names and nodes the Guest makes: each call
// goes from a descriptor by one name without a slash, symbolic links are the Guest's to follow, ".." is the way back that was walked, and
// only regular files and folders are opened. What the host's user may not do, the Guest may not.

using System.Runtime.InteropServices;
using System.Text;
using Lguest.Devices.Files;
using static Lguest.Devices.Share.LinuxCalls;

namespace Lguest.Devices.Share;

//J:Drivers:820 A folder that cannot be left
// A server that follows paths loses: between its look at "docs/readme" and its use of it, the Guest makes docs a link to /etc. So there are
// no paths here. A fid is a descriptor that names a file, and stays with that file wherever it is moved. From it one goes on by a single
// name, and the system is told to follow no link (O_NOFOLLOW, and with openat2 to stay beneath in any case). What is found is looked at
// before it is opened, by the same descriptor: a FIFO would hold up the thread that opens it, a device may do anything. A link is text, and
// the Guest that reads it starts again at the top, which is the Guest's.

/// <summary>The files of one folder.</summary>
internal sealed partial class HostFolder : ISharedFolder
{
    /// <summary>Folders in folders that a Guest can go down into; the longest path of Linux has twice as many at most.</summary>
    public const int Deepest = 1024;

    private const uint KindOfFile = 0xf000; // S_IFMT
    private const uint RegularFile = 0x8000; // S_IFREG
    private const uint FolderKind = 0x4000; // S_IFDIR
    private const uint LinkKind = 0xa000; // S_IFLNK
    private const uint Permissions = 0x3ff; // the bits that anybody may set: 01777
    private const uint SetIds = 0xc00; // S_ISUID | S_ISGID
    private const uint Nobody = 65534;
    private const int ReadAndSearch = 5; // R_OK | X_OK
    private const ulong Spread = 0x9e3779b97f4a7c15;

    private static readonly byte[] _empty = [0];

    private readonly HostFile _root;
    private readonly bool _hasBeneath;
    private readonly uint _user = User();
    private readonly uint _group = Group();
    private readonly int _mostFiles;
    private int _files;

    private HostFolder(HostFile root, bool hasBeneath, int mostFiles) => (_root, _hasBeneath, _mostFiles) = (root, hasBeneath, mostFiles);

    /// <summary>Opens a folder.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="plain">Whether to do without openat2, as on a kernel before 5.6.</param>
    /// <param name="mostFiles">Descriptors that a Guest may have; 0 for a part of what this process may.</param>
    /// <exception cref="RefusedException">There is none, or this host cannot share it.</exception>
    public static HostFolder Open(string path, bool plain = false, int mostFiles = 0)
    {
        if (!AreHere)
            throw new RefusedException($"folder {path} cannot be shared: that needs Linux on x86-64 or Arm64 as the host");
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        var descriptor = LinuxCalls.Open(in name[0], PathOnly | Folder | CloseOnExec, 0);
        int error = descriptor.IsInvalid ? Error : Access(in name[0], ReadAndSearch) != 0 ? Error : 0;
        if (error == 0 && Status(descriptor, _empty, EmptyPath, out var status) == 0)
        {
            HostFile root = new(descriptor, null, [], IdentityOf(status), FolderKind, null);
            return new HostFolder(root, !plain && HasBeneath(descriptor),
                mostFiles > 0 ? mostFiles : (int)Math.Min(OpenFileLimit.Now / 4, 1 << 16));
        }

        descriptor.Dispose();
        throw new RefusedException(error switch
        {
            Errno.NoEntry => $"there is no folder {path} to share; check the path",
            Errno.NotFolder => $"{path} cannot be shared: it is not a folder; name one",
            Errno.AccessDenied => $"folder {path} cannot be shared: no permission; change its rights or name another",
            _ => $"folder {path} cannot be shared: {Marshal.GetPInvokeErrorMessage(error)}; name another",
        });
    }

    /// <summary>Descriptors that a Guest has now.</summary>
    public int Files => Volatile.Read(ref _files);

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    /// <inheritdoc/>
    public SharedFile Root()
    {
        _root.Use();
        return _root;
    }

    /// <inheritdoc/>
    public int Walk(SharedFile from, IReadOnlyList<byte[]> names, Span<Qid> qids, out int walked, out SharedFile? last)
    {
        var here = (HostFile)from;
        here.Use();
        last = null;
        for (walked = 0; walked < names.Count; walked++)
        {
            int error = Step(here, names[walked], out var next, out qids[walked]);
            here.Dispose();
            if (error != 0)
                return walked == 0 ? error : 0;
            here = next!;
        }

        last = here;
        return 0;
    }

    /// <inheritdoc/>
    public int Look(SharedFile file, out FileFacts facts)
    {
        facts = default;
        if (Status(((HostFile)file).Descriptor, _empty, EmptyPath, out var status) != 0)
            return Error;
        facts = new FileFacts(QidOf(status), status.Mode, Shown(status.User, _user), Shown(status.Group, _group), status.Links,
            Number(status.OwnMajor, status.OwnMinor), status.Bytes, status.BlockBytes, status.Blocks,
            TimeOf(status.AccessedSeconds, status.AccessedNanoseconds), TimeOf(status.ModifiedSeconds, status.ModifiedNanoseconds),
            TimeOf(status.ChangedSeconds, status.ChangedNanoseconds));
        return 0;
    }

    /// <inheritdoc/>
    public int Space(SharedFile file, out SpaceFacts facts)
    {
        int result = LinuxCalls.Space(((HostFile)file).Descriptor, out var space);
        facts = new SpaceFacts((uint)space.BlockBytes, space.Blocks, space.Free, space.Available, space.Files, space.FreeFiles, space.Id,
            (uint)space.LongestName);
        return Answer(result);
    }

    /// <inheritdoc/>
    public int ReadLink(SharedFile link, Span<byte> into, out int bytes)
    {
        bytes = (int)LinuxCalls.ReadLink(((HostFile)link).Descriptor, in _empty[0], ref MemoryMarshal.GetReference(into),
            (nuint)into.Length);
        return bytes >= 0 ? 0 : Error is Errno.NoEntry ? Errno.Invalid : Error;
    }

    /// <summary>One name on.</summary>
    private int Step(HostFile from, byte[] name, out HostFile? next, out Qid qid)
    {
        qid = default;
        next = null;
        if (name is [(byte)'.', (byte)'.'])
        {
            var up = from.Kind == FolderKind ? from.Parent ?? from : null;
            if (up is null)
                return Errno.NotFolder;
            if (Status(up.Descriptor, _empty, EmptyPath, out var there) != 0)
                return Error;
            up.Use();
            (next, qid) = (up, QidOf(there));
            return 0;
        }

        if (from.Depth >= Deepest)
            return Errno.NameTooLong;
        byte[] ended = [.. name, 0];
        var descriptor = OpenPath(from.Descriptor, ended);
        if (descriptor.IsInvalid)
            return Error;
        return Keep(descriptor, from, ended, out next, out qid);
    }

    /// <summary>Makes a file of a descriptor that names it.</summary>
    private int Keep(Descriptor descriptor, HostFile parent, byte[] ended, out HostFile? file, out Qid qid)
    {
        (file, qid) = (null, default);
        int error = Status(descriptor, _empty, EmptyPath, out var status) != 0 ? Error : Admit();
        if (error != 0)
        {
            descriptor.Dispose();
            return error;
        }

        parent.Use();
        file = new HostFile(descriptor, parent, ended, IdentityOf(status), status.Mode & KindOfFile, Leave);
        qid = QidOf(status);
        return 0;
    }

    private Descriptor OpenPath(Descriptor folder, byte[] ended)
    {
        int flags = PathOnly | NoLink | CloseOnExec;
        return _hasBeneath ? OpenBeneath(folder, ended, flags) : LinuxCalls.Open(folder, in ended[0], flags, 0);
    }

    /// <summary>A kernel before 5.6 does not know the call, and a container's filter may forbid it.</summary>
    private static bool HasBeneath(Descriptor folder)
    {
        using var again = OpenBeneath(folder, [(byte)'.', 0], PathOnly | CloseOnExec);
        return !again.IsInvalid;
    }

    private int Admit()
    {
        if (Interlocked.Increment(ref _files) <= _mostFiles)
            return 0;
        Leave();
        return Errno.TooManyFiles;
    }

    private void Leave() => Interlocked.Decrement(ref _files);

    private static int Answer(int result) => result == 0 ? 0 : Error;

    private static HostFile.Identity IdentityOf(FileStatus status) =>
        new(Number(status.DeviceMajor, status.DeviceMinor), status.Inode);

    /// <summary>The number of a device, as programs have it.</summary>
    private static ulong Number(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((major & 0xfffu) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);

    /// <summary>Files of another file system that is mounted somewhere in the folder have numbers of their own.</summary>
    private Qid QidOf(FileStatus status)
    {
        ulong elsewhere = Number(status.DeviceMajor, status.DeviceMinor) ^ _root.Id.Device;
        var kind = (status.Mode & KindOfFile) switch
        {
            FolderKind => QidKind.Folder,
            LinkKind => QidKind.SymbolicLink,
            _ => QidKind.File,
        };
        uint version = (uint)(status.ModifiedSeconds ^ ((long)status.ModifiedNanoseconds << 2) ^ ((long)status.Bytes << 8));
        return new Qid(kind, version, status.Inode ^ (elsewhere * Spread));
    }

    /// <summary>What belongs to the user of this process is root's in the Guest, where all are root; what is root's here is nobody's
    /// there, since it does not belong to the Guest.</summary>
    private static uint Shown(uint owner, uint own) => owner == own ? 0 : owner == 0 ? Nobody : owner;

    private static FileTime TimeOf(long seconds, uint nanoseconds) => new((ulong)seconds, nanoseconds);
}
