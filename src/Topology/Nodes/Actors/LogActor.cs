// Passes the actors' log events to the program's log. It subscribes to the event stream, so the actor system needs no logger and the
// program no global one.

using Akka.Actor;
using Akka.Event;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Serilog;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace Lguest.Topology.Nodes.Actors;

/// <summary>Writes every log event of its actor system to one Serilog logger.</summary>
internal sealed class LogActor : TableActor
{
    /// <summary>The property that says which part of the program wrote a line.</summary>
    public const string Source = "Source";

    public LogActor(ILogger log) =>
        Receive<LogEvent>(logged => log
            .ForContext(Source, logged.LogSource)
            .Write(LevelOf(logged.LogLevel()), logged.Cause, "{Message:l}", logged.Message?.ToString()));

    /// <summary>Starts it among the system's own actors, which end after all others: what these say at their end is written, as a
    /// rule.</summary>
    /// <returns>The actor, which is to be subscribed to log events.</returns>
    public static IActorRef Start(ActorSystem system, ILogger log) =>
        ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new LogActor(log)), "log");

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}
