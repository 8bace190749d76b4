// The words with which a test says which log events it means.

using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public class EventFilterFactory
{
    private readonly TestKitBase _testkit;
    private readonly ActorSystem _system;
    private readonly IReadOnlyList<EventFilterBase> _earlier;

    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, testkit.Sys, [])
    {
    }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
        : this(testkit, system, [])
    {
    }

    internal EventFilterFactory(TestKitBase testkit, ActorSystem system, IReadOnlyList<EventFilterBase> earlier)
    {
        _testkit = testkit;
        _system = system;
        _earlier = earlier;
    }

    public IEventFilterApplier Debug(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.DebugLevel, message, start, contains, source);

    public IEventFilterApplier Debug(Regex pattern, string source = null) => ForLogLevel(LogLevel.DebugLevel, pattern, source);

    public IEventFilterApplier Info(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.InfoLevel, message, start, contains, source);

    public IEventFilterApplier Info(Regex pattern, string source = null) => ForLogLevel(LogLevel.InfoLevel, pattern, source);

    public IEventFilterApplier Warning(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.WarningLevel, message, start, contains, source);

    public IEventFilterApplier Warning(Regex pattern, string source = null) => ForLogLevel(LogLevel.WarningLevel, pattern, source);

    public IEventFilterApplier Error(string message = null, string start = null, string contains = null, string source = null) =>
        ForLogLevel(LogLevel.ErrorLevel, message, start, contains, source);

    public IEventFilterApplier Error(Regex pattern, string source = null) => ForLogLevel(LogLevel.ErrorLevel, pattern, source);

    public IEventFilterApplier ForLogLevel(
        LogLevel logLevel, string message = null, string start = null, string contains = null, string source = null)
    {
        var text = TextMatcher(message, start, contains);
        return Filter($"{logLevel} with {Described(message, start, contains)}", evt => evt.LogLevel() == logLevel && IsFrom(evt, source) && text(Text(evt)));
    }

    public IEventFilterApplier ForLogLevel(LogLevel logLevel, Regex pattern, string source = null) =>
        Filter($"{logLevel} matching {pattern}", evt => evt.LogLevel() == logLevel && IsFrom(evt, source) && pattern.IsMatch(Text(evt)));

    public IEventFilterApplier Exception<TException>(string message = null, string start = null, string contains = null, string source = null)
        where TException : Exception => Exception(typeof(TException), message, start, contains, source);

    public IEventFilterApplier Exception<TException>(Regex pattern, string source = null)
        where TException : Exception => Exception(typeof(TException), pattern, source);

    /// <summary>Errors caused by an exception of the type, the text being the event's or the exception's.</summary>
    public IEventFilterApplier Exception(
        Type exceptionType, string message = null, string start = null, string contains = null, string source = null, bool checkInnerExceptions = false) =>
        Exception(exceptionType, TextMatcher(message, start, contains), Described(message, start, contains), source, checkInnerExceptions);

    public IEventFilterApplier Exception(Type exceptionType, Regex pattern, string source = null, bool checkInnerExceptions = false) =>
        Exception(exceptionType, pattern.IsMatch, pattern.ToString(), source, checkInnerExceptions);

    public IEventFilterApplier DeadLetter() => DeadLetter(static _ => true, null, "any dead letter");

    public IEventFilterApplier DeadLetter<TMessage>(string source = null) =>
        DeadLetter(static letter => letter.Message is TMessage, source, $"dead letter of {typeof(TMessage).Name}");

    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string source = null) =>
        DeadLetter(letter => letter.Message is TMessage message && isMatch(message), source, $"dead letter of {typeof(TMessage).Name}");

    public IEventFilterApplier DeadLetter(Type type, string source = null) =>
        DeadLetter(letter => type.IsInstanceOfType(letter.Message), source, $"dead letter of {type.Name}");

    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Filter("custom", predicate);

    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate)
        where TLogEvent : LogEvent => Filter("custom", evt => evt is TLogEvent typed && predicate(typed));

    private IEventFilterApplier Exception(Type type, Predicate<string> text, string described, string source, bool inner)
    {
        return Filter($"error caused by {type.Name} with {described}", evt => evt is Error { Cause: var cause } && IsFrom(evt, source) && Fits(cause, Text(evt)));

        bool Fits(Exception cause, string eventText)
        {
            if (cause is null) return false;
            if (type.IsInstanceOfType(cause) && (text(eventText) || text(cause.Message))) return true;
            return inner && Fits(cause.InnerException, eventText);
        }
    }

    private IEventFilterApplier DeadLetter(Predicate<DeadLetter> isLetter, string source, string described) =>
        Filter(described, evt => evt is Warning { Message: DeadLetter letter } && IsFrom(evt, source) && isLetter(letter));

    private IEventFilterApplier Filter(string description, Predicate<LogEvent> predicate) =>
        new EventFilterApplier(_testkit, _system, [.. _earlier, new PredicateEventFilter(description, predicate)]);

    private static string Text(LogEvent evt) => evt.Message?.ToString() ?? "";

    // A source may be given as the path alone, without the system's address.
    private static bool IsFrom(LogEvent evt, string source)
    {
        if (source is null || evt.LogSource == source) return true;
        return ActorPath.TryParse(evt.LogSource, out var path) && path.ToStringWithoutAddress() == source;
    }

    private static Predicate<string> TextMatcher(string message, string start, string contains)
    {
        if (message is not null) return text => text == message;
        if (start is not null) return text => text.StartsWith(start, StringComparison.Ordinal);
        if (contains is not null) return text => text.Contains(contains, StringComparison.Ordinal);
        return static _ => true;
    }

    private static string Described(string message, string start, string contains) => message is not null ? $"text \"{message}\""
        : start is not null ? $"text starting \"{start}\""
        : contains is not null ? $"text containing \"{contains}\""
        : "any text";
}
