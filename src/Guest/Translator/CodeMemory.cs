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
// A Guest's code has up to 16 MB. It is never freed piece by piece: what is forgotten just stays there unreachable, and when the room is
// used up, all blocks are forgotten and writing begins anew after the stubs. What is hot will soon be back.
using System.Runtime.InteropServices;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Translator;

/// <summary>A memfd with a writable and an executable mapping. Linux only; elsewhere <see cref="TryMake"/> says no.</summary>
internal sealed unsafe class CodeMemory : IDisposable
{
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
        int file = LinuxMemory.MakeFile("lguest-code", length, out why);
        if (file < 0)
            return null;
        try
        {
            nint writable = LinuxMemory.Map(0, length, LinuxMemory.ReadWrite, LinuxMemory.Shared, file, 0);
            nint executable = writable == LinuxMemory.Failed
                ? LinuxMemory.Failed : LinuxMemory.Map(0, length, LinuxMemory.ReadExecute, LinuxMemory.Shared, file, 0);
            if (executable != LinuxMemory.Failed)
                return new CodeMemory((byte*)writable, (byte*)executable, length);
            why = $"code may not be mapped to be executed (error {Marshal.GetLastPInvokeError()})";
            if (writable != LinuxMemory.Failed)
                _ = LinuxMemory.Unmap(writable, length);
            return null;
        }
        finally
        {
            _ = LinuxMemory.Close(file);
        }
    }

    /// <summary>Lets the system have the whole pages between two offsets until they are written again. Where it will not take them they
    /// stay.</summary>
    public void GiveBack(uint start, uint end)
    {
        start = (start + GuestMemory.PageSize - 1) & ~(uint)(GuestMemory.PageSize - 1);
        if (end > start)
            _ = LinuxMemory.Advise((nint)_writable + (nint)start, (end - start) & ~(uint)(GuestMemory.PageSize - 1), LinuxMemory.Remove);
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
        _ = LinuxMemory.Unmap((nint)_writable, Length);
        _ = LinuxMemory.Unmap((nint)_executable, Length);
        _writable = _executable = null;
    }
}
