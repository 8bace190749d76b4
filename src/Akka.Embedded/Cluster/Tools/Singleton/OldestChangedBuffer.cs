// Watches for its manager who is the oldest member, and hands out the changes one by one, as the manager asks for them: between two of them it
// may have a hand-over to finish.

using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Tools.Singleton;

internal sealed class OldestChangedBuffer : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly string _role;
    private readonly Queue<object> _changes = new();
    private ImmutableSortedSet<Member> _byAge = ImmutableSortedSet.Create(Member.AgeOrdering);
    private bool _wanted;

    public OldestChangedBuffer(string role)
    {
        _role = role;
        Receive<ClusterEvent.CurrentClusterState>(Begin);
        Receive<ClusterEvent.MemberUp>(change => Change(change.Member, () => _byAge = Without(change.Member).Add(change.Member)));
        Receive<ClusterEvent.MemberRemoved>(change => Change(change.Member, () => _byAge = Without(change.Member)));
        // Of its own exit a node hears through coordinated shutdown, when those tasks are done that still need the singleton.
        Receive<ClusterEvent.MemberExited>(change => Change(change.Member, () => _byAge = Without(change.Member)), change => change.Member.UniqueAddress != _cluster.SelfUniqueAddress);
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<SelfExiting>(_ =>
        {
            Change(_cluster.SelfMember, () => _byAge = Without(_cluster.SelfMember));
            Sender.Tell(Done.Instance);
        });
        Receive<GetNext>(_ =>
        {
            _wanted = true;
            Deliver();
        });
    }

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent));
        var self = Self;
        var cluster = _cluster;
        var shutdown = CoordinatedShutdown.Get(Context.System);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "singleton-exiting-1", () => cluster.IsTerminated || cluster.SelfMember.Status == MemberStatus.Down
            ? Task.FromResult(Done.Instance)
            : self.Ask<Done>(new SelfExiting(), shutdown.Timeout(CoordinatedShutdown.PhaseClusterExiting)));
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Begin(ClusterEvent.CurrentClusterState state)
    {
        _byAge = state.Members.Where(member => member.UpNumber != int.MaxValue && HasRole(member)).ToImmutableSortedSet(Member.AgeOrdering);
        var own = state.Members.FirstOrDefault(member => member.UniqueAddress == _cluster.SelfUniqueAddress)?.UpNumber ?? int.MaxValue;
        var oldest = _byAge.TakeWhile(member => member.UpNumber <= own).ToList();
        _changes.Enqueue(new InitialOldestState(
            [.. oldest.Select(member => member.UniqueAddress)],
            oldest.All(member => member.Status is not (MemberStatus.Down or MemberStatus.Exiting or MemberStatus.Leaving))));
        Deliver();
    }

    private void Change(Member member, Action change)
    {
        if (!HasRole(member)) return;
        var before = _byAge.FirstOrDefault();
        change();
        var after = _byAge.FirstOrDefault();
        if (Equals(before, after)) return;
        _changes.Enqueue(new OldestChanged(after?.UniqueAddress, before?.UniqueAddress));
        Deliver();
    }

    private void Deliver()
    {
        if (!_wanted || _cluster.IsTerminated || !_changes.TryDequeue(out var change)) return;
        _wanted = false;
        Context.Parent.Tell(change);
    }

    private bool HasRole(Member member) => string.IsNullOrEmpty(_role) || member.HasRole(_role);

    /// <summary>By name, not by age: an account of a member from before it came up has another age.</summary>
    private ImmutableSortedSet<Member> Without(Member member) => _byAge.Except(_byAge.Where(one => one.Equals(member)));
}
