// A format and its arguments, kept apart until somebody wants the text: structured loggers never do.

namespace Akka.Event;

public abstract class LogMessage
{
    protected readonly ILogMessageFormatter Formatter;

    protected LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    public string Format { get; }

    public abstract string Unformatted();
    public abstract IEnumerable<object> Parameters();

    public override string ToString() => Formatter.Format(Format, Parameters());
}

internal sealed class DefaultLogMessage(ILogMessageFormatter formatter, string format, object[] args) : LogMessage(formatter, format)
{
    public override IEnumerable<object> Parameters() => args;
    public override string Unformatted() => $"Format: [{Format}], Args: [{string.Join(",", args)}]";
}
