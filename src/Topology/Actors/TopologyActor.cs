// The leader: the cluster has one, on its oldest node. The actor turns what it hears into calls of TopologyState, and the orders that come
// back into messages.
//
//J:Host:120 The leader is a function
// One node leads: Akka.NET's cluster singleton says which. This actor hears that a member is up, that a node has ended a
// Guest, that a second has passed; it hands each event and the time to TopologyState and sends off the orders that come back. All rules are
// there, where a test plays a lost node, a late message and a second leader in microseconds: a Guest starts elsewhere only after its node's
// last lease, a restart counts, a service stops when no other Guest is left. What the next leader must know is the ledger, one line for
// each Guest, which every node keeps a copy of.

using Akka.Actor;
using Akka.Cluster;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Lguest.Topology.Leading;

namespace Lguest.Topology.Actors;

/// <summary>Places, restarts and stops the Guests of a topology. To be started as a cluster singleton.</summary>
internal sealed class TopologyActor : TableActor, IWithTimers
{
    /// <summary>What the role of a node begins with that is its name.</summary>
    public const string NodeRole = "node.";

    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(250);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly Action<string> _say;
    private readonly TopologyState _state;
    private readonly Dictionary<string, (UniqueAddress Address, ICanTell Agent)> _agents = [];

    public TopologyActor(TopologyDefinition topology, string digest, Action<string> say)
    {
        _say = say;
        _state = new TopologyState(topology, digest, Now);
        Receive<TopologyProtocol.Renew>(Renew);
        Receive<ClusterEvent.MemberUp>(up => Up(up.Member));
        Receive<ClusterEvent.MemberRemoved>(gone => Gone(gone.Member));
        Receive<ClusterEvent.UnreachableMember>(silent => Say(silent.Member, "does not answer"));
        Receive<ClusterEvent.ReachableMember>(back => Say(back.Member, "answers again"));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
        Receive<TopologyProtocol.Report>(report => Do(() => _state.Reported(report.Node, Now)));
        Receive<TopologyProtocol.Started>(started => _state.Started(started.Guest, started.Incarnation));
        Receive<TopologyProtocol.Ended>(ended => Do(() => _state.Ended(ended.Node, ended.Ending, Now)));
        Receive<TopologyProtocol.StopAll>(stop => Do(() => _state.StopAll(stop.By, Now)));
        Receive<TopologyProtocol.Leave>(leave => Do(() => _state.Leave(leave.Node, Now)));
        Receive<Tick>(_ => Do(() => _state.Tick(Now)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _clock.Monotonic.Span;

    public static Props Props(TopologyDefinition topology, string digest, Action<string> say) =>
        Akka.Actor.Props.Create(() => new TopologyActor(topology, digest, say));

    /// <summary>The node that a member is, or null.</summary>
    public static string? NameOf(Member member) => member.Roles.FirstOrDefault(
        role => role.StartsWith(NodeRole, StringComparison.Ordinal))?[NodeRole.Length..];

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer("tick", Tick.Instance, _tick);
        base.PreStart();
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        base.PostStop();
    }

    private void Up(Member member)
    {
        if (NameOf(member) is not { } node)
            return;
        _agents[node] = (member.UniqueAddress, Context.ActorSelection(new RootActorPath(member.Address) / "user" / NodeAgentActor.Name));
        Do(() => _state.MemberUp(node, Now));
    }

    private void Gone(Member member)
    {
        // A node that has come back may be up before its former self is taken off the list.
        if (NameOf(member) is not { } node || !_agents.TryGetValue(node, out var agent) || !agent.Address.Equals(member.UniqueAddress))
            return;
        _agents.Remove(node);
        Do(() => _state.MemberGone(node, Now));
    }

    private void Renew(TopologyProtocol.Renew renew)
    {
        string? lowest = _cluster.State.Members.OrderBy(member => member.Address, Member.AddressOrdering).Select(NameOf)
            .FirstOrDefault(name => name is not null);
        bool granted = _state.Renew(renew.Node, renew.Echo, Now, lowest);
        Sender.Tell(new TopologyProtocol.LeaseAnswer(_state.Term, renew.Asked, Now, granted));
    }

    private void Say(Member member, string what)
    {
        if (NameOf(member) is { } node)
            _say($"node {node} {what}");
    }

    private void Do(Action action)
    {
        action();
        foreach (var order in _state.TakeOrders())
            CarryOut(order);
    }

    private void CarryOut(Order order)
    {
        switch (order)
        {
            case Order.AskReport ask:
                Tell(ask.Node, TopologyProtocol.GetReport.Instance);
                break;
            case Order.Lead lead:
                Tell(lead.Node, new TopologyProtocol.Lead(_state.Term, _state.Ledger));
                break;
            case Order.Start start:
                Tell(start.Node, new TopologyProtocol.StartGuest(_state.Term, start.Guest, start.Incarnation));
                break;
            case Order.Stop stop:
                Tell(stop.Node, new TopologyProtocol.StopGuest(_state.Term, stop.Guest, stop.Incarnation, stop.By));
                break;
            case Order.Noted noted:
                Tell(noted.Node, new TopologyProtocol.Noted(_state.Term, noted.Guest, noted.Incarnation));
                break;
            case Order.MayLeave may:
                Tell(may.Node, new TopologyProtocol.MayLeave(_state.Term));
                break;
            case Order.Share:
                TellAll(new TopologyProtocol.Share(_state.Ledger));
                break;
            case Order.Finish finish:
                TellAll(new TopologyProtocol.Finish(_state.Term, finish.ExitCode, _state.Ledger));
                break;
            case Order.Say say:
                _say(say.Text);
                break;
        }
    }

    private void TellAll(object message)
    {
        foreach (string node in _agents.Keys)
            Tell(node, message);
    }

    private void Tell(string node, object message)
    {
        if (_agents.TryGetValue(node, out var agent))
            agent.Agent.Tell(message, Self);
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
