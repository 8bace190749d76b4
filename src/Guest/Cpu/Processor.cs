// One x86-32 processor of one Guest: the owner of its CpuState, and the loop around the interpreter. Everything here is single-threaded but
// RequestPoll; only the holder of the processor (the Switcher lends it) calls it.
//
//J:Guest:100 The run loop
// The loop asks three questions and then lets go. Does anybody want attention? Is there budget left? Which block starts at EIP? Then it
// jumps into the block's first operation, and from there operation calls upon operation, block upon block, until a handler returns null.
// The reason is in EngineState.Exit: nothing special (look again), a fault to deliver, a software interrupt, a stop. No exception of .NET
// is ever thrown on this path and nothing is allocated: a Guest that faults a hundred thousand times a second must not notice a garbage
// collector.
using System.Runtime.InteropServices;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Cpu;

/// <summary>An x86-32 processor (i686 with x87, MMX, SSE, SSE2, PAE) in protected mode. Not thread-safe, except
/// <see cref="RequestPoll"/>.</summary>
public sealed unsafe partial class Processor : IDisposable
{
    /// <summary>Blocks and their code together may be as many times what the code alone may be.</summary>
    private const long RoomForCode = 2;

    private readonly NativePages _statePages;
    private readonly NativePages _jumpPages;
    private readonly BlockCache _blocks;
    private readonly MemoryHold _hold;
    private readonly EngineState* _e;
    private readonly CpuState* _c;
    private GCHandle _handle; // not readonly: freeing a copy would leave a number here that is another one's by then
    private bool _stop;

    /// <param name="memory">Physical memory; held until the processor is disposed.</param>
    /// <param name="machine">What stands behind ring 0, the paging rules and the clock.</param>
    /// <param name="engine">What executes its code.</param>
    /// <param name="settings">Bounds of the translator; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">The translator was asked for, and this host cannot run it; the message says
    /// why.</exception>
    public Processor(
        GuestMemory memory, IMachine machine, EngineKind engine = EngineKind.Interpreter, TranslatorSettings? settings = null)
    {
        _hold = memory.Hold();
        Memory = memory;
        _statePages = new NativePages(sizeof(EngineState));
        _jumpPages = new NativePages(sizeof(JumpEntry) * JumpEntry.Count);
        _e = (EngineState*)_statePages.Base;
        _c = &_e->Cpu;
        _handle = GCHandle.Alloc(this, GCHandleType.Weak);
        _blocks = new BlockCache(this, RoomForCode * (settings ?? new TranslatorSettings()).CodeBytes);
        string why = "";
        var translator = engine is EngineKind.Interpreter or EngineKind.Lockstep ? null
            : TranslatorEngine.TryMake(this, settings ?? new TranslatorSettings(), out why);
        if (engine == EngineKind.Translator && translator is null)
        {
            Release();
            throw new NotSupportedException($"the translator cannot run here: {why}");
        }

        Engine = translator is null ? new InterpreterEngine(_c) : translator;
        WhyInterpreter = translator is null && engine == EngineKind.Auto ? why : null;
        OpenWindows(settings ?? new TranslatorSettings());
        memory.CodeWritten = RequestPoll;
        Machine = machine;
        Reset();
        if (engine == EngineKind.Lockstep)
            Machine = StartPair(machine, settings ?? new TranslatorSettings());
        Bus = Machine as IBus;
    }

    public GuestMemory Memory { get; }

    public IMachine Machine { get; }

    /// <summary>What lies outside of processor and RAM; null if the machine has nothing there.</summary>
    public IBus? Bus { get; }

    /// <summary>The registers. Only for the thread that owns the processor. After changing segment caches, EFLAGS or control registers
    /// here directly, call <see cref="RefreshMode"/>.</summary>
    public CpuState* State => _c;

    /// <summary>The same with what goes with it while it is executed.</summary>
    internal EngineState* Execution => _e;

    /// <summary>Whether the last <see cref="Run"/> ended at a HLT in ring 0 that belongs to the Guest.</summary>
    public bool IsHalted => _e->Exit == ExitKind.Halted;

    /// <summary>Set while an interrupt waits for EFLAGS.IF: <see cref="IMachine.Poll"/> is called soon after that is set.</summary>
    public bool AwaitsWindow
    {
        get => _e->AwaitsWindow != 0;
        set => _e->AwaitsWindow = value ? 1u : 0;
    }

    /// <summary>What executes its code: never <see cref="EngineKind.Auto"/>.</summary>
    public EngineKind EngineKind => _pair is null ? Engine.Kind : EngineKind.Lockstep;

    /// <summary>Bytes that executing takes beside <see cref="Memory"/>: decoded blocks, the host's code for them, and their
    /// tables.</summary>
    public long EngineBytes => _blocks.Bytes + _statePages.Length + _jumpPages.Length;

    /// <summary>The most that <see cref="EngineBytes"/> has been.</summary>
    public long MostEngineBytes => _blocks.MostBytes + _statePages.Length + _jumpPages.Length;

