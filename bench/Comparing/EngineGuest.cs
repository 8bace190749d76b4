// A bare Guest that runs one program of EnginePrograms on one engine, and counts its rounds where the measurement can read them.

using Iced.Intel;
using Lguest.Bench.Machine;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Switcher.Slots;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <summary>A program on an engine.</summary>
/// <param name="round">One round of it.</param>
/// <param name="engine">What executes it.</param>
/// <param name="translator">Bounds of the translator; null for the usual ones.</param>
internal sealed class EngineGuest(Action<Assembler> round, EngineKind engine, TranslatorSettings? translator = null) : IDisposable
{
    /// <summary>From <see cref="BenchGuest.BufferAt"/> on.</summary>
    public const uint DataBytes = 1 << 20;

    /// <summary>Where each round leaves what it came to, and behind it how many there were.</summary>
    public const uint ResultAt = BenchGuest.BufferAt + DataBytes - 64;

    private static readonly RunSettings _longSlice = new(1_000_000_000, 20_000);

    private readonly BenchGuest _guest = new(
        a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            RoundAndCount(a, round);
            a.jmp(again);
        },
        engine,
        translator);

    public ulong Instructions => _guest.Slot.Processor.Instructions;

    public uint Result => Read(ResultAt);

    public uint Rounds => Read(ResultAt + 4);

    public static void RoundAndCount(Assembler a, Action<Assembler> round)
    {
        round(a);
        a.mov(edi, ResultAt);
        a.mov(__dword_ptr[edi], eax);
        a.inc(__dword_ptr[edi + 4]);
    }

    /// <summary>Whether the program has been given a window.</summary>
    public bool HasWindow => _guest.Slot.Processor.Windows is { Made: > 0 };

    /// <summary>Runs the program in ring 3, where it gets a window, if the host has any, when it has run for a while.</summary>
    public void GoOnInRing3()
    {
        while (Rounds == 0)
            _guest.RunFor(TimeSpan.FromMilliseconds(1));
        _guest.GoOnInRing3();
    }

    public void RunFor(TimeSpan duration) => _guest.RunFor(duration);

    /// <summary>Runs until <see cref="Ask"/> is called, or has been.</summary>
    public void RunUntilAsked() => _guest.Slot.Enter(_longSlice);

    /// <summary>Asks the Guest to leave. Any thread.</summary>
    public void Ask() => _guest.Slot.RequestLeave();

    public void Dispose() => _guest.Dispose();

    private uint Read(uint address) => BitConverter.ToUInt32(_guest.Memory.Span(new GuestPhysical(address), sizeof(uint)));
}
