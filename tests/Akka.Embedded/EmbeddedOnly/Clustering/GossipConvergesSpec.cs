// Whatever happens in a cluster, and in whatever order its nodes hear of it: once they have talked long enough, all have the same gossip,
// and nobody has gone back on the way. Random histories of a handful of nodes, played without actors.

using Akka.Cluster;
using Akka.Cluster.Membership;
using FsCheck;
using FsCheck.Fluent;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class GossipConvergesSpec
{
    [Fact]
    public void Any_history_ends_in_one_account() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Play(new Random(seed))).QuickCheckThrowOnFailure();

    private static void Play(Random random)
    {
        UniqueAddress[] names = [A, B, C, D, E];
        var founded = LeaderRound.Play(Gossip.Empty.SeenFrom(A).Join(A, []).State, MinimumMembers.One, Nobody).State;
        Dictionary<UniqueAddress, MembershipState> nodes = new() { [A] = founded };
        for (var step = 0; step < 60; step++)
        {
            var actor = nodes.Keys.ElementAt(random.Next(nodes.Count));
            var state = nodes[actor];
            var other = names[random.Next(names.Length)];
            var next = random.Next(8) switch
            {
                0 when !nodes.ContainsKey(other) => Admit(nodes, state, other),
                1 when random.Next(4) == 0 => state.Leave(other.Address),
                2 when random.Next(6) == 0 && nodes.Count > 2 && other != actor => state.Down(other.Address),
                3 => state.Observe(address => random.Next(5) > 0).State,
                4 => state.Observe(_ => true).State,
                5 when state.IsLeader && state.HasConverged(Nobody) => LeaderRound.Play(state, MinimumMembers.One, Nobody).State,
                _ => null,
            };
            if (next is not null) Progress(nodes, actor, next);
            else if (nodes.ContainsKey(other) && other != actor) Tell(nodes, actor, other);
        }

        // The network heals, the dead fall silent, and everybody talks to everybody. Whoever learns that it is down has no say any more.
        for (var round = 0; round < 12; round++)
        {
            foreach (var name in nodes.Keys.ToList())
            {
                if (nodes[name].SelfMember.Status is MemberStatus.Down or MemberStatus.Removed or MemberStatus.Exiting)
                    nodes.Remove(name);
                else
                    Progress(nodes, name, nodes[name].Observe(address => nodes.Keys.Any(node => node.Address == address)).State);
            }

            foreach (var from in nodes.Keys.ToList())
                foreach (var to in nodes.Keys.Where(to => to != from).ToList()) Tell(nodes, from, to);
        }

        var living = nodes.Where(node => nodes.Values.All(state => state.Gossip.Has(node.Key))).Select(node => node.Value).ToList();
        foreach (var state in living)
        {
            state.Gossip.SameMembersAs(living[0].Gossip).ShouldBeTrue($"{state.Gossip}\n{living[0].Gossip}");
            state.Gossip.Version.CompareTo(living[0].Gossip.Version).ShouldBe(VectorClock.Ordering.Same);
        }
    }

    private static MembershipState? Admit(Dictionary<UniqueAddress, MembershipState> nodes, MembershipState state, UniqueAddress node)
    {
        var (outcome, next) = state.Join(node, []);
        if (outcome != JoinOutcome.Added) return null;
        nodes[node] = Gossip.Empty.SeenFrom(node).With(next.Gossip).Signed();
        return next;
    }

    private static void Tell(Dictionary<UniqueAddress, MembershipState> nodes, UniqueAddress from, UniqueAddress to)
    {
        if (!nodes[from].CanGossipTo(to)) return;
        Progress(nodes, to, GossipReception.Receive(nodes[to], from, to, nodes[from].Gossip).State);
    }

    private static void Progress(Dictionary<UniqueAddress, MembershipState> nodes, UniqueAddress node, MembershipState next)
    {
        foreach (var member in nodes[node].Gossip.Members)
            if (next.Gossip.Has(member.UniqueAddress))
                next.Gossip.Find(member.UniqueAddress).Status.Rank().ShouldBeGreaterThanOrEqualTo(member.Status.Rank());
        nodes[node] = next;
    }
}
