// A node that a member of its own cluster has quarantined must not go on: the others count it as gone, and may have started its Guests
// again. Akka.NET tells it so (ThisActorSystemQuarantinedEvent) and leaves the rest to us: QuarantineActor in src/Host, which runs in
// these nodes beside Akka's own resolver.

using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Lguest.Topology.Actors;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class QuarantineSpec : ClusterSpecBase
{
    [Fact]
    public async Task A_node_that_a_member_has_quarantined_ends_itself()
    {
        var nodes = await Form("", "", "");
        var said = new List<string>();
        nodes[2].ActorOf(QuarantineActor.Props("c", said.Add), QuarantineActor.Name);

        Quarantine(nodes[0], nodes[2]);

        await nodes[2].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[2]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterDowningReason>();
        said[0].ShouldBe($"node c was removed by {Self(nodes[0])} while it was silent; it leaves and joins again");
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
        Status(nodes[0], nodes[1]).ShouldBe(MemberStatus.Up);
    }

    [Fact]
    public void Only_the_word_of_another_member_counts()
    {
        var self = Address.Parse("akka.tcp://sys@127.0.0.1:1");
        var member = Address.Parse("akka.tcp://sys@127.0.0.1:2");
        var gone = Address.Parse("akka.tcp://sys@127.0.0.1:3");

        QuarantineActor.MustLeave(member, [self, member], self).ShouldBeTrue();
        QuarantineActor.MustLeave(gone, [self, member], self).ShouldBeFalse();
        QuarantineActor.MustLeave(self, [self, member], self).ShouldBeFalse();
    }

    private static void Quarantine(ActorSystem by, ActorSystem whom) =>
        ((IRemoteActorRefProvider)((ExtendedActorSystem)by).Provider).Quarantine(Self(whom), AddressUidExtension.Uid(whom));
}
