// The threads of the Guests' CPUs. They run what is ready, and a thread that has nothing to run waits itself for the next Guest that is to
// wake up: on most machines a thread that wakes another costs more than all that an idle Guest does at its tick.
//
//J:Switcher:702 Who waits for a tick
// An idle Guest sleeps until its next alarm, and that is most of what a rack of Guests does. The thread that ran it last goes to sleep with
// the alarm's moment as the limit. When that has come, it tells the Switcher on its own thread, as at an exit; the Switcher sends the
// Guest's CPU in; and since the thread is free, it runs that next. So a tick wakes one thread, once, whether one Guest is due or twenty.
// Only what others do, a device or another CPU that goes on running, wakes a thread on purpose.

using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Lguest.Machine;
using Lguest.Switcher.Threads;

namespace Lguest.Switcher.Actors;

/// <summary>A fixed number of threads that run the CPU actors and wait for the Switchers' alarms.</summary>
public sealed class CpuDispatcher : MessageDispatcher
{
    [ThreadStatic]
    private static CpuDispatcher? _ringing;

    [ThreadStatic]
    private static IRunnable? _running;

    /// <summary>What ran last on this thread, and since when without another in between.</summary>
    [ThreadStatic]
    private static (IRunnable? Work, long Since) _stint;

    private readonly Lock _lock = new();
    private readonly CpuQueue<Worker, IRunnable> _queue;
    private readonly List<Alarm> _alarms = [];
    private readonly IHostClock _clock;
    private readonly long _stintTime;

    internal CpuDispatcher(MessageDispatcherConfigurator configurator, IHostClock clock)
        : base(configurator)
    {
        _clock = clock;
        var config = configurator.Config;
        Id = config.GetString("id");
        Throughput = config.GetInt("throughput");
        _stintTime = Nanoseconds.Of(config.GetTimeSpan("throughput-deadline-time"));
        _queue = new(config.GetInt("threads"));
    }

    /// <summary>How often a thread was woken by another one, and by an alarm.</summary>
    internal (long ByOthers, long ByAlarms) Wakes { get; private set; }

    private Nanoseconds Now => _clock.Monotonic;

    /// <summary>A new alarm, not set.</summary>
    /// <param name="owner">Who is told, on one of these threads, and if it is idle runs there.</param>
    /// <param name="message">What.</param>
    internal Alarm NewAlarm(IActorRef owner, object message)
    {
        Alarm alarm = new(this, owner, message);
        lock (_lock)
            _alarms.Add(alarm);
        return alarm;
    }

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run)
    {
        // A mailbox that is not empty after its turn says so before it leaves the thread.
        bool isSame = _running == run;
        bool goesOn = isSame && Now - _stint.Since < _stintTime;
        if (isSame && !goesOn)
            _stint = default;
        lock (_lock)
            Begin(_queue.Add(run, isFree: _ringing == this || isSame, goesOn));
    }

    /// <summary>Its actors are gone. Threads start again with the next one.</summary>
    protected override void Shutdown()
    {
        lock (_lock)
        {
            foreach (var worker in _queue.End())
                worker.Park.Wake();
        }
    }

    private void Begin(CpuQueue<Worker, IRunnable>.ThreadChange change)
    {
        if (change.Wake is { } idle)
        {
            Wakes = Wakes with { ByOthers = Wakes.ByOthers + 1 };
            idle.Park.Wake();
        }
        else if (change.Start)
        {
            Worker worker = new();
            new Thread(() => Work(worker)) { IsBackground = true, Name = "guest-cpu" }.Start();
        }
    }

    private void Work(Worker worker)
    {
        using var park = worker.Park;
        while (true)
        {
            RingDue();
            CpuQueue<Worker, IRunnable>.Turn turn;
            lock (_lock)
                turn = _queue.Next(worker, NextAlarm());
            if (turn.IsOver)
                return;
            if (turn.Run is { } run)
                Run(run);
            else
                Rest(worker, turn.Until);
        }
    }

    private void Rest(Worker worker, long until)
    {
        _stint = default;
        worker.Park.Wait(until == long.MaxValue ? until : Math.Max(0, until - Now));
        lock (_lock)
        {
            if (_queue.Wakes(worker))
                Wakes = Wakes with { ByAlarms = Wakes.ByAlarms + 1 };
        }
    }

    private void Run(IRunnable run)
    {
        try
        {
            _running = run;
            if (_stint.Work != run)
                _stint = (run, Now);
            run.Run();
        }
        catch (Exception problem)
        {
            // A mailbox handles what its actor throws. What comes out all the same must not take all the other Guests along.
            Configurator.Prerequisites.EventStream.Publish(new Error(problem, Id, GetType(), "a mailbox threw"));
        }
        finally
        {
            _running = null;
        }
    }

    private long NextAlarm()
    {
        long next = long.MaxValue;
        foreach (var alarm in _alarms)
            next = Math.Min(next, alarm.Due);
        return next;
    }

    private void RingDue()
    {
        while (TakeDue() is { } alarm)
        {
            try
            {
                _ringing = this;
                TrapDispatcher.TellHere(alarm.Owner, alarm.Message, ActorRefs.NoSender);
            }
            finally
            {
                _ringing = null;
            }
        }
    }

    private Alarm? TakeDue()
    {
        lock (_lock)
        {
            if (_alarms.Count == 0)
                return null;
            long now = Now;
            foreach (var alarm in _alarms)
            {
                if (alarm.Due > now)
                    continue;
                alarm.Due = long.MaxValue;
                return alarm;
            }

            return null;
        }
    }

    private void Set(Alarm alarm, long wait)
    {
        lock (_lock)
        {
            alarm.Due = wait == long.MaxValue ? wait : Now + wait;
            Begin(_queue.Watch(alarm.Due, isFree: _ringing == this));
        }
    }

    private void Remove(Alarm alarm)
    {
        lock (_lock)
            _alarms.Remove(alarm);
    }

    /// <summary>One moment to wait for. The owner sets it; any thread.</summary>
    internal sealed class Alarm(CpuDispatcher threads, IActorRef owner, object message) : IDisposable
    {
        public IActorRef Owner => owner;

        public object Message => message;

        /// <summary>By the threads' clock; their lock guards it.</summary>
        public long Due { get; set; } = long.MaxValue;

        /// <summary>Rings once, after so many nanoseconds; <see cref="long.MaxValue"/>: never.</summary>
        public void Set(long wait) => threads.Set(this, wait);

        public void Dispose() => threads.Remove(this);
    }

    private sealed class Worker
    {
        public ThreadPark Park { get; } = new();
    }
}
