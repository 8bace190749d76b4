// Whether this host can have windows: a page of a file in memory is mapped a second time, code reaches it through GS, and reaches beside
// it.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Windows;

/// <summary>Tries the host.</summary>
internal static unsafe class WindowProbe
{
    private const uint Sent = 0x1234567;
    private const uint Caught = 0x7654321;

    /// <summary>A window gains at most half a cycle in each instruction; so many of them pay for a cycle of a fault.</summary>
    private const long InstructionsACycle = 2;

    private const int Tries = 15;

    /// <summary>Where in the code the one is that reads the counter of cycles.</summary>
    private const int Cycles = 64;
    private static readonly Lazy<string?> _problem = new(Try);
    private static long _faultCycles;

    /// <summary>What this host lacks for windows; null if it has them. Asked once in a process.</summary>
    public static string? Problem => _problem.Value;

    /// <summary>How many instructions must run with a window for each page that is mapped or taken away. Hosts differ by five times in
    /// what that costs, virtual ones most of all.</summary>
    public static long InstructionsAFault => Problem is null ? _faultCycles * InstructionsACycle : long.MaxValue;

    private static string? Try()
    {
        if (Engines.TranslatorProblem is not null)
            return "there is no translator";
        using GuestMemory memory = new((Tries + 1) * 2 * GuestMemory.PageSize);
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
        using (NativePages state = new(sizeof(EngineState)))
        {
            // push r14; mov r14, rdi; mov eax, gs:[esi]; pop r14; ret
            ReadOnlySpan<byte> read = [0x41, 0x56, 0x49, 0x89, 0xfe, 0x65, 0x67, 0x8b, 0x06, 0x41, 0x5e, 0xc3];
            // mov eax, Caught; pop r14; ret
            ReadOnlySpan<byte> caught = [0xb8, 0x21, 0x43, 0x65, 0x07, 0x41, 0x5e, 0xc3];
            read.CopyTo(new Span<byte>(code.Writable, read.Length));
            // rdtsc; shl rdx, 32; or rax, rdx; ret
            ReadOnlySpan<byte> cycles = [0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3];
            cycles.CopyTo(new Span<byte>(code.Writable + Cycles, cycles.Length));
            caught.CopyTo(new Span<byte>(code.Writable + read.Length, caught.Length));
            var e = (EngineState*)state.Base;
            var c = &e->Cpu;
            e->NativeFault = (nint)code.Executable + read.Length;
            var run = (delegate* unmanaged<CpuState*, uint, uint>)code.Executable;
            if (!FaultHandler.TryAdd((nint)code.Executable, (uint)GuestMemory.PageSize))
                return "there are too many Guests";
            bool good = run(c, GuestMemory.PageSize + 8) == Sent && run(c, 16) == Caught && e->FaultAddress == window.Base + 16;
            _faultCycles = Measure(window, run, (delegate* unmanaged<long>)(code.Executable + Cycles), c);
            FaultHandler.Remove((nint)code.Executable);
            return good ? null : "a fault of emitted code does not come back";
        }
    }

    /// <summary>What it takes to fault, to map a page, and to touch it: the median of a few, in cycles.</summary>
    private static long Measure(
        Window window, delegate* unmanaged<CpuState*, uint, uint> run, delegate* unmanaged<long> cycles, CpuState* c)
    {
        long[] taken = new long[Tries];
        for (uint i = 0; i < Tries; i++)
        {
            uint linear = (16 + (i * 2)) * GuestMemory.PageSize;
            long start = cycles();
            run(c, linear);
            window.TryMap(linear, new WindowPage((i * 2) + 1, true), 1);
            run(c, linear);
            taken[i] = cycles() - start;
        }

        Array.Sort(taken);
        return taken[Tries / 2];
    }
}
