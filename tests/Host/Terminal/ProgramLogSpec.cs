// What the program's log leaves out: remoting tells of each connection, and a run that ends in order prints nothing.

using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using Lguest.Host.Terminal;
using Lguest.Topology.Nodes.Actors;
using Serilog.Core;
using LogEvent = Serilog.Events.LogEvent;

namespace Lguest.Host.Tests.Terminal;

public sealed class ProgramLogSpec : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("lguest", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");

    public void Dispose() => _system.Terminate().Wait();

    [Theory]
    [InlineData("TcpServerHandler", false)]
    [InlineData("TcpClientHandler", false)]
    [InlineData("TcpTransport", true)] // it tells of certificates
    public void A_connection_that_closes_while_all_are_closed_is_told_with_verbose_only(string name, bool isToldAlways)
    {
        var type = typeof(RemoteActorRefProvider).Assembly.GetType($"Akka.Remote.Transport.DotNetty.{name}", throwOnError: true)!;
        string source = LogSource.Create(type, _system).Source;

        Told(verbose: false, source).ShouldBe(isToldAlways);
        Told(verbose: true, source).ShouldBeTrue();
    }

    private static bool Told(bool verbose, string source)
    {
        Kept kept = new();
        using (var log = ProgramLog.Create(verbose, kept))
            log.ForContext(LogActor.Source, source).Warning("Unable to REMOVE channel");
        return kept.Count == 1;
    }

    private sealed class Kept : ILogEventSink
    {
        public int Count { get; private set; }

        public void Emit(LogEvent logEvent) => Count++;
    }
}
