// The actors' log events on their way into the program's log. It listens on the event stream like anybody else, so that the actor system needs no
// logger of its own and the program no global one.

using Akka.Actor;
using Akka.Event;
using Serilog;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace Lguest.Host.Logging.Actors;

/// <summary>Writes every log event of its actor system to one Serilog logger.</summary>
internal sealed class LogActor : ReceiveActor
{
    public LogActor(ILogger log) =>
        Receive<LogEvent>(logged => log
            .ForContext(ProgramLog.Source, logged.LogSource)
            .Write(LevelOf(logged.LogLevel()), logged.Cause, "{Message:l}", logged.Message?.ToString()));

    public static Props Props(ILogger log) => Akka.Actor.Props.Create(() => new LogActor(log));

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}
