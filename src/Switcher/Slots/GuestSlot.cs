// One entry of the privileged state array: all that the Host keeps about a Guest that no Guest may touch. lguest has it in struct lguest
// and struct lg_cpu. It is lent as a whole: to the GuestCpu actor while the Guest runs, back to the Switcher when it does not. The file is
// long because a slot's state is private to it: what enters, leaves and ends a Guest is told in one place.
//
//J:Switcher:100 The world switch
// Real lguest saves its registers, loads the Guest's, and jumps; then something happens and it finds itself back in ring 0 with a vector
// number on the stack. Here the Guest has a processor of its own, so nothing is saved. What remains of the switch is the question at the
// end: the processor has come to a gate that leads to ring 0. It calls Trap below, on the same stack, and goes on with whatever state it
// finds afterwards. Most traps end like that, some fifty nanoseconds later. The few that need another actor set a reason to leave, and only
// these end the slice.
//
//J:Switcher:110 The slice
// Enter is the loop that lguest's author calls the heart: finish what was left over; look at the clock; deliver an interrupt; if the
// Guest sleeps, leave; run a chunk of instructions; see whether there is a reason to leave, or whether the time is up.
using System.Collections.Immutable;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Switcher.Hypercalls;
using Lguest.Switcher.Interrupts;
using Lguest.Switcher.Paging;
using Lguest.Switcher.Segments;
using Lguest.Switcher.Time;
using Lguest.Switcher.Traps;

namespace Lguest.Switcher.Slots;

/// <summary>The privileged state of one Guest. One owner at a time, no locks; <see cref="RaiseInterrupt"/> and <see cref="RequestLeave"/>
/// may be called
/// from any thread.</summary>
public sealed unsafe class GuestSlot : IMachine, IDisposable
{
    /// <summary>Traps in one chunk after which the clock is looked at: a Guest that only faults executes no instructions.</summary>
    private const int MostTrapsPerChunk = 2000;

    private readonly HostPages _pages = new();
    private readonly IHostClock _clock;
    private readonly TrapHandler _traps;
    private readonly uint _initrdBytes;
    private readonly bool? _pae;
    private readonly GuestPhysical? _givenTables;
    private readonly ushort _number;
    private bool _drainsAtEveryExit;
    private ExitReason? _exit;
    private int _leaveRequested;
    private int _trapsInChunk;
    private long _entries;
    private long _switchesOut;
    private long _runningNanoseconds;

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
    {
        PageOffset = pageOffset;
        _number = number;
        Memory = memory;
        _clock = clock;
        _pae = pae;
        _givenTables = pageTable;
        _initrdBytes = memory.TryRead(new GuestPhysical(ZeroPage.RamdiskSize), out uint size) ? size : 0;
        Processor = new Processor(memory, this, engine, translator) { HostOwnsRing0 = true };
        Time = new GuestTime(kind, clock, Processor);
        Gdt = new GlobalDescriptors(this, _pages);
        Idt = new InterruptGates(this, _pages);
        Frames = new TrapFrames(this, _pages);
        Stack = new TrapStack(this, _pages);
        Pager = new Pager(this);
        Interrupts = new VirtualInterrupts(this);
        Hypercalls = new HypercallHandler(this);
        _traps = new TrapHandler(this);
        SwitcherBase = pae == true ? HostPages.BasePae : HostPages.Base;
        SetUp(start);
    }

    /// <summary>How the Guest ended; null while it lives.</summary>
    public GuestEnd? End { get; private set; }

    /// <summary>The kind of kernel; known from LGUEST_INIT on.</summary>
    public AbiFamily Family { get; private set; }

    /// <summary>The Guest's processor.</summary>
    public Processor Processor { get; }

    /// <summary>The Guest's memory.</summary>
    public GuestMemory Memory { get; }

    /// <summary>First linear address that is out of the Guest's reach.</summary>
    public uint SwitcherBase { get; }

    /// <summary>Whether the Guest sleeps in HALT.</summary>
    public bool IsHalted { get; internal set; }

    /// <summary>Whether a sleeping Guest has an interrupt to wake it. Owner only.</summary>
    public bool WouldWake => Interrupts.WouldWake;

    /// <summary>When the Guest's alarm is due by <see cref="IHostClock.Monotonic"/>; null: nothing to wait for.</summary>
    public long? HostAlarm => Time.HostAlarm;

