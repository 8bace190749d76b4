// How a backoff supervisor behaves, put together step by step.

using Akka.Actor;

namespace Akka.Pattern;

public abstract record BackoffOptions
{
    internal abstract Props Props { get; }

    /// <summary>Counts from zero again when the child has lived so long.</summary>
    public abstract BackoffOptions WithAutoReset(TimeSpan resetBackoff);

    /// <summary>Counts from zero again only when the child sends <see cref="BackoffSupervisor.Reset"/>.</summary>
    public abstract BackoffOptions WithManualReset();

    public abstract BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy);

    /// <summary>Failures stop the child.</summary>
    public abstract BackoffOptions WithDefaultStoppingStrategy();

    /// <summary>What to answer while there is no child; without it messages become dead letters.</summary>
    public abstract BackoffOptions WithReplyWhileStopped(object replyWhileStopped);

    /// <summary>After a message for which this is true, the child's end is final.</summary>
    public abstract BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage);

    /// <summary>Gives up after so many starts in a row; -1 never.</summary>
    public abstract BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries);
}

internal sealed record PlainBackoffOptions(
    bool OnStop, Props ChildProps, string ChildName, TimeSpan MinBackoff, TimeSpan MaxBackoff, double RandomFactor) : BackoffOptions
{
    /// <summary>Null when the child resets by hand.</summary>
    internal TimeSpan? ResetAfter { get; private init; } = MinBackoff;

    internal OneForOneStrategy Strategy { get; private init; } = new(SupervisorStrategy.DefaultDecider);
    internal object Reply { get; private init; }
    internal Func<object, bool> IsFinal { get; private init; }

    internal override Props Props
    {
        get
        {
            if (MinBackoff <= TimeSpan.Zero) throw new ArgumentException("MinBackoff must be greater than 0");
            if (MaxBackoff < MinBackoff) throw new ArgumentException("MaxBackoff must be greater than MinBackoff");
            if (RandomFactor is < 0.0 or > 1.0) throw new ArgumentException("RandomFactor must be between 0.0 and 1.0");
            return Props.Create(() => new BackoffSupervisor(this));
        }
    }

    public override BackoffOptions WithAutoReset(TimeSpan resetBackoff) => this with { ResetAfter = resetBackoff };
    public override BackoffOptions WithManualReset() => this with { ResetAfter = null };
    public override BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy) => this with { Strategy = supervisorStrategy };

    public override BackoffOptions WithDefaultStoppingStrategy() => this with
    {
        Strategy = new OneForOneStrategy(Strategy.MaxNumberOfRetries, -1, SupervisorStrategy.StoppingStrategy.Decider),
    };

    public override BackoffOptions WithReplyWhileStopped(object replyWhileStopped) => this with { Reply = replyWhileStopped };
    public override BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) => this with { IsFinal = isFinalStopMessage };
    public override BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) => this with { Strategy = Strategy.WithMaxNrOfRetries(maxNrOfRetries) };
}
