// A Guest whose kernel is a loop of a few instructions, for measuring the core and the Switcher's work on a lent slot without any actor:
// ring 1, the conventions of Linux 3.x, linear addresses equal to physical ones.

using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Machine;

/// <summary>Memory with a program in it, and the slot that runs it.</summary>
internal sealed class BenchGuest : IDisposable
{
    public const uint BufferAt = 0x200000;

    private const uint CodeAt = 0x100000;
    private const uint SharedAt = 0x80000;
    private const uint StackTop = 0x90000;
    private const long Megabyte = 1 << 20;

    private static readonly RunSettings _settings = new(2_000_000, 20_000);

    /// <summary>That of the product.</summary>
    private static readonly EngineKind _engineOfProduct = SwitcherSettings.From(SwitcherSettings.Reference(1)).Engine;

    /// <param name="program">What the Guest does after its LGUEST_INIT; it must not end.</param>
    /// <param name="engine">What executes it; null for what the product would take.</param>
    /// <param name="translator">Bounds of the translator; null for the usual ones.</param>
    public BenchGuest(Action<Assembler> program, EngineKind? engine = null, TranslatorSettings? translator = null)
    {
        Memory = Load(program);
        Slot = new GuestSlot(Memory, Start, SystemClock.Instance, ClockKind.Real, pae: null, engine: engine ?? _engineOfProduct,
            translator: translator);
    }

    public static GuestVirtual Start { get; } = new(CodeAt);

    public GuestMemory Memory { get; }

    public GuestSlot Slot { get; }

    /// <summary>The program, which has begun, goes on in ring 3, with flat segments. It must not need anything from ring 1.</summary>
    public void GoOnInRing3()
    {
        var processor = Slot.Processor;
        for (var register = SegmentRegister.Es; register <= SegmentRegister.Ds; register++)
            processor.SetFlatSegment(register, 3, register == SegmentRegister.Cs, 3);
        unsafe
        {
            processor.State->Cpl = 3;
        }

        processor.RefreshMode();
    }

    /// <summary>Runs slices for at least so long.</summary>
    public void RunFor(TimeSpan duration)
    {
        var clock = SystemClock.Instance;
        long end = clock.Monotonic + (long)duration.TotalNanoseconds;
        while (clock.Monotonic < end)
            if (Slot.Enter(_settings) is not ExitReason.Budget)
                throw new InvalidOperationException($"the measured Guest left its loop: {Slot.End?.Text}");
    }

    /// <summary>Guest memory with the program at <see cref="Start"/>.</summary>
    public static GuestMemory Load(Action<Assembler> program)
    {
        var layout = LguestDataLayout.Linux3;
        var memory = new GuestMemory(8 * Megabyte, 0);
        memory.Span(new GuestPhysical((uint)(SharedAt + layout.HcallStatus)), LguestDataLayout.RingSlots).Fill(LguestDataLayout.SlotFree);
        memory.TryWrite(new GuestPhysical((uint)(SharedAt + layout.BlockedInterrupts)), 1u);
        memory.TryWrite(new GuestPhysical((uint)(SharedAt + layout.KernelAddress)), 0xc0000000u);
        memory.TryWrite(new GuestPhysical((uint)(SharedAt + layout.SyscallVector)), (uint)GuestVectors.Syscall);

        var assembler = new Assembler(32);
        assembler.mov(esp, StackTop);
        Call(assembler, Hypercall.LguestInit, SharedAt);
        program(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), CodeAt);
        memory.TryWrite(new GuestPhysical(CodeAt), code.ToArray());
        return memory;
    }

    /// <summary>A hypercall with one argument.</summary>
    public static void Call(Assembler assembler, Hypercall number, uint argument)
    {
        assembler.mov(eax, (uint)number);
        assembler.mov(ebx, argument);
        assembler.@int(GuestVectors.Hypercall);
    }

    public void Dispose()
    {
        Slot.Dispose();
        Memory.Dispose();
    }
}