    /// <summary>Whether the Guest has an alarm set, in whatever kind of time.</summary>
    public bool HasAlarm => Time.Alarm != GuestTime.NoAlarm;

    /// <summary>Whether the Guest's time is virtual: asleep with an alarm, it can be entered again at once.</summary>
    public bool HasVirtualTime => Time.IsVirtual;

    /// <summary>The moment of <see cref="IHostClock.Monotonic"/> at which a slice ends at the latest, whatever is left of it. Owner
    /// only.</summary>
    public long NotAfter { get; set; } = long.MaxValue;

    /// <summary>Whether <see cref="Enter"/> measures the processor time that it takes.</summary>
    public bool IsMeasured { get; set; }

    /// <summary>Nanoseconds of processor time of all slices so far that were measured. Owner only.</summary>
    public long ProcessorTime { get; private set; }

    /// <summary>The processor time of the thread of the last <see cref="Enter"/> at its end, if the Guest is measured; else 0.</summary>
    public long LeftAt { get; private set; }

    internal HypercallHandler Hypercalls { get; }

    internal GlobalDescriptors Gdt { get; }

    internal InterruptGates Idt { get; }

    internal TrapFrames Frames { get; }

    internal TrapStack Stack { get; }

    internal Pager Pager { get; }

    internal VirtualInterrupts Interrupts { get; }

    internal GuestTime Time { get; }

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

    /// <summary>Whether something has happened that ends the slice.</summary>
    internal bool IsLeaving => _exit is not null;

