// One entry of the privileged state array: all that the Host keeps about a Guest that no Guest may touch. lguest has it in struct lguest
// and struct lg_cpu. It is lent as a whole: to the GuestCpu actor while the Guest runs, back to the Switcher when it does not. This is what
// every kind of machine has in common: a processor, a clock, slices, an end. What kind it is shows in the classes below.
//
//J:Switcher:110 The slice
// Enter is the loop that lguest's author calls the heart: finish what was left over; look at the clock; deliver an interrupt; if the
// Guest sleeps, leave; run a chunk of instructions; see whether there is a reason to leave, or whether the time is up.
using Lguest.Guest.Cpu;
using Lguest.Guest.Lockstep;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Machine;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Slots;

/// <summary>The privileged state of one Guest. One owner at a time, no locks; <see cref="RaiseInterrupt"/> and <see cref="RequestLeave"/>
/// may be called
/// from any thread.</summary>
public abstract class MachineSlot : IMachine, IDisposable
{
    private readonly IHostClock _clock;
    private readonly Repose _repose;
    private ExitReason? _exit;
    private int _leaveRequested;
    private long _switchesOut;
    private long _runningNanoseconds;

    /// <param name="memory">With the kernel in place; not owned.</param>
    /// <param name="clock">The Host's clocks.</param>
    /// <param name="kind">Real or virtual time.</param>
    /// <param name="engine">What executes its code.</param>
    /// <param name="translator">Bounds of the translator; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">This host does not have that engine; the message says why.</exception>
    protected MachineSlot(GuestMemory memory, IHostClock clock, ClockKind kind, EngineKind engine, TranslatorSettings? translator)
    {
        Memory = memory;
        _clock = clock;
        _repose = new Repose(clock.Monotonic);
        Processor = new Processor(memory, this, engine, translator);
        Time = new GuestTime(kind, clock, Processor);
    }

    /// <summary>How the Guest ended; null while it lives.</summary>
    public GuestEnd? End { get; private set; }

    /// <summary>The Guest's processor.</summary>
    public Processor Processor { get; }

    /// <summary>The Guest's memory.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Whether the Guest sleeps until an interrupt.</summary>
    public bool IsHalted { get; internal set; }

    /// <summary>Whether a sleeping Guest has an interrupt to wake it. Owner only.</summary>
    public abstract bool WouldWake { get; }

    /// <summary>When the Guest's alarm is due by <see cref="IHostClock.Monotonic"/>; null: nothing to wait for.</summary>
    public long? HostAlarm => Time.HostAlarm;

    /// <summary>When it pays to wake up for that alarm: at the same time, or somewhat later, together with others.</summary>
    public virtual long? HostWake => HostAlarm;

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

    /// <summary>What the chips of its board remember, if it has one. Owner only.</summary>
    internal virtual IEnumerable<object> BoardState => [];

    internal GuestTime Time { get; }

    /// <summary>Whether something has happened that ends the slice.</summary>
    internal bool IsLeaving => _exit is not null;

    /// <summary>World switches into the Guest.</summary>
    protected long Entries { get; set; }

    /// <summary>Whether somebody wants the Guest to come out.</summary>
    protected bool IsAskedToLeave => Volatile.Read(ref _leaveRequested) != 0;

    /// <summary>Makes an irq pending; the processor looks at it at its next block end. Any thread.</summary>
    /// <param name="irq">0-31.</param>
    public abstract void RaiseInterrupt(int irq);

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
        Rest();
        long left = _clock.Monotonic;
        _runningNanoseconds += left - start;
        if (_repose.IsOneAt(left, _runningNanoseconds))
            Processor.Rest();
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
            Resume();
            if (IsHalted && !WouldWake)
                Time.SkipToAlarm();
        }

        while (true)
        {
            if (_exit is null && End is null)
            {
                Attend();
                if (IsHalted && _exit is null)
                    Leave(Time.Alarm == GuestTime.NoAlarm ? ExitReason.Halted : ExitReason.Sleeping);
            }

            if (_exit is { } reason)
            {
                _exit = null;
                _switchesOut++;
                return reason;
            }

            if (End is not null)
                return Final(End);

            if (Volatile.Read(ref _leaveRequested) != 0 || _clock.Monotonic >= end)
            {
                Volatile.Write(ref _leaveRequested, 0);
                _switchesOut++;
                return ExitReason.BudgetSpent;
            }

            Entries++;
            try
            {
                RunChunk(Time.InstructionsUntilAlarm(settings.ChunkInstructions));
            }
            catch (EngineDifferenceException difference)
            {
                Abandon(difference.Message);
            }
        }
    }

    /// <summary>The outcome of what the Guest waited for outside.</summary>
    /// <param name="result">For the Guest; null where there is none.</param>
    public virtual void FinishDma(uint? result)
    {
    }

    /// <summary>Kills the Guest for what the Host's DMA found wrong with its descriptors. Owner only.</summary>
    public void KillForDma(KillReason reason, string why) => Kill(reason, why);

    /// <summary>Kills the Guest for something that the Host, not a rule, found wrong with running it.</summary>
    public void Abandon(string why) => Kill(KillReason.HostResource, why);

    /// <summary>What the Guest has done so far. Owner only.</summary>
    public virtual GuestStatistics Statistics() =>
        new(Processor.Instructions, Entries, 0, 0, [], 0, 0, 0, _switchesOut, _runningNanoseconds)
        {
            Engine = Processor.EngineKind,
            EngineBytes = Processor.EngineBytes,
            MostEngineBytes = Processor.MostEngineBytes,
        };

    public void Dispose()
    {
        Processor.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public abstract void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address);

    /// <inheritdoc/>
    public abstract void Poll(Processor processor);

    /// <inheritdoc/>
    public abstract bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address);

    /// <inheritdoc/>
    public virtual ulong ReadTimeStamp(Processor processor) => (ulong)Time.Now;

    /// <summary>Ends the Guest with a reason, once: what comes after the first reason is only its consequence.</summary>
    internal void Kill(KillReason reason, string detail) => Finish(new GuestEnd.Killed(reason, detail));

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

    /// <summary>A slice begins: what was left over from the last.</summary>
    protected virtual void Resume()
    {
    }

    /// <summary>Between two chunks: the alarm, interrupts.</summary>
    protected abstract void Attend();

    /// <summary>Runs a number of instructions.</summary>
    protected abstract void RunChunk(long instructions);

    /// <summary>A slice is over.</summary>
    protected virtual void Rest()
    {
    }

    /// <summary>Frees what a kind of machine has beside the processor.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    private static ExitReason Final(GuestEnd end) => end is GuestEnd.Killed killed ? new ExitReason.Died(killed)
        : new ExitReason.Shutdown(end);
}
