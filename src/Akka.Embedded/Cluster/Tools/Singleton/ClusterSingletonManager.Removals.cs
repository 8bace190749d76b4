// What a singleton's manager does in every state: remembers who was removed, goes when its own node goes, and takes part in coordinated
// shutdown so that the hand-over is finished before the node is.

using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

public sealed partial class ClusterSingletonManager
{
    /// <summary>How long a removed node is remembered.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(15);

    private readonly Dictionary<UniqueAddress, long> _removed = [];
    private readonly TaskCompletionSource<Done> _memberExiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override void PreStart()
    {
        if (_cluster.IsTerminated) throw new ActorInitializationException("Cluster node must not be terminated");
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved), typeof(ClusterEvent.MemberDowned));
        Timers.StartPeriodicTimer("cleanup", new Cleanup(), TimeSpan.FromMinutes(1));
        var self = Self;
        var cluster = _cluster;
        _cluster.RegisterOnMemberUp(() => self.Tell(new StartOldestChangedBuffer(), ActorRefs.NoSender));
        var shutdown = CoordinatedShutdown.Get(Context.System);
        bool Alive() => !cluster.IsTerminated && cluster.SelfMember.Status != MemberStatus.Down;
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-singleton-exiting", () => Alive() ? _memberExiting.Task : Task.FromResult(Done.Instance));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "singleton-exiting-2", () => Alive()
            ? self.Ask<Done>(new SelfExiting(), shutdown.Timeout(CoordinatedShutdown.PhaseClusterExiting))
            : Task.FromResult(Done.Instance));
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _memberExiting.TrySetResult(Done.Instance);
    }

    /// <summary>The end of every state's list: what is left to all of them.</summary>
    private void InEveryState()
    {
        Receive<SelfExiting>(_ =>
        {
            _selfExited = true;
            _log.Info("Exited [{0}]", _cluster.SelfAddress);
            // Who has no singleton has nothing to finish; who has it says so when it is handed over.
            if (_stateName is "Start" or "Younger" or "BecomingOldest" or "End") _memberExiting.TrySetResult(Done.Instance);
            Sender.Tell(Done.Instance);
        });
        Receive<ClusterEvent.MemberDowned>(downed =>
        {
            if (downed.Member.UniqueAddress != Me) return;
            _log.Info("Self downed, stopping ClusterSingletonManager");
            if (_stateName is not ("Stopping" or "HandingOver")) GoToStopping();
        });
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (removed.Member.UniqueAddress == Me) NoteSelfRemoved();
            else NoteRemoved(removed.Member.UniqueAddress);
        });
        Receive<DelayedMemberRemoved>(removed => NoteRemoved(removed.Member.UniqueAddress));
        Receive<Terminated>(_ =>
        {
            _log.Info("Singleton actor was terminated");
            _singleton = null;
        }, terminated => terminated.ActorRef.Equals(_singleton));
        Receive<Cleanup>(_ =>
        {
            var now = Environment.TickCount64;
            foreach (var node in _removed.Where(entry => entry.Value < now).Select(entry => entry.Key).ToList()) _removed.Remove(node);
        });
        // Words of a hand-over that is over, or not for us.
        Receive<IClusterSingletonMessage>(message => _log.Debug("Ignoring {0} in {1} from [{2}]", message.GetType().Name, _stateName, Sender.Path.Address));
        Receive<HandOverRetry>(_ => { });
        Receive<TakeOverRetry>(_ => { });
    }

    private void NoteRemoved(UniqueAddress node)
    {
        if (!_selfExited) _log.Info("Member removed [{0}]", node.Address);
        _removed[node] = Environment.TickCount64 + (long)_memory.TotalMilliseconds;
    }

    private void NoteSelfRemoved()
    {
        NoteRemoved(Me);
        // With the singleton still here it must end first, for another may be started soon.
        if (_stateName is "HandingOver" or "Stopping") return;
        _log.Info("Self removed, stopping ClusterSingletonManager");
        GoToStopping();
    }

    private bool StopIfRemoved()
    {
        if (!_removed.ContainsKey(Me)) return false;
        _log.Info("Self removed, stopping ClusterSingletonManager");
        Context.Stop(Self);
        return true;
    }

    private void AfterMargin(Member member)
    {
        if (member.UniqueAddress == Me)
        {
            NoteSelfRemoved();
        }
        else if (_removalMargin > TimeSpan.Zero)
        {
            _log.Debug("Schedule DelayedMemberRemoved for {0}", member.Address);
            Timers.StartSingleTimer(member.UniqueAddress, new DelayedMemberRemoved(member), _removalMargin);
        }
        else
        {
            Self.Tell(new DelayedMemberRemoved(member));
        }
    }

    private void AskForChange()
    {
        _changes.Tell(new GetNext());
    }

    private sealed record Cleanup : INoSerializationVerificationNeeded;
}