    /// <summary>Makes an irq pending; the processor looks at it at its next block end. Any thread.</summary>
    /// <param name="irq">0-31.</param>
    public void RaiseInterrupt(int irq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)irq, (uint)GuestVectors.IrqCount);
        Interrupts.Raise(irq);
    }

    /// <summary>Asks a running Guest to come out at its next block end. Any thread; also good for the next slice if none runs.</summary>
    public void RequestLeave()
    {
        Volatile.Write(ref _leaveRequested, 1);
        Processor.RequestPoll();
    }

    /// <summary>The world switch: runs the Guest until it needs somebody or its slice is over.</summary>
    /// <param name="settings">How long that is.</param>
    /// <param name="since">The thread's processor time from which on a Guest that is measured has to pay: what the thread did to get here
    /// is done for this
    /// Guest. 0 for now.</param>
    public ExitReason Enter(RunSettings settings, long since = 0)
    {
        long start = _clock.Monotonic;
        long before = !IsMeasured ? 0 : since != 0 ? since : _clock.Processor;
        var reason = RunSlice(settings, Math.Min(start + settings.SliceNanoseconds, NotAfter));
        _runningNanoseconds += _clock.Monotonic - start;
        LeftAt = 0;
        if (IsMeasured)
        {
            LeftAt = _clock.Processor;
            ProcessorTime += LeftAt - before;
        }

        return reason;
    }

    private ExitReason RunSlice(RunSettings settings, long end)
    {
        if (End is null)
        {
            Hypercalls.Resume();
            if (_drainsAtEveryExit && _exit is null)
                Hypercalls.Drain();
            if (IsHalted && !WouldWake)
                Time.SkipToAlarm();
        }

        while (true)
        {
            if (_exit is null && End is null)
            {
                if (Time.TakeAlarm())
                    Interrupts.Raise(VirtualInterrupts.TimerIrq);
                Interrupts.TryDeliver();
                if (IsHalted && _exit is null)
                    Leave(Time.Alarm == GuestTime.NoAlarm ? ExitReason.Halted : ExitReason.Sleeping);
            }

            if (_exit is { } reason)
            {
                _exit = null;
                _switchesOut++;
                return End is null ? reason : Final(End);
            }

            if (End is not null)
                return Final(End);

            if (Volatile.Read(ref _leaveRequested) != 0 || _clock.Monotonic >= end)
            {
                Volatile.Write(ref _leaveRequested, 0);
                _switchesOut++;
                return ExitReason.BudgetSpent;
            }

            _entries++;
            _trapsInChunk = 0;
            Processor.Run(Time.InstructionsUntilAlarm(settings.ChunkInstructions));
        }
    }

    /// <summary>BIND_DMA or SEND_DMA has been dealt with; the Guest may be entered again.</summary>
    /// <param name="result">For EAX; null where the call has none.</param>
    public void FinishDma(uint? result)
    {
        if (result is { } value && Hypercalls.WasDirect)
            Processor.State->Gpr[0] = value;
    }

    /// <summary>Kills the Guest for what the Host's DMA found wrong with its descriptors. Owner only.</summary>
    public void KillForDma(KillReason reason, string why) => Kill(reason, why);

    /// <summary>Kills the Guest for something that the Host, not a rule, found wrong with running it.</summary>
    public void Abandon(string why) => Kill(KillReason.HostResource, why);

    /// <summary>What the Guest has done so far. Owner only.</summary>
    public GuestStatistics Statistics() => new(
        Processor.Instructions,
        _entries,
        Hypercalls.Direct,
        Hypercalls.Queued,
        [.. Hypercalls.Counts],
        _traps.PageFaults,
        _traps.Others,
        Interrupts.Delivered,
        _switchesOut,
        _runningNanoseconds)
    {
        Engine = Processor.EngineKind,
    };

    public void Dispose()
    {
        Processor.Dispose();
        _pages.Dispose();
    }

    void IMachine.Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        _entries++;
        _traps.Handle(vector, errorCode, cause, address);
        if (_drainsAtEveryExit && _exit is null)
            Hypercalls.Drain();
        if (_exit is null)
        {
            Interrupts.TryDeliver();
            if (IsHalted || ++_trapsInChunk >= MostTrapsPerChunk)
                processor.Stop();
        }

        if (_exit is not null)
            processor.Stop();
    }

    void IMachine.Poll(Processor processor)
    {
        if (Volatile.Read(ref _leaveRequested) != 0)
            processor.Stop();
        else
            Interrupts.TryDeliver();
        if (_exit is not null)
            processor.Stop();
    }

    bool IMachine.AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address)
    {
        if (Pager.Accept(level, entry, address))
            return true;
        processor.Stop();
        return false;
    }

    ulong IMachine.ReadTimeStamp(Processor processor) => (ulong)Time.Now;

    /// <summary>Ends the Guest with a reason, once: what comes after the first reason is only its consequence.</summary>
    internal void Kill(KillReason reason, string detail) => Finish(new GuestEnd.Killed(reason, detail));

    /// <summary>No gate for a trap.</summary>
    internal void KillUnhandled(int vector, uint detail) =>
        Kill(KillReason.UnhandledTrap, $"unhandled trap {vector} at 0x{Processor.State->Eip:x} (0x{detail:x})");

    /// <summary>Ends the Guest in whatever way.</summary>
    internal void Finish(GuestEnd end)
    {
        if (End is not null)
            return;
        End = end;
        _exit = Final(end);
    }

    /// <summary>Ends the slice.</summary>
    internal void Leave(ExitReason reason) => _exit ??= reason;

    /// <summary>LGUEST_INIT has told which kernel this is (ABI sheet 3.4).</summary>
    internal void BecomeKnown(SharedData shared)
    {
        var layout = shared.Layout;
        Shared = shared;
        Family = layout.Family;
        KernelAddress = PageOffset ?? new GuestVirtual(shared.Read(layout.KernelAddress));
        _drainsAtEveryExit = Family == AbiFamily.Linux2623;
        NoIrqStart = shared.Read(layout.NoIrqStart);
        NoIrqEnd = shared.Read(layout.NoIrqEnd);
        shared.Write(layout.TscKhz, GuestTime.TscKhz);
        shared.WriteTime(Time.Wall);
        shared.Write(layout.ReserveMem, 0 - SwitcherBase);
        if (layout.GuestId != LguestDataLayout.Absent)
            Memory.TryWrite(shared.Address + (uint)layout.GuestId, _number);
        Idt.SetVmcallEra(VmcallPatch.IsEra(Family));
        if (layout.PageDirectory == LguestDataLayout.Absent)
            return;
        if (_givenTables is { } given)
        {
            shared.Write(layout.PageDirectory, given.Value);
            return;
        }

        if (BootTables.Make(Memory, _initrdBytes, KernelAddress, SwitcherBase, _pae == true) is not { } root)
        {
            Kill(KillReason.HostResource, "no room in Guest memory for its boot page tables");
            return;
        }

        shared.Write(layout.PageDirectory, root.Value);
        Pager.UseTables(root);
    }

    private static ExitReason Final(GuestEnd end) => end is GuestEnd.Killed killed ? new ExitReason.Died(killed)
        : new ExitReason.Shutdown(end);

    private void SetUp(GuestVirtual start)
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
        Pager.StartLinear();
        if (_givenTables is { } given)
            Pager.UseTables(given);
        Processor.RefreshMode();
    }
}