    /// <summary>Why <see cref="EngineKind.Auto"/> came to the interpreter; null where it did not.</summary>
    public string? WhyInterpreter { get; }

    /// <summary>Set: any gate into ring 0 is a world switch (<see cref="IMachine.Trap"/>). Clear: ring 0 runs inside, as on bare
    /// hardware.</summary>
    public bool HostOwnsRing0 { get; set; }

    /// <summary>Instructions retired since <see cref="Reset"/>. Exact outside of <see cref="Run"/> and inside the machine's callbacks. A
    /// REP string
    /// instruction counts as one, when its last element is done, however often it was interrupted.</summary>
    public ulong Instructions => _c->Retired + RetiredInRun;

    /// <summary>Exceptions after which <see cref="Run"/> returns even within its budget: a handler that faults at its first instruction
    /// retires none.</summary>
    public const int MostFaults = 10_000;

    private long _runBudget;

    private ulong RetiredInRun => (ulong)(_runBudget - _e->Budget - _e->Unretired);

    /// <summary>
    /// State after power-on as a protected-mode machine would want it: registers 0, EFLAGS 2, CR0 PE and ET and NE, flat ring-0 segments,
    /// no
    /// paging, FPU as after FNINIT with MXCSR 0x1f80. Blocks and TLB are dropped.
    /// </summary>
    public void Reset()
    {
        NativeMemory.Clear(_e, (nuint)sizeof(EngineState));
        _runBudget = 0;
        _e->Owner = GCHandle.ToIntPtr(_handle);
        Engine.Attach();
        _e->Jumps = (JumpEntry*)_jumpPages.Base;
        _c->FlagResult = 1;
        _c->FlagCarries = 1u << 8;
        _c->FlagsOther = EFlags.AlwaysOne;
        Flags.SetAll(_c, EFlags.AlwaysOne);
        _c->Cr0 = ControlRegisters.Cr0ProtectionEnable | ControlRegisters.Cr0ExtensionType | ControlRegisters.Cr0NumericError;
        _c->Cr4 = ControlRegisters.Cr4OsFxsr | ControlRegisters.Cr4OsXmmExceptions;
        _c->Dr[6] = DebugRegisters.StatusFixed;
        _c->Dr[7] = DebugRegisters.ControlFixed;
        _c->SegmentCap = uint.MaxValue;
        for (int i = 0; i < 6; i++)
            SetFlatSegment((SegmentRegister)i, 0, i == (int)SegmentRegister.Cs, 0);
        _c->Cpl = 0;
        ForgetDescriptors();
        ResetFpu();
        RefreshMode();
        EmptyTlb();
        ForgetCode();
        Windows?.Changed();
        DropKernelWindow();
    }

    /// <summary>Loads a segment register with a flat 4 GiB segment without reading a descriptor. For tests and for setting up a
    /// machine.</summary>
    public void SetFlatSegment(SegmentRegister register, ushort selector, bool code, int dpl)
    {
        var segment = Segment(register);
        int type = code ? SegmentCache.Code | SegmentCache.ReadableCode : SegmentCache.Writable;
        *segment = new SegmentCache
        {
            Limit = uint.MaxValue,
            Selector = selector,
            Attributes = (ushort)(SegmentCache.Granular | SegmentCache.Big | SegmentCache.Present | SegmentCache.NotSystem
                | SegmentCache.Accessed | type | (dpl << 5)),
        };
        segment->UpdateRights();
    }

    /// <summary>
    /// Executes until <paramref name="instructions"/> have retired (some more: the check is at block ends) or <see cref="Stop"/> is called
    /// by the
    /// machine, or <see cref="MostFaults"/> exceptions have been delivered. Long REP string instructions take the place of as many
    /// instructions as their
    /// work is worth, so that the call ends in their middle. May be called again; goes on where it was.
    /// </summary>
    /// <returns>Instructions retired in this call.</returns>
    /// <exception cref="Lockstep.EngineDifferenceException">The engines that <see cref="EngineKind.Lockstep"/> compares
    /// differ.</exception>
    public ulong Run(long instructions) => _pair is null ? RunAlone(instructions) : _pair.Run(instructions);

    /// <summary>The Guest hardly does anything at present, and what it has needed for more than that may go. Outside of
    /// <see cref="Run"/>.</summary>
    public void Rest() => _blocks.Rested();

