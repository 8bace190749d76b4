// The slot of an lguest Guest: its kernel runs in ring 1, and ring 0 is the Host's. What every slot has is in MachineSlot.
//
//J:Switcher:100 The world switch
// Real lguest saves its registers, loads the Guest's, and jumps; then something happens and it finds itself back in ring 0 with a vector
// number on the stack. Here the Guest has a processor of its own, so nothing is saved. What remains of the switch is the question at the
// end: the processor has come to a gate that leads to ring 0. It calls Trap below, on the same stack, and goes on with whatever state it
// finds afterwards. Most traps end like that, some fifty nanoseconds later. The few that need another actor set a reason to leave, and only
// these end the slice.
using System.Collections.Immutable;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Machine;
using Lguest.Switcher.Hypercalls;
using Lguest.Switcher.Interrupts;
using Lguest.Switcher.Paging;
using Lguest.Switcher.Segments;
using Lguest.Switcher.Time;
using Lguest.Switcher.Traps;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Switcher.Slots;

/// <summary>The privileged state of one lguest Guest.</summary>
public unsafe class GuestSlot : MachineSlot
{
    /// <summary>Traps in one chunk after which the clock is looked at: a Guest that only faults executes no instructions.</summary>
    private const int MostTrapsPerChunk = 2000;

    private readonly HostPages _pages = new();
    private readonly TrapHandler _traps;
    private readonly uint _initrdBytes;
    private readonly bool? _pae;
    private readonly ushort _number;
    private bool _drainsAtEveryExit;
    private int _trapsInChunk;

    /// <summary>Gives a Guest its privileged state and its processor, ready for the first instruction (ABI sheet 1.7).</summary>
    /// <param name="memory">RAM and device pages with the kernel in place; not owned.</param>
    /// <param name="start">First instruction.</param>
    /// <param name="clock">The Host's clocks.</param>
    /// <param name="kind">Real or virtual time.</param>
    /// <param name="pae">Whether the kernel is known to use PAE; null to find out.</param>
    /// <param name="pageTable">Root of page tables to start with, in the kernel's own format; null: linear addresses are physical ones at
    /// first, and
    /// a kernel that expects tables gets them at LGUEST_INIT.</param>
    /// <param name="pageOffset">Linear address of physical address 0, for a generation 1 kernel, which does not tell it itself; null for
    /// any other.</param>
    /// <param name="number">What such a kernel is told as its number.</param>
    /// <param name="engine">What executes its code.</param>
    /// <param name="translator">Bounds of the translator; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">This host does not have that engine; the message says why.</exception>
    public GuestSlot(
        GuestMemory memory,
        GuestVirtual start,
        IHostClock clock,
        ClockKind kind = ClockKind.Real,
        bool? pae = null,
        GuestPhysical? pageTable = null,
        GuestVirtual? pageOffset = null,
        ushort number = 0,
        EngineKind engine = EngineKind.Interpreter,
        TranslatorSettings? translator = null)
        : base(memory, clock, kind, engine, translator)
    {
        PageOffset = pageOffset;
        _number = number;
        _pae = pae;
        _initrdBytes = memory.TryRead(new GuestPhysical(ZeroPage.RamdiskSize), out uint size) ? size : 0;
        Processor.HostOwnsRing0 = true;
        Gdt = new GlobalDescriptors(this, _pages);
        Idt = new InterruptGates(this, _pages);
        Frames = new TrapFrames(this, _pages);
        Stack = new TrapStack(this, _pages);
        Pager = new Pager(this);
        Interrupts = new VirtualInterrupts(this);
        Hypercalls = new HypercallHandler(this);
        _traps = new TrapHandler(this);
        SwitcherBase = pae == true ? HostPages.BasePae : HostPages.Base;
        SetUp(start, pageTable);
    }

    /// <summary>The kind of kernel; known from LGUEST_INIT on.</summary>
    public AbiFamily Family { get; private set; }

    /// <summary>First linear address that is out of the Guest's reach.</summary>
    public uint SwitcherBase { get; }

    /// <inheritdoc/>
    public override bool WouldWake => Interrupts.WouldWake;

    internal HypercallHandler Hypercalls { get; }

    internal GlobalDescriptors Gdt { get; }

    internal InterruptGates Idt { get; }

    internal TrapFrames Frames { get; }

    internal TrapStack Stack { get; }

    internal Pager Pager { get; }

    internal VirtualInterrupts Interrupts { get; }

    /// <summary>esp1 in the TSS.</summary>
    internal uint TrapStackPointer => _pages.TrapStackPointer;

    /// <summary>The page after the window: IDT, GDT, TSS.</summary>
    internal void* RealTables => _pages.Idt;

    /// <summary>lguest_data; null before LGUEST_INIT.</summary>
    internal SharedData? Shared { get; private set; }

    /// <summary>PAGE_OFFSET of a generation 1 kernel; null for others.</summary>
    internal GuestVirtual? PageOffset { get; }

    internal GuestVirtual KernelAddress { get; private set; }

    internal uint NoIrqStart { get; private set; }

    internal uint NoIrqEnd { get; private set; }

    /// <summary>Where the kernel returns from interrupts, if an interrupt there is delivered in place of the return; else null.</summary>
    internal uint? NoIrqIret { get; private set; }

    /// <summary>What is beside RAM; null for nothing.</summary>
    internal virtual IGuestDevices? Devices => null;

    /// <summary>The first frame number behind device memory; 0 where there is none.</summary>
    internal uint DeviceFrameLimit => (uint)((Devices?.End ?? 0) >> GuestMemory.PageShift);

