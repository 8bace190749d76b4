// A Guest of a few instructions: what a kernel would do around the one thing that a test is about. The program runs at ring 1 in a real
// processor, with linear addresses equal to physical ones, and says that it is done with a NOTIFY.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Machine;

internal sealed unsafe class TestGuest : IDisposable
{
    public const uint CodeAt = 0x100000;
    public const uint HandlerAt = 0x180000;
    public const uint UserAt = 0x1a0000;
    public const uint DataAt = 0x200000;
    public const uint ResultAt = 0x300000;
    public const uint StackTop = 0x90000;
    public const uint TrapStackTop = 0xa0000;
    public const uint UserStackTop = 0xb0000;
    public const uint DoneAddress = 0xd0d000;

    /// <summary>What a Guest of generation 1, which has no NOTIFY, sends to in its stead.</summary>
    public const uint DoneKey = 0x50d000;
    public const uint KernelAddress = 0xc0000000;
    public const int Megabyte = 1 << 20;

    /// <summary>What a Guest of generation 1 is told as its number.</summary>
    public const ushort Number = 0x1234;

    public TestGuest(LguestDataLayout layout, long ram = 8 * Megabyte, ClockKind kind = ClockKind.Real, bool? pae = null,
        int devicePages = 0)
    {
        Layout = layout;
        Memory = new GuestMemory(ram, devicePages);
        WriteSharedData();
        if (layout.Family == AbiFamily.Linux4)
        {
            Slot = new PciGuestSlot(Memory, new GuestVirtual(CodeAt), Devices, Clock, kind, pae);
            return;
        }

        if (layout.Family != AbiFamily.Linux2623)
        {
            Slot = new GuestSlot(Memory, new GuestVirtual(CodeAt), Clock, kind, pae);
            return;
        }

        // Generation 1 starts on page tables. They show its memory where it is, so that addresses here mean the same for all families.
        uint root = (uint)ram - (16 * 4096);
        new TwoLevelTables(Memory, root).MapIdentity(0, (uint)(ram / Megabyte)).MapIdentity(0, 4, KernelAddress);
        Slot = new GuestSlot(Memory, new GuestVirtual(CodeAt), Clock, kind, pageTable: new GuestPhysical(root),
            pageOffset: new GuestVirtual(KernelAddress), number: Number);
    }

    public static TheoryData<AbiFamily> Families => [AbiFamily.Linux2623, AbiFamily.Linux2624, AbiFamily.Linux2630, AbiFamily.Linux2631,
        AbiFamily.Linux3, AbiFamily.Linux4];

    /// <summary>Those that say in lguest_data where their kernel is, and have a NOTIFY.</summary>
    public static TheoryData<AbiFamily> Generation2Families =>
        [AbiFamily.Linux2624, AbiFamily.Linux2630, AbiFamily.Linux2631, AbiFamily.Linux3];

    /// <summary>What a Guest of generation 3 has beside its RAM.</summary>
    public FakeDevices Devices { get; } = new();

    public FakeClock Clock { get; } = new();

    public LguestDataLayout Layout { get; }

    public GuestMemory Memory { get; }

    public GuestSlot Slot { get; }

    public CpuState* Cpu => Slot.Processor.State;

    /// <summary>A slice of a hundred looks at the clock. With as many slices as <see cref="Run"/> gives, a Guest that is lost in a loop is
    /// given up after some 100 million instructions.</summary>
    public static RunSettings Settings { get; } = new(100_000, 20_000);

    public static LguestDataLayout LayoutOf(AbiFamily family) => family switch
    {
        AbiFamily.Linux2623 => LguestDataLayout.Linux2623,
        AbiFamily.Linux2624 => LguestDataLayout.Linux2624,
        AbiFamily.Linux2630 => LguestDataLayout.Linux2630,
        AbiFamily.Linux2631 => LguestDataLayout.Linux2631,
        AbiFamily.Linux4 => LguestDataLayout.Linux4,
        _ => LguestDataLayout.Linux3,
    };

    public static TestGuest Of(AbiFamily family) => new(LayoutOf(family));

    /// <summary>Puts the program at the Guest's start, after the set-up that every kernel does: a stack and LGUEST_INIT. It ends in a
    /// NOTIFY.</summary>
    public TestGuest Boot(Action<Assembler> program)
    {
        Assemble(CodeAt, a =>
        {
            a.mov(esp, StackTop);
            Init(a);
            program(a);
            Done(a);
        });
        return this;
    }

    /// <summary>Puts the program at the Guest's start as it is.</summary>
    public TestGuest Raw(Action<Assembler> program)
    {
        Assemble(CodeAt, program);
        return this;
    }

