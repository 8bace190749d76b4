// Two processes and real sockets: a node that is killed, one that ends in order, and one that stands still for a while.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class ProcessSpec : RemoteSpecBase
{
    private const string Detector = "akka.remote.watch-failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 4 s, expected-response-after = 200 ms }\n";

    private const string FarConfig = Detector +
        """
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """;

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    public ProcessSpec()
        : base(Detector)
    {
    }

    [Fact]
    public async Task A_killed_node_is_missed()
    {
        using var far = await FarProcess.Start("far", FarConfig);
        var echo = await Echo(far);
        Watch(echo);
        (await echo.Ask<string>("there?", _long)).ShouldBe("there?");

        far.Kill();

        ExpectTerminated(echo, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_node_that_ends_in_order_says_so_itself()
    {
        using var far = await FarProcess.Start("far", FarConfig);
        var echo = await Echo(far);
        Watch(echo);
        (await echo.Ask<string>("there?", _long)).ShouldBe("there?");

        await far.Stop();

        ExpectTerminated(echo, TimeSpan.FromSeconds(20)).ExistenceConfirmed.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_sent_to_a_node_that_stands_still_arrives_when_it_goes_on()
    {
        const int Count = 2_000;
        using var far = await FarProcess.Start("far", FarConfig);
        var echo = await Echo(far);
        (await echo.Ask<string>("there?", _long)).ShouldBe("there?");

        await far.Signal("STOP");
        for (var i = 0; i < Count; i++) echo.Tell(new byte[1_500], TestActor);
        echo.Tell("last", TestActor);
        ExpectNoMsg(1_000);
        await far.Signal("CONT");

        for (var i = 0; i < Count; i++) ExpectMsg<byte[]>(_long).Length.ShouldBe(1_500);
        ExpectMsg("last", _long);
    }

    private Task<IActorRef> Echo(FarProcess far) => Sys.ActorSelection($"{far.Address}/user/echo").ResolveOne(_long);
}