    /// <inheritdoc/>
    public override void RaiseInterrupt(int irq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)irq, (uint)GuestVectors.IrqCount);
        Interrupts.Raise(irq);
    }

    /// <summary>BIND_DMA or SEND_DMA has been dealt with; the Guest may be entered again.</summary>
    /// <param name="result">For EAX; null where the call has none.</param>
    public override void FinishDma(uint? result)
    {
        if (result is { } value && Hypercalls.WasDirect)
            Processor.State->Gpr[Eax] = value;
    }

    /// <inheritdoc/>
    public override GuestStatistics Statistics() => base.Statistics() with
    {
        DirectHypercalls = Hypercalls.Direct,
        QueuedHypercalls = Hypercalls.Queued,
        HypercallsByNumber = [.. Hypercalls.Counts],
        PageFaults = _traps.PageFaults,
        Traps = _traps.Others,
        Interrupts = Interrupts.Delivered,
    };

    /// <inheritdoc/>
    public override void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        Entries++;
        _traps.Handle(vector, errorCode, cause, address);
        if (_drainsAtEveryExit && !IsLeaving)
            Hypercalls.Drain();
        if (!IsLeaving)
        {
            Interrupts.TryDeliver();
            if (IsHalted || ++_trapsInChunk >= MostTrapsPerChunk)
                processor.Stop();
        }

        if (IsLeaving)
            processor.Stop();
    }

    /// <inheritdoc/>
    public override void Poll(Processor processor)
    {
        if (IsAskedToLeave)
            processor.Stop();
        else
            Interrupts.TryDeliver();
        if (IsLeaving)
            processor.Stop();
    }

    /// <inheritdoc/>
    public override bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address)
    {
        if (Pager.Accept(level, entry, address))
            return true;
        processor.Stop();
        return false;
    }

    /// <summary>After a question to <see cref="Devices"/>.</summary>
    internal virtual void Settle()
    {
    }

    /// <summary>No gate for a trap.</summary>
    internal void KillUnhandled(int vector, uint detail) =>
        Kill(KillReason.UnhandledTrap, $"unhandled trap {vector} at 0x{Processor.State->Eip:x} (0x{detail:x})");

    /// <summary>LGUEST_INIT has told which kernel this is (ABI sheet 3.4).</summary>
    internal void BecomeKnown(SharedData shared)
    {
        var layout = shared.Layout;
        Shared = shared;
        Family = layout.Family;
        KernelAddress = PageOffset ?? new GuestVirtual(shared.Read(layout.KernelAddress));
        _drainsAtEveryExit = Family == AbiFamily.Linux2623;
        if (layout.NoIrqIret != LguestDataLayout.Absent)
        {
            NoIrqIret = shared.Read(layout.NoIrqIret);
        }
        else
        {
            NoIrqStart = shared.Read(layout.NoIrqStart);
            NoIrqEnd = shared.Read(layout.NoIrqEnd);
        }

        shared.Write(layout.TscKhz, GuestTime.TscKhz);
        shared.WriteTime(Time.Wall);
        shared.Write(layout.ReserveMem, 0 - SwitcherBase);
        if (layout.GuestId != LguestDataLayout.Absent)
            Memory.TryWrite(shared.Address + (uint)layout.GuestId, _number);
        Idt.SetVmcallEra(VmcallPatch.IsEra(Family));
        if (layout.PageDirectory == LguestDataLayout.Absent)
            return;
        if (BootTables.Make(Memory, _initrdBytes, KernelAddress, SwitcherBase, _pae == true) is not { } root)
        {
            Kill(KillReason.HostResource, "no room in Guest memory for its boot page tables");
            return;
        }

        shared.Write(layout.PageDirectory, root.Value);
        Pager.UseTables(root);
    }

    /// <inheritdoc/>
    protected override void Resume()
    {
        Hypercalls.Resume();
        if (_drainsAtEveryExit && !IsLeaving)
            Hypercalls.Drain();
    }

    /// <inheritdoc/>
    protected override void Attend()
    {
        if (Time.TakeAlarm())
            Interrupts.Raise(VirtualInterrupts.TimerIrq);
        Interrupts.TryDeliver();
    }

    /// <inheritdoc/>
    protected override void RunChunk(long instructions)
    {
        _trapsInChunk = 0;
        Processor.Run(instructions);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _pages.Dispose();

    private void SetUp(GuestVirtual start, GuestPhysical? pageTable)
    {
        var c = Processor.State;
        _pages.Attach(Processor, SwitcherBase);
        c->Cs = Descriptor.Unpack(GuestSelectors.KernelCodeDescriptor, GuestSelectors.KernelCode);
        c->Ss = Descriptor.Unpack(GuestSelectors.KernelDataDescriptor, GuestSelectors.KernelData);
        c->Ds = c->Ss;
        c->Es = c->Ss;
        c->Fs = default;
        c->Gs = default;
        c->Cpl = GuestSelectors.KernelPrivilege;
        c->Eip = start.Value;
        c->Cr0 |= ControlRegisters.Cr0MonitorCoprocessor | ControlRegisters.Cr0WriteProtect;
        c->SegmentCap = SwitcherBase - 1;
        Processor.Eflags = EFlags.AlwaysOne | EFlags.Interrupt;
        if (_pae == true)
            Pager.UsePae();
        if (pageTable is { } given)
            Pager.UseTables(given);
        // Else translation is off, as in every new processor: linear addresses are physical ones.
    }
}
