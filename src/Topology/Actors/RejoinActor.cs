// How a node joins again after the others went on without it. Akka's seed nodes do not suffice: the first seed forms a new cluster when no
// other answers, and to a node that is cut off no other answers.

using Akka.Actor;
using Akka.Cluster;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;

namespace Lguest.Topology.Actors;

//J:Cluster:530 The way back
// A node that was taken out of the cluster starts again with nothing and asks all others, once a second, whether they are in one. It joins
// the first that is. Nobody founds a new cluster as long as there may be an old one: only when ALL other nodes of the file have said in the
// same second that they are in none, which happens when a network fell to pieces none of which was a majority, does the first node of the
// file found the cluster anew. A node that does not answer may be the rest of a cluster whose Guests run; then the others wait, and say for
// whom.

/// <summary>Answers where this node stands, and looks for a cluster when told to. One for each node, at /user/rejoin.</summary>
internal sealed class RejoinActor : TableActor, IWithTimers
{
    public const string Name = "rejoin";

    private const int RoundsPerJoin = 10;
    private const int RoundsBeforeAWord = 5;
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(1);

    private readonly string _node;
    private readonly Action<string> _say;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<string, (Address From, bool IsMember)> _answers = [];
    private long _rounds;
    private long _joinedIn;
    private string _said = "";

    public RejoinActor(string node, Action<string> say)
    {
        _node = node;
        _say = say;
        Receive<TopologyProtocol.GetMembership>(get => Sender.Tell(new TopologyProtocol.Membership(_node, get.Round, IsMember)));
        Receive<TopologyProtocol.Membership>(Hear);
        Receive<Look>(look => OnLook(look));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsMember => _cluster.State.Members.Any(member => member.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    /// <param name="node">This node's name.</param>
    /// <param name="say">Takes a line for the user.</param>
    public static Props Props(string node, Action<string> say) => Akka.Actor.Props.Create(() => new RejoinActor(node, say));

    private void Hear(TopologyProtocol.Membership answer)
    {
        if (answer.Round == _rounds)
            _answers[answer.Node] = (Sender.Path.Address, answer.IsMember);
    }

    private void OnLook(Look look)
    {
        if (IsMember)
        {
            Timers.Cancel(nameof(Look));
            return;
        }

        var others = look.Others();
        if (_rounds == 0)
            Timers.StartPeriodicTimer(nameof(Look), look, _round);
        else if (_joinedIn == 0 || _rounds - _joinedIn >= RoundsPerJoin)
            Decide(look.MayFound, others);
        _rounds++;
        _answers.Clear();
        foreach (var (_, address) in others)
            Context.ActorSelection(new RootActorPath(Address.Parse(address)) / "user" / Name)
                .Tell(new TopologyProtocol.GetMembership(_rounds));
    }

    private void Decide(bool mayFound, IReadOnlyList<(string Node, string Address)> others)
    {
        if (_answers.Values.FirstOrDefault(answer => answer.IsMember) is { IsMember: true } member)
            Join(member.From);
        else if (mayFound && others.All(other => _answers.ContainsKey(other.Node)))
            Join(_cluster.SelfAddress);
        else if (_rounds % RoundsBeforeAWord == 0)
            SayOnce(others);
    }

    private void Join(Address address)
    {
        _joinedIn = _rounds;
        _cluster.Join(address);
    }

    private void SayOnce(IReadOnlyList<(string Node, string Address)> others)
    {
        var silent = others.Where(other => !_answers.ContainsKey(other.Node)).Select(other => other.Node).ToList();
        string text = silent.Count == 0
            ? $"node {_node} waits: no other node is in a cluster yet"
            : $"node {_node} waits: no answer from {string.Join(", ", silent)}; it forms no cluster without them, "
                + "because its Guests may run there";
        if (text != _said)
            _say(text);
        _said = text;
    }

    /// <summary>To this node's own: find a cluster to join.</summary>
    /// <param name="Others">The other nodes of the file with their present addresses.</param>
    /// <param name="MayFound">Whether this is the node that founds one when there is none.</param>
    public sealed record Look(Func<IReadOnlyList<(string Node, string Address)>> Others, bool MayFound)
        : INoSerializationVerificationNeeded;
}
