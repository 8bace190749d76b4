// How this node goes: in order, with coordinated shutdown between exiting and gone, or downed, with a last word to the others.
//
//J:Cluster:390 Going in order
// A node that leaves is first marked as leaving, by itself or by anybody; it still works and still signs. On convergence the leader makes it
// exiting, which everybody hears: singletons are handed over now. The node runs its coordinated shutdown; when the tasks of the phase
// cluster-exiting are done it tells the leader, and the one who would lead after it, that it has finished, and stops at once. The leader need
// not wait for its silence to be noticed, and strikes it out in its next round. All this time nobody calls it unreachable.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster.Daemon;

internal sealed partial class ClusterCoreDaemon
{
    /// <summary>How many rounds a downed node waits until the other downed have heard of it.</summary>
    private const int PatienceWhenDown = 4;

    private readonly TaskCompletionSource<Done> _selfExiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableHashSet<UniqueAddress> _exitingConfirmed = [];
    private bool _exitBegun;
    private int _roundsDown;

    private void AddLeavingTasks()
    {
        var self = Self;
        _shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-exiting", () =>
            _cluster.State.Members.IsEmpty ? Task.FromResult(Done.Instance) : _selfExiting.Task);
        _shutdown.AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "exiting-completed", async () =>
        {
            if (!_cluster.IsTerminated && _cluster.SelfMember.Status != MemberStatus.Down)
                await self.Ask<Done>(new ExitingCompleted(), _shutdown.Timeout(CoordinatedShutdown.PhaseClusterExitingDone)).ConfigureAwait(false);
            return Done.Instance;
        });
    }

    private void BeginExit()
    {
        if (_exitBegun) return;
        _exitBegun = true;
        _state = _state.Exiting();
        if (_shutdown.ShutdownReason is null) _cluster.LogInfo("Exiting, starting coordinated shutdown");
        _selfExiting.TrySetResult(Done.Instance);
        _shutdown.Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
    }

    private void CompleteExit()
    {
        _cluster.LogInfo("Exiting completed");
        if (_state.Gossip.Has(Me))
        {
            _state = new MembershipState(Me, _state.Gossip).Signed();
            Publish();
            SpreadWidely();
            var others = _state.Gossip.Members.Where(member => member.UniqueAddress != Me).ToList();
            var leader = _state.LeaderOf(others);
            var next = _state.LeaderOf(others.Where(member => member.UniqueAddress != leader));
            foreach (var node in new[] { leader, next })
                if (node is not null) CoreOf(node.Address).Tell(new ExitingConfirmed(Me));
        }

        Sender.Tell(Done.Instance);
        _cluster.Shutdown();
    }

    /// <summary>Only a node itself can say that it has finished, and only when it was going: convergence will not wait for it any more.</summary>
    private void NoteExit(UniqueAddress node)
    {
        if (Sender.Path.Address != node.Address || _state.Gossip.Find(node).Status is not (MemberStatus.Leaving or MemberStatus.Exiting))
        {
            _log.Warning("Cluster Node [{0}] - Refused the confirmed exit of [{1}] from [{2}]", _cluster.SelfAddress, node, Sender.Path.Address);
            return;
        }

        _cluster.LogInfo("Exiting confirmed [{0}]", node.Address);
        _exitingConfirmed = _exitingConfirmed.Add(node);
    }

    private void ShutdownSelfWhenDown()
    {
        if (_state.SelfMember.Status != MemberStatus.Down) return;
        var missed = _state.Gossip.Reachability.AllUnreachableOrTerminated;
        var downed = _state.Gossip.Members.Where(member => member.Status == MemberStatus.Down).Select(member => member.UniqueAddress);
        if (_roundsDown++ < PatienceWhenDown && !downed.All(node => missed.Contains(node) || _state.Gossip.SeenBy(node))) return;
        _cluster.LogInfo("Node has been marked as DOWN. Shutting down myself");
        SpreadWidely();
        _cluster.Shutdown();
    }
}
