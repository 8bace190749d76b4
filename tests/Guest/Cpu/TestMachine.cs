// A bare machine around one processor: flat segments, no paging unless a test switches it on, every trap recorded. What most tests of the
// core start from.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

/// <summary>One processor that stops at the first trap.</summary>
internal unsafe class TestMachine : IMachine, IDisposable
{
    public const uint CodeAt = 0x10000;

    public TestMachine(long bytes = 1 << 20, EngineKind engine = EngineKind.Interpreter, TranslatorSettings? settings = null,
        uint? lowBytes = null)
    {
        Memory = new GuestMemory(bytes, lowBytes: lowBytes);
        Cpu = new Processor(Memory, this, engine, settings) { HostOwnsRing0 = true };
        Cpu.State->Gpr[4] = 0x8000;
    }

    public GuestMemory Memory { get; }

    public Processor Cpu { get; }

    public List<(byte Vector, uint Error, TrapCause Cause, uint Address)> Traps { get; } = [];

    public int Polls { get; private set; }

    /// <summary>Called at each poll.</summary>
    public Action? OnPoll { get; set; }

    /// <summary>EFLAGS as the machine found them at the last trap.</summary>
    public uint TrappedFlags { get; private set; }

    /// <summary>Flat segments of ring 3.</summary>
    public TestMachine InRing3()
    {
        for (var register = SegmentRegister.Es; register <= SegmentRegister.Gs; register++)
            Cpu.SetFlatSegment(register, 0x23, register == SegmentRegister.Cs, 3);
        Cpu.State->Cpl = 3;
        Cpu.RefreshMode();
        return this;
    }

    /// <summary>Assembles at <see cref="CodeAt"/>, points EIP there, and ends the program with UD2.</summary>
    public TestMachine Load(Action<Assembler> program)
    {
        Assembler a = new(32);
        program(a);
        a.ud2();
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), CodeAt);
        Memory.TryWrite(new GuestPhysical(CodeAt), stream.ToArray()).ShouldBeTrue();
        Cpu.State->Eip = CodeAt;
        return this;
    }

    /// <summary>Runs until the first trap or until the budget is spent.</summary>
    public TestMachine Run(long budget = 1_000_000_000)
    {
        Cpu.Run(budget);
        return this;
    }

    public void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        Traps.Add((vector, errorCode, cause, address.Value));
        TrappedFlags = processor.Eflags;
        processor.Stop();
    }

    public void Poll(Processor processor)
    {
        Polls++;
        OnPoll?.Invoke();
    }

    public virtual bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address)
    {
        if (level != PagingLevel.Linear || Memory.Contains(new GuestPhysical((uint)entry & ~0xfffu), 4096))
            return true;
        processor.Stop();
        return false;
    }

    public ulong ReadTimeStamp(Processor processor) => processor.Instructions;

    public void Dispose()
    {
        Cpu.Dispose();
        Memory.Dispose();
    }
}
