// Picks log events and tells who is interested when one was picked.

using Akka.Event;

namespace Akka.TestKit.Internal;

public abstract class EventFilterBase
{
    /// <summary>Raised, on the listener's thread, for each event that matched.</summary>
    public event Action<LogEvent> EventMatched;

    public bool Apply(LogEvent logEvent)
    {
        if (!IsMatch(logEvent)) return false;
        EventMatched?.Invoke(logEvent);
        return true;
    }

    protected abstract bool IsMatch(LogEvent evt);
}

/// <summary>A filter given as a function, with the words that failures describe it by.</summary>
internal sealed class PredicateEventFilter(string description, Predicate<LogEvent> predicate) : EventFilterBase
{
    public override string ToString() => description;

    protected override bool IsMatch(LogEvent evt) => predicate(evt);
}
