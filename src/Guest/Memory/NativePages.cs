// Guest RAM and CPU state live outside the managed heap: they must never move, must be page aligned, and must cost nothing until touched.
// This is the one place that asks the operating system for such memory.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Memory;

/// <summary>A zero-filled, page-aligned block of native memory. On Linux an anonymous private mapping (pages appear on first touch),
/// elsewhere
/// aligned memory from the C runtime.</summary>
public sealed unsafe partial class NativePages : IDisposable
{
    private const int ProtReadWrite = 3;
    private const int MapPrivateAnonymousNoReserve = 0x4022;
    private readonly bool _mapped;
    private byte* _base;

    /// <param name="bytes">Length in bytes; rounded up to whole 4096-byte pages.</param>
    /// <exception cref="OutOfMemoryException">The operating system has no such room.</exception>
    public NativePages(long bytes)
    {
        Length = (bytes + GuestMemory.PageSize - 1) & ~(long)(GuestMemory.PageSize - 1);
        if (OperatingSystem.IsLinux())
        {
            nint address = MemoryMap(0, (nuint)Length, ProtReadWrite, MapPrivateAnonymousNoReserve, -1, 0);
            if (address == -1)
                throw new OutOfMemoryException($"cannot map {Length} bytes");
            _base = (byte*)address;
            _mapped = true;
            return;
        }

        _base = (byte*)NativeMemory.AlignedAlloc((nuint)Length, GuestMemory.PageSize);
        NativeMemory.Clear(_base, (nuint)Length);
    }

    ~NativePages() => Release();

    /// <summary>First byte; null once disposed.</summary>
    public byte* Base => _base;

    /// <summary>Length in bytes, a multiple of 4096.</summary>
    public long Length { get; }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MemoryUnmap(nint address, nuint length);

    private void Release()
    {
        byte* old = _base;
        _base = null;
        if (old == null)
            return;
        if (_mapped)
            _ = MemoryUnmap((nint)old, (nuint)Length);
        else
            NativeMemory.AlignedFree(old);
    }
}
