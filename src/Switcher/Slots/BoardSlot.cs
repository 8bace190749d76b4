// The slot of a Guest whose kernel owns ring 0: a processor on a board. Nothing of the Guest's leads to the Host by a trap; what it wants
// of its machine it asks of chips, and what the chips want of it they ask by the interrupt pin.
//
//J:Switcher:120 A Guest that knows no Host
// The world switch of such a Guest is the same slice, and shorter: before each chunk the board is told the time, if something on it was
// due; if its interrupt controller has something and the Guest has interrupts on, the processor takes it through the Guest's own gate.
// While they are off, nothing is asked again: the instruction that switches them on asks. HLT ends the slice until the board's next event.
// The two ends are those of a PC: a processor that halts with interrupts off is switched off, and one that faults three times is reset.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Machine;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Slots;

/// <summary>The privileged state of one Guest that runs on an <see cref="IMainboard"/>.</summary>
public sealed unsafe class BoardSlot : MachineSlot, IBus
{
    private const uint TimeStampRegister = 0x10; // IA32_TIME_STAMP_COUNTER
    private const int TaskGate = 5;
    private const int DoubleFaultGate = Vectors.DoubleFault * 8;
    private const long LongestCatchUp = 100_000_000;

    private readonly IMainboard _board;
    private readonly IdleTicks _ticks = new();
    private readonly DeviceAttention _attention;
    private bool _wasCalled;
    private long _due;
    private ulong _timeStampAhead;
    private long _interrupts;

    /// <param name="memory">RAM with the kernel in place; not owned.</param>
    /// <param name="board">All the rest of the machine.</param>
    /// <param name="start">Sets up the registers for the first instruction.</param>
    /// <param name="clock">The Host's clocks.</param>
    /// <param name="kind">Real or virtual time.</param>
    /// <param name="engine">What executes its code.</param>
    /// <param name="translator">Bounds of the translator; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">This host does not have that engine; the message says why.</exception>
    public BoardSlot(
        GuestMemory memory,
        IMainboard board,
        Action<Processor> start,
        IHostClock clock,
        ClockKind kind = ClockKind.Real,
        EngineKind engine = EngineKind.Interpreter,
        TranslatorSettings? translator = null)
        : base(memory, clock, kind, engine, translator)
    {
        _board = board;
        _attention = new DeviceAttention(Processor.RequestPoll);
        _board.Attention = _attention.Want;
        _board.Start(Moment);
        start(Processor);
        Processor.RefreshMode();
    }

    /// <inheritdoc/>
    public override long? HostWake => _ticks.WakeFor(HostAlarm);

    /// <inheritdoc/>
    public override bool WouldWake => _attention.IsWanted || _board.HasInterrupt;

    /// <inheritdoc/>
    internal override IEnumerable<object> BoardState => _board.State;

