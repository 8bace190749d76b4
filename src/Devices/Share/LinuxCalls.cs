// The system calls by which a folder is used without naming a path that a Guest could have a say in: each works on a descriptor, or on one
// name in a folder that is a descriptor. Names end with a zero byte here. What answers with -1 has left an errno.

using System.Runtime.InteropServices;

namespace Lguest.Devices.Share;

/// <summary>Calls of the C library, on Linux on x86-64 and Arm64.</summary>
internal static partial class LinuxCalls
{
    public const int CurrentFolder = -100; // AT_FDCWD
    public const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    public const int RemoveFolder = 0x200; // AT_REMOVEDIR
    public const int Follow = 0x400; // AT_SYMLINK_FOLLOW
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH

    // Flags of open(2). Three of them have other values on Arm.
    public const int Create = 0x40; // O_CREAT
    public const int Exclusive = 0x80; // O_EXCL
    public const int NoTerminal = 0x100; // O_NOCTTY
    public const int Truncate = 0x200; // O_TRUNC
    public const int Append = 0x400; // O_APPEND
    public const int NonBlocking = 0x800; // O_NONBLOCK
    public const int Synchronous = 0x101000; // O_SYNC
    public const int CloseOnExec = 0x80000; // O_CLOEXEC
    public const int PathOnly = 0x200000; // O_PATH

    public const ulong Beneath = 0x08; // RESOLVE_BENEATH
    public const ulong NoMagicLinks = 0x02; // RESOLVE_NO_MAGICLINKS

    public const int TestLock = 36; // F_OFD_GETLK
    public const int SetLock = 37; // F_OFD_SETLK

    /// <summary>What statx(2) is to find out: STATX_BASIC_STATS.</summary>
    public const uint BasicFacts = 0x7ff;

    private const int OpenAt2 = 437;

    private static readonly bool _isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Whether the numbers here are this host's.</summary>
    public static bool AreHere =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public static int Folder { get; } = _isArm ? 0x4000 : 0x10000; // O_DIRECTORY

    public static int NoLink { get; } = _isArm ? 0x8000 : 0x20000; // O_NOFOLLOW

    /// <summary>Of the call that has just failed on this thread.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>openat2(2), for what lies in a folder.</summary>
    public static Descriptor OpenBeneath(Descriptor folder, ReadOnlySpan<byte> name, int flags)
    {
        OpenHow how = new() { Flags = (ulong)flags, Resolve = Beneath | NoMagicLinks };
        return OpenAtTwo(OpenAt2, folder, in MemoryMarshal.GetReference(name), in how, (nuint)Marshal.SizeOf<OpenHow>());
    }

    /// <summary>statx(2).</summary>
    public static int Status(Descriptor file, ReadOnlySpan<byte> name, int flags, out FileStatus status) =>
        (int)Statx(_isArm ? 291 : 332, file, in MemoryMarshal.GetReference(name), flags, (nint)BasicFacts, out status);

    /// <summary>getdents64(2).</summary>
    public static int List(Descriptor folder, Span<byte> into) =>
        (int)GetEntries(_isArm ? 61 : 217, folder, ref MemoryMarshal.GetReference(into), (nuint)into.Length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial Descriptor OpenAtTwo(nint number, Descriptor folder, in byte name, in OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Statx(nint number, Descriptor file, in byte name, nint flags, nint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint GetEntries(nint number, Descriptor folder, ref byte into, nuint bytes);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial Descriptor Open(Descriptor folder, in byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial Descriptor Open(in byte path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true)]
    public static partial int Access(in byte path, int how);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(Descriptor file, ref byte into, nuint bytes, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(Descriptor file, in byte from, nuint bytes, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(Descriptor file, long offset, int from);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLink(Descriptor link, in byte name, ref byte into, nuint bytes);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeFolder(Descriptor folder, in byte name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int MakeSymbolicLink(in byte target, Descriptor folder, in byte name);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNode(Descriptor folder, in byte name, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int MakeLink(int from, in byte path, Descriptor folder, in byte name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int Rename(Descriptor folder, in byte name, Descriptor newFolder, in byte newName);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int Remove(Descriptor folder, in byte name, int flags);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    public static partial int ChangeMode(in byte path, uint mode);

    [LibraryImport("libc", EntryPoint = "truncate", SetLastError = true)]
    public static partial int Resize(in byte path, long bytes);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Resize(Descriptor file, long bytes);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    public static partial int SetTimes(int from, in byte path, in TimePair times, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(Descriptor file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int SyncData(Descriptor file);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int Space(Descriptor file, out SpaceStatus space);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Lock(Descriptor file, int command, ref LockStatus range);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint User();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint Group();

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx, the same on all processors.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(4)]
        public uint BlockBytes;

        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Bytes;

        [FieldOffset(48)]
        public ulong Blocks;

        [FieldOffset(64)]
        public long AccessedSeconds;

        [FieldOffset(72)]
        public uint AccessedNanoseconds;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(128)]
        public uint OwnMajor;

        [FieldOffset(132)]
        public uint OwnMinor;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    /// <summary>struct statfs of 64-bit processors.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public struct SpaceStatus
    {
        [FieldOffset(8)]
        public long BlockBytes;

        [FieldOffset(16)]
        public ulong Blocks;

        [FieldOffset(24)]
        public ulong Free;

        [FieldOffset(32)]
        public ulong Available;

        [FieldOffset(40)]
        public ulong Files;

        [FieldOffset(48)]
        public ulong FreeFiles;

        [FieldOffset(56)]
        public ulong Id;

        [FieldOffset(64)]
        public long LongestName;
    }

    /// <summary>Two struct timespec: when a file was read, and when it was written.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimePair
    {
        public const long Now = (1 << 30) - 1; // UTIME_NOW
        public const long Omit = (1 << 30) - 2; // UTIME_OMIT

        public long AccessedSeconds;
        public long AccessedNanoseconds;
        public long ModifiedSeconds;
        public long ModifiedNanoseconds;
    }

    /// <summary>struct flock of 64-bit processors.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct LockStatus
    {
        [FieldOffset(0)]
        public short Kind;

        [FieldOffset(8)]
        public long Start;

        [FieldOffset(16)]
        public long Length;

        [FieldOffset(24)]
        public int Process;
    }
}
