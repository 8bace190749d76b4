// How members go: in order, downed, and without a word; and what the rest hears of it. The leader of a topology starts a Guest elsewhere
// when it hears MemberRemoved, and never before: all of RejoinActor, TopologyActor and NodeAgentActor (src/Topology/Actors) rest
// on these sequences.

using Akka.Actor;
using Akka.Cluster;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class LeavingSpec : ClusterSpecBase
{
    [Fact]
    public async Task A_member_that_leaves_is_exiting_then_removed_and_its_system_ends()
    {
        var nodes = await Form("", "", "");
        var heard = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IClusterDomainEvent));

        await ClusterNode.Get(nodes[2]).LeaveAsync().WaitAsync(Patience);

        await nodes[2].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[2]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterLeavingReason>();
        ClusterNode.Get(nodes[2]).IsTerminated.ShouldBeTrue();
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "heard");
        heard.OfType<ClusterEvent.IMemberEvent>().Where(change => change.Member.Address == Self(nodes[2]))
            .Select(change => change.GetType())
            .ShouldBe([typeof(ClusterEvent.MemberLeft), typeof(ClusterEvent.MemberExited), typeof(ClusterEvent.MemberRemoved)]);
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Exiting);
        heard.OfType<ClusterEvent.UnreachableMember>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_member_that_is_downed_is_removed_and_ends_itself()
    {
        var nodes = await Form("", "", "");
        var heard = ClusterListener.On(nodes[1], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));

        ClusterNode.Get(nodes[0]).Down(Self(nodes[2]));

        await nodes[2].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[2]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterDowningReason>();
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "heard");
        heard.OfType<ClusterEvent.MemberDowned>().Count().ShouldBe(1);
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Down);
        Status(nodes[0], nodes[1]).ShouldBe(MemberStatus.Up);
    }

    [Fact]
    public async Task A_member_that_ended_without_a_word_is_missed_and_removed()
    {
        var nodes = await Form("", "", "");

        ((ExtendedActorSystem)nodes[2]).Abort();

        await Until(() => Misses(nodes[0], nodes[2]), "missed");
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
    }

    [Fact]
    public async Task Watchers_hear_of_the_end_of_a_member_s_actors_when_it_is_removed()
    {
        // Of two halves the one with the lower address stays: let that be the one that watches.
        var nodes = (await Form("", "")).OrderBy(node => Self(node), Member.AddressOrdering).ToArray();
        var watched = nodes[1].ActorOf(Props.Create(() => new Idle()), "watched");
        var here = await nodes[0].ActorSelection(new RootActorPath(Self(nodes[1])) / watched.Path.Elements).ResolveOne(Patience);
        var ended = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        nodes[0].ActorOf(Props.Create(() => new Watcher(here, ended)));

        ((ExtendedActorSystem)nodes[1]).Abort();

        (await ended.Task.WaitAsync(Patience)).ActorRef.ShouldBe(here);
    }

    private sealed class Idle : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, TaskCompletionSource<Terminated> ended)
        {
            Context.Watch(watched);
            Receive<Terminated>(terminated => ended.TrySetResult(terminated));
        }
    }
}
