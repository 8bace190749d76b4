// Starts a child again, each time a little later, so that what it depends on has time to recover. To others it looks like the child.

using Akka.Actor;
using Akka.Event;

namespace Akka.Pattern;

public sealed class BackoffSupervisor : ActorBase
{
    private readonly PlainBackoffOptions _options;
    private IActorRef _child;

    // The failed child that is on its way out; its end is the beginning of the delay.
    private IActorRef _failed;
    private int _restarts;
    private bool _isFinal;

    public BackoffSupervisor(BackoffOptions options) => _options = (PlainBackoffOptions)options;

    public static Props Props(BackoffOptions options) => options.Props;

    /// <summary>On stop, with automatic reset.</summary>
    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor, -1).Props;

    public static Props Props(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries).Props;

    protected override void PreStart() => Start();

    protected override SupervisorStrategy SupervisorStrategy()
    {
        var strategy = _options.Strategy;
        return _options.OnStop ? strategy : new OneForOneStrategy(strategy.MaxNumberOfRetries, strategy.WithinTimeRangeMilliseconds, Decide);
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated when terminated.ActorRef.Equals(_child):
                ChildEnded();
                break;
            case StartChild when _failed is null:
                Start();
                if (_options.ResetAfter is { } after)
                    Context.System.Scheduler.ScheduleTellOnce(after, Self, new ResetRestartCount(_restarts), Self);
                break;
            case StartChild:
                break;
            case Reset when _options.ResetAfter is null:
                _restarts = 0;
                break;
            case Reset:
                Unhandled(message);
                break;
            case ResetRestartCount reset:
                if (reset.Current == _restarts) _restarts = 0;
                break;
            case GetRestartCount:
                Sender.Tell(new RestartCount(_restarts));
                break;
            case GetCurrentChild:
                Sender.Tell(new CurrentChild(_child));
                break;
            default:
                Pass(message);
                break;
        }

        return true;
    }

    // 2^restarts times the least delay, at most the longest, and a random share on top so that many do not come back at once.
    internal static TimeSpan CalculateDelay(int restarts, TimeSpan min, TimeSpan max, double randomFactor)
    {
        var spread = 1.0 + Random.Shared.NextDouble() * randomFactor;
        var delay = restarts >= 30 ? max : TimeSpan.FromTicks((long)Math.Min(max.Ticks, min.Ticks * Math.Pow(2, restarts)));
        return TimeSpan.FromTicks((long)Math.Min(TimeSpan.MaxValue.Ticks / 2.0, delay.Ticks * spread));
    }

    private void Start() => _child ??= Context.Watch(Context.ActorOf(_options.ChildProps, _options.ChildName));

    // On failure: a restart becomes a stop and, when the child has gone, a later start.
    private Directive Decide(Exception cause)
    {
        var directive = _options.Strategy.Decider.Decide(cause);
        if (directive != Directive.Restart) return directive;
        var window = _options.Strategy.WithinTimeRangeMilliseconds;
        if (window > 0 && _restarts == 0)
            Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(window), Self, new ResetRestartCount(_restarts), Self);
        if (IsExhausted) Context.Stop(Self);
        else _failed = Sender;
        return Directive.Stop;
    }

    private bool IsExhausted => _options.Strategy.MaxNumberOfRetries >= 0 && _restarts + 1 > _options.Strategy.MaxNumberOfRetries;

    private void ChildEnded()
    {
        var failed = _failed is not null;
        _child = null;
        _failed = null;
        if (_isFinal || (!failed && !_options.OnStop) || (!failed && IsExhausted))
        {
            Context.Stop(Self);
            return;
        }

        var delay = CalculateDelay(_restarts++, _options.MinBackoff, _options.MaxBackoff, _options.RandomFactor);
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, StartChild.Instance, Self);
    }

    private void Pass(object message)
    {
        if (_child is null)
        {
            if (_options.Reply is { } reply) Sender.Tell(reply);
            else Context.System.DeadLetters.Forward(message);
            if (_options.IsFinal?.Invoke(message) == true) Context.Stop(Self);
        }
        else if (_child.Equals(Sender))
        {
            // What the child tells its parent it means for whoever stands behind us.
            Context.Parent.Tell(message);
        }
        else
        {
            _child.Forward(message);
            _isFinal |= _options.IsFinal?.Invoke(message) == true;
        }
    }

    /// <summary>Asks for <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        public static readonly GetCurrentChild Instance = new();
    }

    /// <summary>The child, or null while there is none.</summary>
    public sealed class CurrentChild(IActorRef @ref)
    {
        public IActorRef Ref { get; } = @ref;
    }

    /// <summary>From the child: all is well, count from zero again.</summary>
    public sealed class Reset
    {
        public static readonly Reset Instance = new();
    }

    /// <summary>Asks for <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        public static readonly GetRestartCount Instance = new();
    }

    public sealed class RestartCount(int count)
    {
        public int Count { get; } = count;
    }

    public sealed class StartChild : IDeadLetterSuppression
    {
        public static readonly StartChild Instance = new();
    }

    public sealed class ResetRestartCount(int current) : IDeadLetterSuppression
    {
        public int Current { get; } = current;
    }
}
