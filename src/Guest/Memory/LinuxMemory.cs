// The calls to Linux by which memory is mapped: for Guest memory, for emitted code, and for windows. Only Linux gets here.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Memory;

/// <summary>mmap and what belongs to it. After a failure <see cref="Marshal.GetLastPInvokeError"/> says why.</summary>
internal static unsafe partial class LinuxMemory
{
    public const int None = 0;
    public const int Read = 1;
    public const int ReadWrite = 3;
    public const int ReadExecute = 5;

    public const int Shared = 1;
    public const int Private = 2;
    public const int Fixed = 0x10;
    public const int Anonymous = 0x20;
    public const int NoReserve = 0x4000;
    public const int Populate = 0x8000;
    public const int DoNotNeed = 4;
    public const int Remove = 9;

    /// <summary>What <see cref="Map"/> returns if it fails.</summary>
    public const nint Failed = -1;

    private const uint CloseOnExec = 1;

    /// <summary>A file that exists in memory only.</summary>
    /// <param name="name">What /proc shows.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="why">What the operating system refused, where the result is negative.</param>
    /// <returns>A file descriptor, to be closed.</returns>
    public static int MakeFile(string name, long bytes, out string why)
    {
        why = "";
        int file;
        try
        {
            file = MemoryFile(name, CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            why = "its C library has no memfd_create";
            return -1;
        }

        if (file < 0)
        {
            why = $"memfd_create failed (error {Marshal.GetLastPInvokeError()})";
            return -1;
        }

        if (Truncate(file, bytes) == 0)
            return file;
        why = $"no room for {bytes >> 20} MB (error {Marshal.GetLastPInvokeError()})";
        _ = Close(file);
        return -1;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int file, long length);
}
