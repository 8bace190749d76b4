// Log lines on standard output, the more serious ones coloured.

namespace Akka.Event;

public class StandardOutLogger : MinimalLogger
{
    public override string ToString() => "StandardOutLogger";

    protected override void Log(object message)
    {
        if (message is LogEvent logEvent) PrintLogEvent(logEvent);
        else Console.WriteLine(message);
    }

    internal static void PrintLogEvent(LogEvent logEvent)
    {
        var colour = logEvent.LogLevel() switch
        {
            LogLevel.WarningLevel => ConsoleColor.Yellow,
            LogLevel.ErrorLevel => ConsoleColor.Red,
            _ => (ConsoleColor?)null,
        };
        var text = Text(logEvent);
        if (colour is null || Console.IsOutputRedirected)
        {
            Console.WriteLine(text);
            return;
        }

        Console.ForegroundColor = colour.Value;
        Console.WriteLine(text);
        Console.ResetColor();
    }

    // A format that does not fit its arguments is a mistake of the one who logs; it must not cost the system its logger.
    private static string Text(LogEvent logEvent)
    {
        try
        {
            return logEvent.ToString();
        }
        catch (FormatException)
        {
            return $"[{logEvent.LogLevel().StringFor()}][{logEvent.LogSource}] malformed log message: {(logEvent.Message as LogMessage)?.Unformatted()}";
        }
    }
}