    /// <summary>Runs without being compared.</summary>
    internal ulong RunAlone(long instructions)
    {
        ulong before = _c->Retired;
        _runBudget = instructions;
        _e->Budget = instructions;
        _e->Unretired = 0;
        _e->Exit = ExitKind.Continue;
        _stop = false;
        CheckDescriptors();
        ChooseWindow();
        ChooseKernelWindow();
        int faults = 0;
        while (!_stop)
        {
            if (_e->Poll != 0 && _c->Shadow == 0)
            {
                // A full fence: a request made from here on is seen at the next block end, and one made before is seen below. A
                // plain store could still be on its way when the next one asks, and wipe that out.
                Interlocked.Exchange(ref _e->Poll, 0);
                _blocks.ForgetWritten();
                Machine.Poll(this);
                if (_stop)
                    break;
            }

            if (_e->Budget <= 0)
                break;
            bool oneOnly = _c->Shadow != 0 && _e->AwaitsWindow != 0;
            _c->Shadow = 0;
            _c->FlagsOther &= ~EFlags.Resume; // good for one boundary between instructions: after IRET, or in the middle of a string
            _e->Exit = ExitKind.Continue;
            bool step = (_e->Mode & ModeBits.SingleStep) != 0;
            if (oneOnly)
                EnterWindow();
            Engine.Execute(_blocks.Find(_c->Eip));
            if (oneOnly)
                RefreshMode();
            switch (_e->Exit)
            {
                case ExitKind.Continue:
                    if (step && _c->Shadow == 0)
                        DeliverStep();
                    break;
                case ExitKind.Fault:
                    Deliveries++;
                    Deliver((byte)_e->FaultVector, _e->FaultError, _e->FaultCause);
                    if (++faults == MostFaults || Deliveries == StopAtDelivery)
                        _stop = true;
                    break;
                case ExitKind.SoftwareInterrupt:
                    Deliveries++;
                    Deliver((byte)_e->FaultVector, 0, TrapCause.Software);
                    _stop |= Deliveries == StopAtDelivery;
                    break;
                case ExitKind.Halted:
                    _stop = true;
                    break;
            }
        }

        // The same flags are the same bytes, whatever computed them.
        Flags.SetStatus(_c, Flags.Status(_c));
        _c->Retired += RetiredInRun;
        LeftOver = _e->Budget;
        _runBudget = 0;
        _e->Budget = 0;
        _e->Unretired = 0;
        return _c->Retired - before;
    }

    /// <summary>STI; NOP; CLI lets an interrupt in, after the NOP: where one waits, the instruction in the shadow has a block to
    /// itself.</summary>
    private void EnterWindow()
    {
        _e->Mode |= ModeBits.SingleStep;
        RefreshEpoch();
    }

    /// <summary>Makes <see cref="Run"/> return before the next instruction. For the machine, from inside its callbacks.</summary>
    public void Stop() => _stop = true;

    /// <summary>Asks for <see cref="IMachine.Poll"/> at the next block end. Any thread.</summary>
    public void RequestPoll() => Volatile.Write(ref _e->Poll, 1);

    /// <summary>Recomputes what depends on segments, privilege level, EFLAGS and CR0: the block mode, the TLB in use, the FPU
    /// trap.</summary>
    public void RefreshMode()
    {
        uint mode = 0;
        if (_c->Cs.IsBig)
            mode |= ModeBits.Code32;
        if (_c->Ss.IsBig)
            mode |= ModeBits.Stack32;
        if (_c->Cs.IsFlatCode)
            mode |= ModeBits.FlatCs;
        if (_c->Ss.IsFlatData)
            mode |= ModeBits.FlatSs;
        if (_c->Ds.IsFlatData)
            mode |= ModeBits.FlatDs;
        if (_c->Es.IsFlatData)
            mode |= ModeBits.FlatEs;
        if (_c->Cpl == 3)
            mode |= ModeBits.User;
        mode |= WindowMode((mode & ModeBits.User) != 0);
        if ((_c->FlagsOther & EFlags.Trap) != 0)
            mode |= ModeBits.SingleStep;
        _e->Mode = mode;
        RefreshEpoch();
        _e->Tlb = (Mmu.TlbEntry*)((mode & ModeBits.User) != 0 ? &_e->UserTlb : (void*)&_e->SupervisorTlb);
        if (_c->Cpl != _memoLevel && _c->Cpl != 3)
            ForgetDescriptors();
        _e->FpuTrap = _c->Cr0 & (ControlRegisters.Cr0TaskSwitched | ControlRegisters.Cr0Emulation);
    }

    /// <summary>The whole of EFLAGS.</summary>
    public uint Eflags
    {
        get => Flags.All(_c);
        set
        {
            Flags.SetAll(_c, value);
            RefreshMode();
        }
    }

    public void Dispose()
    {
        if (!_handle.IsAllocated)
            return;
        _pair?.Dispose();
        Memory.CodeWritten = null;
        Engine.Dispose();
        Windows?.Dispose();
        Kernel?.Dispose();
        Release();
    }

    private void Release()
    {
        _blocks.Dispose();
        DisposeCode();
        _jumpPages.Dispose();
        _statePages.Dispose();
        _handle.Free();
        _hold.Dispose();
    }

    /// <summary>The processor that owns a state.</summary>
    internal static Processor Of(CpuState* c) => (Processor)GCHandle.FromIntPtr(EngineState.Of(c)->Owner).Target!;

    internal BlockCache Blocks => _blocks;

    internal IEngine Engine { get; }

    internal SegmentCache* Segment(SegmentRegister register) => &_c->Es + (int)register;

    private void ResetFpu()
    {
        byte* fx = (byte*)&_c->Fx;
        *(ushort*)fx = 0x037f;
        *(uint*)(fx + 24) = 0x1f80;
        *(uint*)(fx + 28) = 0xffff;
    }
}