    public TestGuest Assemble(uint at, Action<Assembler> program)
    {
        Assembler a = new(32);
        program(a);
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), at);
        Memory.TryWrite(new GuestPhysical(at), stream.ToArray()).ShouldBeTrue();
        return this;
    }

    /// <summary>A hypercall in the convention of this Guest's family.</summary>
    public void Call(Assembler a, Hypercall number, uint first = 0, uint second = 0, uint third = 0, uint fourth = 0)
    {
        a.mov(eax, (uint)number);
        if (Layout.ArgumentsStartInEdx)
        {
            a.mov(edx, first);
            a.mov(ebx, second);
            a.mov(ecx, third);
        }
        else
        {
            a.mov(ebx, first);
            a.mov(ecx, second);
            a.mov(edx, third);
            a.mov(esi, fourth);
        }

        a.@int(GuestVectors.Hypercall);
    }

    public void Init(Assembler a) => Call(a, Hypercall.LguestInit, DataAt);

    /// <summary>What a program ends with: something that its Launcher has to see to.</summary>
    public void Done(Assembler a)
    {
        if (Layout.Family == AbiFamily.Linux2623)
            Call(a, Hypercall.SendDma, DoneKey);
        else if (Layout.Family == AbiFamily.Linux4)
            a.mov(__byte_ptr[FakeDevices.ResetAt], 0);
        else
            Call(a, Hypercall.Notify, DoneAddress);
    }

    /// <summary>Writes a ring entry as a kernel does.</summary>
    public void Queue(int slot, Hypercall number, uint first = 0, uint second = 0, uint third = 0, uint fourth = 0)
    {
        GuestPhysical entry = new((uint)(DataAt + Layout.Hcalls + (slot * Layout.EntrySize)));
        Memory.TryWrite(entry, (uint)number);
        Memory.TryWrite(entry + (uint)Layout.EntryArguments.First, first);
        Memory.TryWrite(entry + (uint)Layout.EntryArguments.Second, second);
        Memory.TryWrite(entry + (uint)Layout.EntryArguments.Third, third);
        if (Layout.EntrySize > 16)
            Memory.TryWrite(entry + 16, fourth);
        Memory.TryWrite(new GuestPhysical((uint)(DataAt + Layout.HcallStatus + slot)), (byte)0);
    }

    public byte Status(int slot) => Memory.Span(new GuestPhysical((uint)(DataAt + Layout.HcallStatus + slot)), 1)[0];

    /// <summary>Runs to the NOTIFY at the program's end.</summary>
    public TestGuest RunToDone()
    {
        var reason = Run();
        reason.ShouldBe(
            Layout.Family == AbiFamily.Linux2623 ? new ExitReason.SendDma(new GuestPhysical(DoneKey), default)
                : new ExitReason.Notify(new GuestPhysical(Layout.Family == AbiFamily.Linux4 ? FakeDevices.ResetAt : DoneAddress)),
            Slot.End?.Text);
        return this;
    }

    /// <summary>Runs until anything but the end of a slice.</summary>
    public ExitReason Run(int slices = 50, RunSettings? settings = null)
    {
        ExitReason reason;
        Clock.Step = 1000;
        do
            reason = Slot.Enter(settings ?? Settings);
        while (reason is ExitReason.Budget && --slices > 0);
        Clock.Step = 0;
        Devices.Waiting = null;
        return reason;
    }

    /// <summary>Runs and expects the Guest to be killed.</summary>
    public GuestEnd.Killed RunToDeath()
    {
        var reason = Run();
        var died = reason.ShouldBeOfType<ExitReason.Died>();
        Slot.End.ShouldBe(died.End);
        return died.End;
    }

    /// <summary>Gives the Guest a gate without a hypercall of its program.</summary>
    public TestGuest Gate(int vector, uint offset = HandlerAt, int type = 0xe, int dpl = 0)
    {
        Slot.Idt.LoadEntry((uint)vector, offset & 0xffff, (offset & 0xffff0000) | 0x8000 | ((uint)dpl << 13) | ((uint)type << 8));
        return this;
    }

    /// <summary>User code and data segments, as Linux has them at 0x73 and 0x7b.</summary>
    public TestGuest UserSegments()
    {
        Slot.Gdt.LoadEntry(14, 0x0000ffff, 0x00cffa00);
        Slot.Gdt.LoadEntry(15, 0x0000ffff, 0x00cff200);
        return this;
    }

    /// <summary>Leaves the kernel for ring 3 at <see cref="UserAt"/>.</summary>
    public static void EnterUser(Assembler a)
    {
        a.mov(eax, 0x7b);
        a.mov(ds, ax);
        a.mov(es, ax);
        a.push(0x7b);
        a.push(UserStackTop);
        a.push(0x202);
        a.push(0x73);
        a.push(UserAt);
        a.iretd();
    }

    public uint Word(uint at) => Memory.TryRead(new GuestPhysical(at), out uint value) ? value : throw new InvalidOperationException();

    public uint Field(int offset) => Word((uint)(DataAt + offset));

    public TestGuest SetField(int offset, uint value)
    {
        Memory.TryWrite(new GuestPhysical((uint)(DataAt + offset)), value).ShouldBeTrue();
        return this;
    }

    public uint Result(int index = 0) => Word((uint)(ResultAt + (index * 4)));

    public void Dispose()
    {
        Slot.Dispose();
        Memory.Dispose();
    }

    private void WriteSharedData()
    {
        Memory.Span(new GuestPhysical((uint)(DataAt + Layout.HcallStatus)), LguestDataLayout.RingSlots).Fill(LguestDataLayout.SlotFree);
        SetField(Layout.BlockedInterrupts, 1);
        if (Layout.KernelAddress == LguestDataLayout.Absent)
            return;
        SetField(Layout.KernelAddress, KernelAddress);
        SetField(Layout.SyscallVector, GuestVectors.Syscall);
    }
}
