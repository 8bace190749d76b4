// The daemon's talk with other nodes: hearing and spreading gossip, what the failure detectors say, and the leader's round.

using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster.Daemon;

internal sealed partial class ClusterCoreDaemon
{
    /// <summary>How many hear the last words of a node that goes.</summary>
    private const int LastWords = 5;

    /// <summary>After how many rounds without convergence the leader complains, and how often then.</summary>
    private const int FirstComplaint = 20;
    private const int LaterComplaints = 60;

    private bool _isLeader;
    private int _roundsWithoutConvergence;

    private void Hear(GossipEnvelope envelope)
    {
        var before = _state;
        var heard = GossipReception.Receive(before, envelope.From, envelope.To, envelope.Gossip);
        switch (heard.Kind)
        {
            case GossipKind.Ignored:
                _cluster.LogInfo("Ignoring received {0}", heard.Remark);
                return;
            case GossipKind.Refused:
                _log.Warning("Cluster Node [{0}] - Refused {1}", _cluster.SelfAddress, heard.Remark);
                return;
            default:
                if (heard.Remark is not null) _log.Warning("Cluster Node [{0}] - Contradiction: {1}; merged", _cluster.SelfAddress, heard.Remark);
                break;
        }

        if (_cluster.Settings.VerboseGossipReceivedLogging)
            _log.Debug("Cluster Node [{0}] - Received gossip from [{1}] which was {2}.", _cluster.SelfAddress, envelope.From, heard.Kind);
        _state = heard.State;
        foreach (var member in _state.Gossip.Members)
            if (!before.Gossip.Has(member.UniqueAddress)) _cluster.FailureDetector.Remove(member.Address);
        Publish();
        if (_state.SelfMember.Status == MemberStatus.Exiting) BeginExit();
        if (_state.SelfMember.Status == MemberStatus.Down && before.SelfMember.Status != MemberStatus.Down)
        {
            _log.Warning("Cluster Node [{0}] - Received gossip where this member has been downed, from [{1}]", _cluster.SelfAddress, envelope.From.Address);
            ShutdownSelfWhenDown();
        }

        if (heard.TalkBack) GossipTo(envelope.From, Sender);
    }

    private void Hear(GossipStatus status)
    {
        if (!_state.Gossip.Has(status.From))
        {
            _cluster.LogInfo("Ignoring received gossip status from unknown [{0}]", status.From);
            return;
        }

        if (!_state.CanGossipTo(status.From)) return;
        switch (status.Version.CompareTo(_state.Gossip.Version))
        {
            case VectorClock.Ordering.Same:
                break;
            case VectorClock.Ordering.After:
                Sender.Tell(new GossipStatus(Me, _state.Gossip.Version));
                break;
            default:
                GossipTo(status.From, Sender);
                break;
        }
    }

    private void SpreadGossip()
    {
        SendGossip();
        if (!IsNewsToMany) return;
        var third = _cluster.Settings.GossipInterval / 3;
        Timers.StartSingleTimer("speed-up-1", new GossipSpeedupTick(), third);
        Timers.StartSingleTimer("speed-up-2", new GossipSpeedupTick(), third * 2);
    }

    private void SpeedUp()
    {
        if (IsNewsToMany) SendGossip();
    }

    private bool IsNewsToMany =>
        _state.Gossip.Members.Any(member => member.Status == MemberStatus.Down) || _state.Gossip.Seen.Count < _state.Gossip.Members.Count / 2;

    private List<UniqueAddress> Reachable => [.. _state.Gossip.Members.Select(member => member.UniqueAddress).Where(_state.CanGossipTo)];

    /// <summary>To one other: by preference to one that has not seen this version, and only the version to one that has.</summary>
    private void SendGossip()
    {
        var all = Reachable;
        if (all.Count == 0) return;
        if (Random.Shared.NextDouble() < _cluster.Settings.PreferenceForOtherViews(_state.Gossip.Members.Count)
            && all.Where(node => !_state.Gossip.SeenBy(node)).ToList() is { Count: > 0 } unaware)
        {
            GossipTo(unaware[Random.Shared.Next(unaware.Count)]);
            return;
        }

        var peer = all[Random.Shared.Next(all.Count)];
        if (_state.Gossip.SeenBy(peer)) CoreOf(peer.Address).Tell(new GossipStatus(Me, _state.Gossip.Version));
        else GossipTo(peer);
    }

