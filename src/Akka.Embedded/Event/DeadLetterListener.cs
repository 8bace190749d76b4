// Logs dead letters until there have been enough of them.

using Akka.Actor;

namespace Akka.Event;

internal sealed class DeadLetterListener : ActorBase
{
    private int _limit;
    private TimeSpan _suspension;
    private bool _suspended;
    private int _count;

    protected override void PreStart()
    {
        _limit = Context.System.Settings.LogDeadLetters;
        _suspension = Context.System.Settings.LogDeadLettersSuspendDuration;
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(Dropped));
        Context.System.EventStream.Subscribe(Self, typeof(UnhandledMessage));
        Context.System.EventStream.Subscribe(Self, typeof(Stop));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case AllDeadLetters letter:
                Log(letter);
                return true;
            case Stop:
                Context.Stop(Self);
                return true;
            case Resume:
                _suspended = false;
                _count = 0;
                return true;
            default:
                return false;
        }
    }

    private void Log(AllDeadLetters letter)
    {
        // Stopped systems are silent about what is still in the air, unless they are asked not to be.
        if (_suspended) return;
        _count++;
        var origin = letter.Sender is null || letter.Sender is DeadLetterActorRef ? "without sender" : $"from {letter.Sender}";
        var what = letter switch
        {
            Dropped dropped => $"was dropped. {dropped.Reason}. ",
            UnhandledMessage => "was unhandled. ",
            _ => "was not delivered. ",
        };
        var end = "";
        if (_limit != int.MaxValue && _count >= _limit)
        {
            _suspended = true;
            if (_suspension != Timeout.InfiniteTimeSpan)
            {
                end = $", no more dead letters will be logged in next [{_suspension}]";
                Context.System.Scheduler.ScheduleTellOnce(_suspension, Self, Resume.Instance, Self);
            }
            else
            {
                end = ", no more dead letters will be logged";
            }
        }

        Context.System.EventStream.Publish(new Info(
            letter.Recipient.Path.ToString(),
            letter.Recipient.GetType(),
            $"Message [{letter.Message.GetType().Name}] {origin} to {letter.Recipient} {what}[{_count}] dead letters encountered{end}. "
            + "This logging can be turned off or adjusted with configuration settings 'akka.log-dead-letters' "
            + $"and 'akka.log-dead-letters-during-shutdown'. Message content: {letter.Message}"));
    }

    internal sealed class Stop : INoSerializationVerificationNeeded
    {
        internal static readonly Stop Instance = new();
    }

    private sealed class Resume : INoSerializationVerificationNeeded
    {
        internal static readonly Resume Instance = new();
    }
}
