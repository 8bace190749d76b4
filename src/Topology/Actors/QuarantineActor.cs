// How a node that the others removed learns of it when it was stopped, not cut off. Akka.NET's split-brain resolver asks only what this
// node sees itself. A process that slept sees the others fall silent one after the other when it wakes, may take each time what is left
// for the majority, and so end up as a cluster of its own, with leases of its own: Guests would run twice. But the others have
// quarantined it, and say so at its first word to them. (Akka on the JVM has this rule in the resolver: DownSelfQuarantinedByRemote.)

using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;

namespace Lguest.Topology.Actors;

/// <summary>Takes its node out of the cluster when a member of the same cluster has quarantined it. One for each node, at
/// /user/quarantine.</summary>
internal sealed class QuarantineActor : TableActor
{
    public const string Name = "quarantine";

    private readonly Action<string> _say;
    private readonly string _node;
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    public QuarantineActor(string node, Action<string> say)
    {
        _node = node;
        _say = say;
        Receive<ThisActorSystemQuarantinedEvent>(OnQuarantined);
    }

    /// <param name="node">This node's name.</param>
    /// <param name="say">Takes a line for the user.</param>
    public static Props Props(string node, Action<string> say) => Akka.Actor.Props.Create(() => new QuarantineActor(node, say));

    /// <summary>Whether a word from there counts: only from who is a member here. A node that this cluster removed may have removed all of
    /// us in turn.</summary>
    public static bool MustLeave(Address quarantinedBy, IEnumerable<Address> members, Address self) =>
        quarantinedBy != self && members.Contains(quarantinedBy);

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    private void OnQuarantined(ThisActorSystemQuarantinedEvent told)
    {
        if (!MustLeave(told.RemoteAddress, _cluster.State.Members.Select(member => member.Address), _cluster.SelfAddress))
            return;
        _say($"node {_node} was removed by {told.RemoteAddress} while it was silent; it leaves and joins again");
        _cluster.Down(_cluster.SelfAddress);
    }
}
