// Where emitted code lives. The same pages are mapped twice: at one address they may be written, at another they may be executed, and at no
// address both (W^X). The Guest can reach neither: its own memory is another mapping, and emitted code forms addresses only through the
// soft TLB.
//
//J:Translator:150 Two addresses for the same code
// Pages that can be written and executed are what every exploit looks for, and many systems refuse them. To change the rights of a page for
// each new block would be a system call that interrupts other threads. So a file that exists in memory only is mapped twice: the translator
// writes at one address, the processor executes at another, and a pointer to one tells nothing about the other. A system that forbids even
// this (a security module, a sandbox) says so when the second mapping is made; then there is no translator, and auto means the interpreter.
//
// A Guest's code has 16 MB. It is never freed piece by piece: what is forgotten just stays there unreachable, and when the room is used up,
// all blocks are forgotten and writing begins anew after the stubs. What is hot will soon be back.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Translator;

/// <summary>A memfd with a writable and an executable mapping. Linux only; elsewhere <see cref="TryMake"/> says no.</summary>
internal sealed unsafe partial class CodeMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int Shared = 1;
    private const uint CloseOnExec = 1;
    private byte* _writable;
    private byte* _executable;

    private CodeMemory(byte* writable, byte* executable, uint length)
    {
        _writable = writable;
        _executable = executable;
        Length = length;
    }

    ~CodeMemory() => Release();

    /// <summary>Bytes, a multiple of the page size.</summary>
    public uint Length { get; }

    /// <summary>Where the code is written.</summary>
    public byte* Writable => _writable;

    /// <summary>Where it is executed.</summary>
    public byte* Executable => _executable;

    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="why">What the operating system refused, where the result is null.</param>
    public static CodeMemory? TryMake(uint length, out string why)
    {
        why = "";
        int fd;
        try
        {
            fd = MemoryFile("lguest-code", CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            why = "its C library has no memfd_create";
            return null;
        }

        if (fd < 0)
        {
            why = $"memfd_create failed (error {Marshal.GetLastPInvokeError()})";
            return null;
        }

        try
        {
            if (Truncate(fd, length) != 0)
            {
                why = $"no room for {length >> 20} MB of code (error {Marshal.GetLastPInvokeError()})";
                return null;
            }

            nint writable = Map(0, length, ReadWrite, Shared, fd, 0);
            nint executable = writable == -1 ? -1 : Map(0, length, ReadExecute, Shared, fd, 0);
            if (executable != -1)
                return new CodeMemory((byte*)writable, (byte*)executable, length);
            why = $"code may not be mapped to be executed (error {Marshal.GetLastPInvokeError()})";
            if (writable != -1)
                _ = Unmap(writable, length);
            return null;
        }
        finally
        {
            _ = Close(fd);
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_writable == null)
            return;
        _ = Unmap((nint)_writable, Length);
        _ = Unmap((nint)_executable, Length);
        _writable = _executable = null;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);
}