    private void SpreadWidely()
    {
        var all = Reachable.ToArray();
        Random.Shared.Shuffle(all);
        foreach (var node in all.Take(LastWords)) GossipTo(node);
    }

    private void GossipTo(UniqueAddress node)
    {
        if (_state.CanGossipTo(node)) CoreOf(node.Address).Tell(new GossipEnvelope(Me, node, _state.Gossip));
    }

    private void GossipTo(UniqueAddress node, IActorRef destination)
    {
        if (_state.CanGossipTo(node)) destination.Tell(new GossipEnvelope(Me, node, _state.Gossip));
    }

    private void ReapUnreachable()
    {
        if (_state.Gossip.IsSingletonCluster) return;
        var (next, lost, found) = _state.Observe(_cluster.FailureDetector.IsAvailable);
        if (ReferenceEquals(next, _state)) return;
        _state = next;
        var expected = lost.Where(member => member.Status == MemberStatus.Exiting).ToList();
        var missed = lost.Except(expected).ToList();
        if (missed.Count > 0) _log.Warning("Cluster Node [{0}] - Marking node(s) as UNREACHABLE [{1}].", _cluster.SelfAddress, string.Join(", ", missed));
        if (expected.Count > 0)
            _cluster.LogInfo("Marking exiting node(s) as UNREACHABLE [{0}]. This is expected and they will be removed.", string.Join(", ", expected));
        if (found.Count > 0) _cluster.LogInfo("Marking node(s) as REACHABLE [{0}].", string.Join(", ", found));
        Publish();
    }

    private void LeaderActions()
    {
        NoteLeadership();
        if (_isLeader)
        {
            if (_state.HasConverged(_exitingConfirmed))
            {
                if (_roundsWithoutConvergence >= FirstComplaint) _cluster.LogInfo("Leader can perform its duties again");
                _roundsWithoutConvergence = 0;
                CarryOut(LeaderRound.Play(_state, _cluster.Settings.MinimumMembers, _exitingConfirmed));
            }
            else
            {
                WaitForConvergence();
            }
        }

        _exitingConfirmed = [.. _exitingConfirmed.Where(_state.Gossip.Has)];
        ShutdownSelfWhenDown();
    }

    private void NoteLeadership()
    {
        if (_state.IsLeader == _isLeader) return;
        _isLeader = !_isLeader;
        _cluster.LogInfo(_isLeader ? "is the new leader among reachable nodes (more leaders may exist)" : "is no longer leader");
    }

    private void WaitForConvergence()
    {
        _roundsWithoutConvergence++;
        if (_cluster.Settings.AllowWeaklyUpMembers && _roundsWithoutConvergence * _cluster.Settings.LeaderActionsInterval >= _cluster.Settings.WeaklyUpAfter)
            CarryOut(LeaderRound.PlayWithoutConvergence(_state, _cluster.Settings.MinimumMembers));
        if (_roundsWithoutConvergence == FirstComplaint || _roundsWithoutConvergence % LaterComplaints == 0)
            _cluster.LogInfo(
                "Leader can currently not perform its duties, reachability status: [{0}], member status: [{1}]",
                _state.ReachabilityFromLivingObservers,
                string.Join(", ", _state.Gossip.Members.Select(member => $"{member.Address} {member.Status} seen={_state.Gossip.SeenBy(member.UniqueAddress)}")));
    }

    private void CarryOut(LeaderRound round)
    {
        if (!round.HasChanged) return;
        _state = round.State;
        foreach (var member in round.Moved) _cluster.LogInfo("Leader is moving node [{0}] to [{1}]", member.Address, member.Status);
        foreach (var member in round.Unreachable)
            _cluster.LogInfo("Leader is removing {0} node [{1}]", member.Status == MemberStatus.Exiting ? "exiting" : "unreachable", member.Address);
        foreach (var member in round.Confirmed) _cluster.LogInfo("Leader is removing confirmed Exiting node [{0}]", member.Address);
        if (round.SelfIsExiting) BeginExit();
        Publish();
        foreach (var node in round.FirstToHear()) GossipTo(node);
    }
}
