// The logger of tests: prints like the default one, but first asks the filters.

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Internal;
using Akka.TestKit.TestEvent;

namespace Akka.TestKit;

public class TestEventListener : DefaultLogger
{
    private readonly List<EventFilterBase> _filters = [];

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                foreach (var type in new[] { typeof(Mute), typeof(Unmute), typeof(DeadLetter), typeof(UnhandledMessage) })
                    Context.System.EventStream.Subscribe(Context.Self, type);
                return base.Receive(initialize);
            case Mute mute:
                _filters.AddRange(mute.Filters);
                return true;
            case Unmute unmute:
                foreach (var filter in unmute.Filters) _filters.Remove(filter);
                return true;
            case LogEvent logEvent:
                if (!IsFiltered(logEvent)) Print(logEvent);
                return true;
            case DeadLetter letter:
                Report(new Warning(letter.Recipient.Path.ToString(), letter.Recipient.GetType(), letter));
                return true;
            case UnhandledMessage unhandled:
                Report(new Warning(
                    unhandled.Recipient.Path.ToString(),
                    unhandled.Recipient.GetType(),
                    $"Unhandled message from {unhandled.Sender}: {unhandled.Message}"));
                return true;
            default:
                return base.Receive(message);
        }
    }

    private void Report(LogEvent logEvent) => IsFiltered(logEvent);

    private bool IsFiltered(LogEvent logEvent)
    {
        foreach (var filter in _filters)
            if (filter.Apply(logEvent)) return true;
        return false;
    }
}
