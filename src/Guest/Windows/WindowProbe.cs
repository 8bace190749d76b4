// Whether this host can have windows: a page of a file in memory is mapped a second time, code reaches it through GS, and reaches beside it.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Windows;

/// <summary>Tries the host.</summary>
internal static unsafe class WindowProbe
{
    private const uint Sent = 0x1234567;
    private const uint Caught = 0x7654321;
    private static readonly Lazy<string?> _problem = new(Try);

    /// <summary>What this host lacks for windows; null if it has them. Asked once in a process.</summary>
    public static string? Problem => _problem.Value;

    private static string? Try()
    {
        if (Engines.TranslatorProblem is not null)
            return "there is no translator";
        using GuestMemory memory = new(GuestMemory.PageSize);
        if (memory.File < 0)
            return "memory cannot be mapped twice";
        if (FaultHandler.Install() is { } refused)
            return refused;
        using var window = Window.TryMake(memory, MappingBudget.OfProcess);
        if (window is null || !window.TryMap(GuestMemory.PageSize, new WindowPage(0, false), 1))
            return "there is no room for 4 GiB of addresses";
        memory.TryWrite(new GuestPhysical(8), Sent);
        if (!WindowRegister.TrySelect(window.Base))
            return "GS cannot be set";
        if (CodeMemory.TryMake(GuestMemory.PageSize, out string why) is not { } code)
            return why;
        using (code)
        using (NativePages state = new(sizeof(CpuState)))
        {
            // push r14; mov r14, rdi; mov eax, gs:[esi]; pop r14; ret
            ReadOnlySpan<byte> read = [0x41, 0x56, 0x49, 0x89, 0xfe, 0x65, 0x67, 0x8b, 0x06, 0x41, 0x5e, 0xc3];
            // mov eax, Caught; pop r14; ret
            ReadOnlySpan<byte> caught = [0xb8, 0x21, 0x43, 0x65, 0x07, 0x41, 0x5e, 0xc3];
            read.CopyTo(new Span<byte>(code.Writable, read.Length));
            caught.CopyTo(new Span<byte>(code.Writable + read.Length, caught.Length));
            var c = (CpuState*)state.Base;
            c->NativeFault = (nint)code.Executable + read.Length;
            var run = (delegate* unmanaged<CpuState*, uint, uint>)code.Executable;
            if (!FaultHandler.TryAdd((nint)code.Executable, (uint)GuestMemory.PageSize))
                return "there are too many Guests";
            bool good = run(c, GuestMemory.PageSize + 8) == Sent && run(c, 16) == Caught && c->FaultAddress == window.Base + 16;
            FaultHandler.Remove((nint)code.Executable);
            return good ? null : "a fault of emitted code does not come back";
        }
    }
}
