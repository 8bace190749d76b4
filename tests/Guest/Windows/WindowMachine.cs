// A program in ring 3, or a kernel in ring 0, with page tables of its own, and a window from its first instruction on. The first megabyte
// is mapped where it is; what a test is about lies at Data, page by page as the test says.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Windows;

/// <summary>A <see cref="TestMachine"/> that pages.</summary>
internal sealed unsafe class WindowMachine : IDisposable
{
    public const uint Data = 0x4000_0000;
    public const uint Usual = Present | Writable | User | Accessed | Dirty;
    public const uint Kernels = Present | Writable | Accessed | Dirty;
    public const uint Present = 1;
    public const uint Writable = 2;
    public const uint User = 4;
    public const uint Accessed = 0x20;
    public const uint Dirty = 0x40;

    /// <summary>A frame that nothing else uses.</summary>
    public const uint Frame = 0x200;

    private const uint Bytes = 4 << 20;
    private const uint Directories = 0x300_000;

    /// <summary>Windows from the first instruction on, whatever they cost.</summary>
    public static readonly TranslatorSettings Forced = new(
        HotAfter: 0, ShortestStretch: 1, Verify: true, WindowAfter: 0, InstructionsAFault: 0);

    /// <summary>A machine whose program reads the first word at <see cref="Data"/> into eax.</summary>
    public static WindowMachine Loads(bool kernel) => With(kernel, (a, word) => a.mov(eax, word));

    /// <summary>A machine whose program adds one to it.</summary>
    public static WindowMachine Adds(bool kernel) => With(kernel, (a, word) => a.inc(word));

    public WindowMachine(TranslatorSettings? settings = null, EngineKind engine = EngineKind.Translator, bool kernel = false)
    {
        Rights = kernel ? Kernels : Usual;
        Machine = new TestMachine(Bytes, engine, settings ?? Forced);
        for (uint space = 0; space < 2; space++)
        {
            for (uint page = 0; page < 0x100; page++)
                Word(TableOf(space) + (page * 4), (page << 12) | Rights);
            Word(RootOf(space), TableOf(space) | Usual);
            Word(RootOf(space) + (Data >> 22 << 2), (TableOf(space) + 0x1000) | Usual);
        }

        var c = Machine.Cpu.State;
        c->Cr0 |= ControlRegisters.Cr0Paging | ControlRegisters.Cr0WriteProtect;
        c->Cr3 = RootOf(0);
        if (kernel)
            Cpu.RefreshMode();
        else
            Machine.InRing3();
        Machine.Cpu.FlushTlb();
    }

    /// <summary>The flags of a page that its program may read and write, and has.</summary>
    public uint Rights { get; }

    public TestMachine Machine { get; }

    public Processor Cpu => Machine.Cpu;

    public CpuState* State => Machine.Cpu.State;

    public TranslatorEngine Engine => (TranslatorEngine)Cpu.Engine;

    /// <summary>The entry of a page at <see cref="Data"/>.</summary>
    public uint Entry(int page = 0, uint space = 0)
    {
        Machine.Memory.TryRead(new GuestPhysical(EntryAt(page, space)), out uint entry).ShouldBeTrue();
        return entry;
    }

    /// <summary>Sets the entry of a page at <see cref="Data"/>; tells nobody.</summary>
    public void Map(uint frame, uint flags = Usual, int page = 0, uint space = 0) => Word(EntryAt(page, space), (frame << 12) | flags);

    /// <summary>The first word of a frame.</summary>
    public uint this[uint frame]
    {
        get => Machine.Memory.TryRead(new GuestPhysical(frame << 12), out uint word) ? word : throw new InvalidOperationException();
        set => Word(frame << 12, value);
    }

    public void Load(Action<Assembler> program) => Machine.Load(program);

    /// <summary>Goes over to another address space.</summary>
    public void Switch(uint space)
    {
        State->Cr3 = RootOf(space);
        Cpu.FlushTlb();
    }

    /// <summary>Runs the program from its start to its end, or to a page fault, whose error code it returns.</summary>
    public uint? Run()
    {
        Machine.Traps.Clear();
        State->Eip = TestMachine.CodeAt;
        Machine.Run(100_000_000);
        var (vector, error, _, _) = Machine.Traps.Single();
        if (vector == Vectors.PageFault)
            return error;
        vector.ShouldBe(Vectors.InvalidOpcode);
        return null;
    }

    public void Dispose() => Machine.Dispose();

    // Each in the form that its kind of code takes most.
    private static WindowMachine With(bool kernel, Action<Assembler, AssemblerMemoryOperand> program)
    {
        WindowMachine m = new(kernel: kernel);
        m.Load(a =>
        {
            if (kernel)
                a.mov(ebx, Data);
            program(a, kernel ? __dword_ptr[ebx] : __dword_ptr[Data]);
        });
        return m;
    }

    private static uint RootOf(uint space) => Directories + (space * 0x3000);

    private static uint TableOf(uint space) => RootOf(space) + 0x1000;

    private static uint EntryAt(int page, uint space) => TableOf(space) + 0x1000 + ((uint)page * 4);

    private void Word(uint at, uint value) => Machine.Memory.TryWrite(new GuestPhysical(at), value).ShouldBeTrue();
}
