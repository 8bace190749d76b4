// The host itself as the peer of the engines: the same loop in 64-bit mode, with the same memory at the same addresses, which the host's
// first 4 GB have room for. Every access to memory carries a prefix for its 32-bit address and a return address takes eight bytes; all
// else is the same instruction.

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Lguest.Bench.Machine;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <summary>A program of <see cref="EnginePrograms"/> as host code.</summary>
internal sealed unsafe partial class NativeProgram : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymousThere = 0x100022;

    private readonly CodeMemory _code;
    private readonly nint _data;

    private NativeProgram(CodeMemory code, nint data)
    {
        _code = code;
        _data = data;
    }

    /// <summary>What the rounds came to.</summary>
    public uint Result => *(uint*)(_data + (nint)(EngineGuest.ResultAt - BenchGuest.BufferAt));

    /// <returns>Null where the host runs no such code or has no room at these addresses.</returns>
    public static NativeProgram? TryMake(Action<Assembler> round)
    {
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported || CodeMemory.TryMake(1 << 16, out _) is not { } code)
            return null;
        nint data = Map((nint)BenchGuest.BufferAt, EngineGuest.DataBytes, ReadWrite, PrivateAnonymousThere, -1, 0);
        if (data != (nint)BenchGuest.BufferAt)
        {
            if (data != -1)
                _ = Unmap(data, EngineGuest.DataBytes);
            code.Dispose();
            return null;
        }

        var a = new Assembler(64);
        var again = a.CreateLabel();
        a.push(rbx);
        a.push(rbp);
        a.mov(r8d, edi);
        a.Label(ref again);
        EngineGuest.RoundAndCount(a, round);
        a.dec(r8d);
        a.jne(again);
        a.pop(rbp);
        a.pop(rbx);
        a.ret();
        using var bytes = new MemoryStream();
        a.Assemble(new StreamCodeWriter(bytes), (ulong)code.Executable);
        bytes.ToArray().CopyTo(new Span<byte>(code.Writable, (int)code.Length));
        return new NativeProgram(code, data);
    }

    public void Run(uint rounds) => ((delegate* unmanaged<uint, void>)_code.Executable)(rounds);

    public void Dispose()
    {
        _code.Dispose();
        _ = Unmap(_data, EngineGuest.DataBytes);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
