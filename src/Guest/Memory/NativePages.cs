// Guest RAM and CPU state live outside the managed heap: they must never move, must be page aligned, and must cost nothing until touched.
// This is the one place that asks the operating system for such memory.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Memory;

/// <summary>A zero-filled, page-aligned block of native memory. On Linux a mapping whose pages appear on first touch, elsewhere aligned
/// memory from the C runtime.</summary>
public sealed unsafe class NativePages : IDisposable
{
    private const int Anonymous = LinuxMemory.Private | LinuxMemory.Anonymous | LinuxMemory.NoReserve;
    private readonly bool _mapped;
    private byte* _base;

    /// <param name="bytes">Length in bytes; rounded up to whole 4096-byte pages.</param>
    /// <param name="again">Whether the pages have to be mapped a second time (<see cref="File"/>), if the operating system can do
    /// that.</param>
    /// <exception cref="OutOfMemoryException">The operating system has no such room.</exception>
    public NativePages(long bytes, bool again = false)
    {
        Length = (bytes + GuestMemory.PageSize - 1) & ~(long)(GuestMemory.PageSize - 1);
        if (OperatingSystem.IsLinux())
        {
            File = again ? LinuxMemory.MakeFile("lguest-memory", Length, out _) : -1;
            nint address = LinuxMemory.Map(
                0, (nuint)Length, LinuxMemory.ReadWrite, File < 0 ? Anonymous : LinuxMemory.Shared | LinuxMemory.NoReserve, File, 0);
            if (address == LinuxMemory.Failed)
            {
                Release();
                throw new OutOfMemoryException($"cannot map {Length} bytes");
            }

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

    /// <summary>The file in memory whose pages these are, byte for byte; negative where there is none.</summary>
    internal int File { get; private set; } = -1;

    /// <summary>Lets the system have the pages until they are touched again; whether they are zeros then is its affair.</summary>
    public void GiveBack()
    {
        if (_mapped && File < 0)
            _ = LinuxMemory.Advise((nint)_base, (nuint)Length, LinuxMemory.DoNotNeed);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        byte* old = _base;
        _base = null;
        if (File >= 0)
            _ = LinuxMemory.Close(File);
        File = -1;
        if (old == null)
            return;
        if (_mapped)
            _ = LinuxMemory.Unmap((nint)old, (nuint)Length);
        else
            NativeMemory.AlignedFree(old);
    }
}
