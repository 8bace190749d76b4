// What the leader of a topology (the Topology actor, of which the cluster has one) and the agents of the nodes say to each other. Every
// message crosses nodes, so each has a manifest in the serializer; whatever an older leader says is told by its term, and not obeyed.
//
// Life: GetReport -> Report; Lead; Renew -> LeaseAnswer, twice a second; StartGuest -> Started ... Ended -> Noted; Share at each change;
// Finish.

using Akka.Actor;
using Lguest.Topology.Leading;

namespace Lguest.Topology.Actors;

/// <summary>Messages between the Topology actor and the agents (<see cref="TopologySerializer"/>).</summary>
internal static class TopologyProtocol
{
    /// <summary>A message that crosses nodes.</summary>
    public interface IBetweenNodes;

    /// <summary>To an agent: what do you have? Answered by <see cref="Report"/>.</summary>
    public sealed record GetReport : IBetweenNodes
    {
        public static readonly GetReport Instance = new();
    }

    /// <summary>To the leader: this.</summary>
    public sealed record Report(NodeReport Node) : IBetweenNodes;

    /// <summary>To an agent: the sender leads from now on. Refused in silence by an agent that knows a higher term.</summary>
    public sealed record Lead(long Term, Ledger Ledger) : IBetweenNodes;

    /// <summary>To an agent: run a Guest of the topology. Repeated until <see cref="Started"/> or <see cref="Ended"/> comes back.</summary>
    public sealed record StartGuest(long Term, string Guest, int Incarnation) : IBetweenNodes;

    /// <summary>To the leader: it runs, or is about to.</summary>
    public sealed record Started(string Node, string Guest, int Incarnation) : IBetweenNodes;

    /// <summary>To an agent: stop it.</summary>
    public sealed record StopGuest(long Term, string Guest, int Incarnation, string By) : IBetweenNodes;

    /// <summary>To the leader: it has come to its end. Repeated until <see cref="Noted"/> comes back.</summary>
    public sealed record Ended(string Node, GuestEnding Ending) : IBetweenNodes;

    /// <summary>To an agent: that end is known.</summary>
    public sealed record Noted(long Term, string Guest, int Incarnation) : IBetweenNodes;

    /// <summary>To an agent: a copy of what the leader knows.</summary>
    public sealed record Share(Ledger Ledger) : IBetweenNodes;

    /// <summary>To the leader: the node wants its lease renewed.</summary>
    /// <param name="Node">Which.</param>
    /// <param name="Asked">The node's clock as it asks.</param>
    /// <param name="Echo">The last reading of this leader's clock that it got; null before the first.</param>
    public sealed record Renew(string Node, TimeSpan Asked, TimeSpan? Echo) : IBetweenNodes;

    /// <summary>To an agent.</summary>
    /// <param name="Term">The leader's.</param>
    /// <param name="Asked">The node's clock as it asked: the lease counts from there.</param>
    /// <param name="Reading">The leader's clock when it answers.</param>
    /// <param name="Granted">Whether there is a lease.</param>
    public sealed record LeaseAnswer(long Term, TimeSpan Asked, TimeSpan Reading, bool Granted) : IBetweenNodes;

    /// <summary>To the leader: everything is to end.</summary>
    public sealed record StopAll(string By) : IBetweenNodes;

    /// <summary>To the leader: the node wants to go.</summary>
    public sealed record Leave(string Node) : IBetweenNodes;

    /// <summary>To an agent: nothing of yours is left, you may go.</summary>
    public sealed record MayLeave(long Term) : IBetweenNodes;

    /// <summary>To an agent: all Guests have come to their end.</summary>
    public sealed record Finish(long Term, int ExitCode, Ledger Ledger) : IBetweenNodes;

    /// <summary>From a node that looks for its cluster to another: are you in one? Answered by <see cref="Membership"/>.</summary>
    /// <param name="Round">Comes back, so that an answer that was long under way is not taken for news.</param>
    public sealed record GetMembership(long Round) : IBetweenNodes;

    /// <summary>The answer.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Round">Of the question.</param>
    /// <param name="IsMember">Whether the node is in a cluster, or about to be.</param>
    public sealed record Membership(string Node, long Round, bool IsMember) : IBetweenNodes;

    /// <summary>From agent to agent: this node has a part of a lan.</summary>
    public sealed record LanHere(string Lan, IActorRef Actor) : IBetweenNodes;
}
