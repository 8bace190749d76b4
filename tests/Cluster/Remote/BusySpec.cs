// Every core is busy with work of its own threads, as with Guests: remoting and its heartbeats go on beside it, and nobody is taken for dead.
// LGUEST_BUSY_SECONDS makes it last longer than the few seconds of a test.

using System.Globalization;
using Akka.Actor;
using Akka.Remote;

namespace Lguest.Cluster.Tests.Remote;

public sealed class BusySpec : RemoteSpecBase
{
    private const string Busy =
        """
        akka.remote.watch-failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 2 s, expected-response-after = 200 ms }
        busy-dispatcher { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = 4, threadtype = background } }
        """;

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    public BusySpec()
        : base(Busy)
    {
    }

    private static TimeSpan Duration =>
        TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("LGUEST_BUSY_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 4);

    [Fact]
    public async Task Nodes_whose_cores_are_all_busy_stay_alive_to_each_other()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        var events = CreateTestProbe();
        Sys.EventStream.Subscribe(events.Ref, typeof(QuarantinedEvent));
        Sys.EventStream.Subscribe(events.Ref, typeof(DisassociatedEvent));
        Watch(echo);
        for (var i = 0; i < 2 * Environment.ProcessorCount; i++)
            Other.ActorOf(Props.Create(() => new Spinning()).WithDispatcher("busy-dispatcher")).Tell("go on", ActorRefs.NoSender);
        var end = DateTime.UtcNow + Duration;

        while (DateTime.UtcNow < end) (await echo.Ask<string>("there?", _long)).ShouldBe("there?");

        events.ExpectNoMsg(100);
        ExpectNoMsg(100);
    }

    /// <summary>Computes in slices of two milliseconds, as a Guest's CPU does.</summary>
    private sealed class Spinning : ReceiveActor
    {
        public Spinning() => Receive<string>(message =>
        {
            var end = Environment.TickCount64 + 2;
            while (Environment.TickCount64 < end)
            {
            }

            Self.Tell(message);
        });
    }
}
