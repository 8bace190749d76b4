// Hearing of the end of actors on other nodes: when they stop, when their system does, and when there is nothing at the address at all.
// The singleton's hand-over watches its predecessor; and a reference must not reach another actor that has got the name since
// (NodeAgentActor keeps references of other nodes' lans).

using Akka.Actor;
using Akka.Configuration;

namespace Lguest.Cluster.Tests.Remote;

public sealed class RemoteDeathWatchSpec : RemoteSpecBase
{
    public RemoteDeathWatchSpec()
        : base("akka.remote.watch-failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 4 s, "
            + "expected-response-after = 200 ms }")
    {
    }

    [Fact]
    public async Task A_watcher_hears_that_an_actor_elsewhere_has_stopped()
    {
        var actor = Other.ActorOf(Props.Create(() => new Echo()), "echo");
        var remote = await Resolve(actor);
        Watch(remote);
        await Settled(remote);

        Other.Stop(actor);

        var terminated = ExpectTerminated(remote, TimeSpan.FromSeconds(20));
        // Not ExistenceConfirmed: with the first heartbeat the watcher asks once more, and if the actor has gone by then, the answer to
        // that may be the one that arrives. Nothing of ours reads it.
        terminated.AddressTerminated.ShouldBeFalse();
    }

    [Fact]
    public async Task A_watcher_hears_that_a_whole_system_has_stopped()
    {
        var remote = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        Watch(remote);
        await Settled(remote);

        await Other.Terminate();

        ExpectTerminated(remote, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Watching_the_dead_is_answered()
    {
        var actor = Other.ActorOf(Props.Create(() => new Echo()), "echo");
        var remote = await Resolve(actor);
        var probe = CreateTestProbe(Other);
        probe.Watch(actor);
        Other.Stop(actor);
        probe.ExpectTerminated(actor, TimeSpan.FromSeconds(20));

        Watch(remote);

        ExpectTerminated(remote, TimeSpan.FromSeconds(20)).ExistenceConfirmed.ShouldBeFalse();
    }

    [Fact]
    public async Task Another_actor_of_the_same_name_is_not_the_one_that_was_watched()
    {
        var first = Other.ActorOf(Props.Create(() => new Echo()), "echo");
        var remote = await Resolve(first);
        var probe = CreateTestProbe(Other);
        probe.Watch(first);
        Other.Stop(first);
        probe.ExpectTerminated(first, TimeSpan.FromSeconds(20));
        // The parent hears of the death beside the watchers, not before them, and frees the name only then.
        IActorRef second = ActorRefs.Nobody;
        AwaitAssert(() => second = Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        remote.Tell("for the first", TestActor);
        (await Resolve(second)).Tell("for the second", TestActor);

        ExpectMsg("for the second", TimeSpan.FromSeconds(20));
        LastSender.Path.Uid.ShouldBe(second.Path.Uid);
        ExpectNoMsg(200);
    }

    [Fact]
    public void Who_watches_where_nobody_is_learns_it()
    {
        var nobody = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef("akka.tcp://nobody@127.0.0.1:1/user/nobody#17");
        Watch(nobody);

        ExpectTerminated(nobody, TimeSpan.FromSeconds(20)).ExistenceConfirmed.ShouldBeFalse();
    }

    // A watch has arrived when something sent after it has been answered.
    private static async Task Settled(IActorRef remote) => await remote.Ask<string>("settled", TimeSpan.FromSeconds(20));
}
