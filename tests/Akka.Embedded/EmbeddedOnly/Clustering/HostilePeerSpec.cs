// A system that is no member, and speaks to the cluster's actors all the same: rubbish, old versions, gossip of strangers, words of a hand-over
// that nobody has begun. The cluster says so in its log, and nothing else happens.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;
using Akka.Cluster.Tools.Singleton;
using Akka.Embedded.Tests.Clustering;
using Akka.Event;
using Akka.Serialization;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class HostilePeerSpec : ClusterSpecBase
{
    private const string Rubbishing =
        """
        akka {
          actor {
            provider = remote
            serializers.rubbish = "Akka.Embedded.Tests.EmbeddedOnly.Clustering.HostilePeerSpec+RubbishSerializer, Akka.Embedded.Tests"
            serialization-bindings { "Akka.Embedded.Tests.EmbeddedOnly.Clustering.HostilePeerSpec+Rubbish, Akka.Embedded.Tests" = rubbish }
          }
        }
        """;

    [Fact]
    public async Task Rubbish_old_versions_and_strangers_change_nothing()
    {
        var nodes = await Form("", "");
        var logged = new ConcurrentQueue<object>();
        nodes[0].EventStream.Subscribe(nodes[0].ActorOf(Props.Create(() => new ClusterListener(logged))), typeof(LogEvent));
        nodes[0].ActorOf(ClusterSingletonManager.Props(Props.Create(() => new Idle()), ClusterSingletonManagerSettings.Create(nodes[0])), "manager");
        var before = ClusterNode.Get(nodes[0]).State;
        var stranger = Start(Rubbishing);
        var random = new Random(1);
        string[] targets = ["system/cluster/core/daemon", "system/cluster/heartbeatReceiver", "user/manager"];
        string[] manifests = ["GE", "GS", "W", "J", "HB", "HBR", "EC", "nobody knows"];

        for (var i = 0; i < 300; i++)
        {
            var bytes = new byte[random.Next(0, 60)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && i % 2 == 0) bytes[0] = 1;
            stranger.ActorSelection(new RootActorPath(Self(nodes[0])) / targets[i % 3].Split('/')).Tell(new Rubbish(manifests[i % manifests.Length], bytes));
        }

        await Until(() => logged.Any(one => one.ToString()!.Contains("Refused a cluster message", StringComparison.Ordinal)), "logged");
        // One whose words are in order, and who has no business to say them.
        var talker = Start("akka.cluster.seed-nodes = []");
        var core = talker.ActorSelection(new RootActorPath(Self(nodes[0])) / "system/cluster/core/daemon".Split('/'));
        var me = ClusterNode.Get(nodes[0]).SelfUniqueAddress;
        core.Tell(new GossipEnvelope(ClusterNode.Get(talker).SelfUniqueAddress, me, Of(me.Up(), B.Up())));
        core.Tell(new GossipStatus(ClusterNode.Get(talker).SelfUniqueAddress, VectorClock.Empty));
        core.Tell(new GossipEnvelope(ClusterNode.Get(nodes[1]).SelfUniqueAddress, me, Of(me.Up(1, "another role"), ClusterNode.Get(nodes[1]).SelfUniqueAddress.Up())));
        core.Tell(new Welcome(B, Of(B.Up())));
        core.Tell(new ExitingConfirmed(ClusterNode.Get(nodes[1]).SelfUniqueAddress));
        core.Tell(new Join(new UniqueAddress(new Address("akka.tcp", "stranger", "127.0.0.1", 1), 1), []));
        foreach (IClusterSingletonMessage word in new IClusterSingletonMessage[] { new HandOverDone(), new TakeOverFromMe(), new HandOverInProgress() })
            talker.ActorSelection(new RootActorPath(Self(nodes[0])) / "user" / "manager").Tell(word);

        await Until(() => logged.Any(one => one.ToString()!.Contains("Refused gossip that gives this node other roles", StringComparison.Ordinal)), "refused");
        await Until(() => logged.Any(one => one.ToString()!.Contains("Refused the confirmed exit", StringComparison.Ordinal)), "refused");
        await Never(() => nodes.Any(node => !ClusterNode.Get(node).State.Members.SequenceEqual(before.Members)), "changed", TimeSpan.FromSeconds(2));
        nodes.ShouldAllBe(here => nodes.All(there => Status(here, there) == MemberStatus.Up && !Misses(here, there)));
        (await nodes[0].ActorSelection("/user/manager/singleton").ResolveOne(Patience)).ShouldNotBeNull();
    }

    private sealed class Idle : ReceiveActor;

    internal sealed record Rubbish(string Manifest, byte[] Bytes);

    /// <summary>Pretends, by its number, to be the cluster's own.</summary>
    internal sealed class RubbishSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => 5;

        public override string Manifest(object o) => ((Rubbish)o).Manifest;

        public override byte[] ToBinary(object obj) => ((Rubbish)obj).Bytes;

        public override object FromBinary(byte[] bytes, string manifest) => new Rubbish(manifest, bytes);
    }
}
