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
        if (colour is null || Console.IsOutputRedirected)
        {
            Console.WriteLine(logEvent);
            return;
        }

        Console.ForegroundColor = colour.Value;
        Console.WriteLine(logEvent);
        Console.ResetColor();
    }
}