    /// <inheritdoc/>
    public override void RaiseInterrupt(int irq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)irq, 32u);
        _attention.Signal(irq);
    }

    /// <inheritdoc/>
    public override GuestStatistics Statistics() => base.Statistics() with { Interrupts = _interrupts };

    /// <summary>Only a fault that could not be delivered comes here: the third in a row, which has stopped the processor.</summary>
    public override void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        // A kernel that wants a reset throws its gates away first. One whose double fault has a task of its own has lost its stack.
        Span<byte> gate = stackalloc byte[8];
        bool isLost = processor.State->IdtLimit >= DoubleFaultGate + 7
            && processor.TryReadLinear(new GuestVirtual(processor.State->IdtBase + DoubleFaultGate), gate) && (gate[5] & 0x1f) == TaskGate;
        Finish(isLost ? new GuestEnd.Crash($"double fault at 0x{processor.State->Eip:x}") : new GuestEnd.Restart());
    }

    /// <inheritdoc/>
    public override void Poll(Processor processor)
    {
        if (IsAskedToLeave)
            processor.Stop();
        else
            TakeAttention();
        Deliver();
    }

    /// <inheritdoc/>
    public override bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address) => true;

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int bytes)
    {
        uint value = _board.ReadPort(port, bytes, Time.Now);
        Settle();
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int bytes, uint value)
    {
        _board.WritePort(port, bytes, value, Time.Now);
        Settle();
    }

    /// <inheritdoc/>
    public uint ReadDevice(ulong address, int bytes)
    {
        uint value = _board.ReadDevice(address, bytes, Time.Now);
        Settle();
        return value;
    }

    /// <inheritdoc/>
    public void WriteDevice(ulong address, int bytes, uint value)
    {
        _board.WriteDevice(address, bytes, value, Time.Now);
        Settle();
    }

    /// <inheritdoc/>
    public bool TryReadRegister(uint number, out ulong value) => _board.TryReadRegister(number, out value);

    /// <inheritdoc/>
    public bool TryWriteRegister(uint number, ulong value)
    {
        // The counter is the processor's; a board that has told its kernel how to read it hears that it was set.
        bool isTimeStamp = number == TimeStampRegister;
        if (isTimeStamp)
            _timeStampAhead = value - (ulong)Time.Now;
        return _board.TryWriteRegister(number, value, Moment) || isTimeStamp;
    }

    /// <inheritdoc/>
    public override ulong ReadTimeStamp(Processor processor) => (ulong)Time.Now + _timeStampAhead;

    /// <inheritdoc/>
    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => _board.Identify(leaf);

    /// <inheritdoc/>
    protected override void Attend()
    {
        TakeAttention();
        long now = Time.Now;
        long seen = Follow(now);
        Deliver();
        _due = _board.NextEvent(seen);
        Time.SetAlarmAt(_due);
    }

    /// <inheritdoc/>
    protected override void RunChunk(long instructions)
    {
        Processor.Run(instructions);
        if (!Processor.IsHalted)
            return;
        if ((Processor.State->FlagsOther & EFlags.Interrupt) != 0)
            IsHalted = true;
        else
            Finish(new GuestEnd.PowerOff());
    }

    /// <inheritdoc/>
    protected override void Rest()
    {
        _ticks.Rested(Time.Now, Processor.Instructions, _interrupts, _wasCalled);
        _wasCalled = false;
        _board.Rest(Time.Now);
    }

    private MachineTime Moment
    {
        get
        {
            var (seconds, nanoseconds) = Time.Wall;
            long now = Time.Now;
            return new MachineTime(now, (ulong)now + _timeStampAhead, seconds, nanoseconds);
        }
    }

    //J:Switcher:125 Ticks that are late
    // A Host that had no time for a Guest, or let it sleep a little longer to wake several at once, comes back when two of its ticks are
    // due. On one wire they would be one, and the Guest's jiffies would fall behind its clock. So the board is not told what time it is but
    // when the first of them was, and the next when the Guest has taken that interrupt, until it has caught up. KVM does the same with its
    // timer. A Guest that was stopped for long is not made to live through all of that.

    /// <summary>Tells the board the time, if something on it is due: event by event, up to the first that brings an interrupt.</summary>
    /// <returns>The time that the board knows.</returns>
    private long Follow(long now)
    {
        if (now < _due)
            return now;
        long at;
        do
        {
            at = Time.IsVirtual || now - _due > LongestCatchUp ? now : _due;
            _board.Advance(at);
            _due = _board.NextEvent(at);
        }
        while (_due <= now && at != now && !_board.HasInterrupt);
        return at;
    }

    private void TakeAttention()
    {
        if (!_attention.Take())
            return;
        _wasCalled = true;
        long now = Time.Now;
        while (_attention.TakeSignal() is { } number)
            _board.Signal(number, now);
        _board.Attend(now);
    }

    /// <summary>After an access to the board: it may have an interrupt now, an earlier event, or its end.</summary>
    private void Settle()
    {
        if (_board.HasInterrupt)
        {
            Processor.AwaitsWindow = true;
            Processor.RequestPoll();
        }

        if (_board.End != MainboardEnd.None)
        {
            Finish(_board.End switch
            {
                MainboardEnd.Reset => new GuestEnd.Restart(),
                MainboardEnd.Exit => new GuestEnd.Exit(_board.ExitCode),
                _ => new GuestEnd.PowerOff(),
            });
            Processor.Stop();
        }
        else if (_board.NextEvent(Time.Now) < _due)
        {
            // The chunk that runs was made to end at a later one.
            Processor.Stop();
        }
    }

    /// <summary>Takes an interrupt, if there is one and it may come now; else sees to it that we hear when it may.</summary>
    private void Deliver()
    {
        var c = Processor.State;
        bool waits = _board.HasInterrupt;
        Processor.AwaitsWindow = false;
        if (!waits)
            return;
        if ((c->FlagsOther & EFlags.Interrupt) == 0 || c->Shadow != 0)
        {
            Processor.AwaitsWindow = true;
            if ((c->FlagsOther & EFlags.Interrupt) != 0)
                Processor.RequestPoll();
            return;
        }

        IsHalted = false;
        _interrupts++;
        Processor.Interrupt(_board.Acknowledge(Time.Now));
        if (_board.HasInterrupt)
            Processor.AwaitsWindow = true;
    }
}
