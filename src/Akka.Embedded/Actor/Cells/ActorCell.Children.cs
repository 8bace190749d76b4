// The cell as a parent. Lookups and the guardians' ActorOf come from any thread, so the table is guarded by a lock; all else is the actor's own.

using System.Diagnostics.CodeAnalysis;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

public sealed partial class ActorCell
{
    private readonly Dictionary<string, ChildRestartStats> _children = [];
    private HashSet<IActorRef> _dying;
    private PendingStep? _pending;
    private Exception _pendingCause;
    private IActorRef _currentFailedChild;
    private bool _terminated;
    private long _nextName;

    private bool HasChildren
    {
        get
        {
            lock (_children) return _children.Count > 0;
        }
    }

    public IActorRef ActorOf(Props props, string name = null) => AttachChild(props, isSystemService: false, name);

    /// <summary>The guardians have fixed names and no uid, as they have but one incarnation.</summary>
    internal IInternalActorRef AttachNamed(Props props, string name)
    {
        var child = _system.Provider.ActorOf(_system, props, _self, _self.Path / name, systemService: true);
        lock (_children) _children.Add(name, new ChildRestartStats(child));
        child.Start();
        return child;
    }

    internal IInternalActorRef AttachChild(Props props, bool isSystemService, string name)
    {
        if (name is not null) CheckName(name);
        if (_system.Settings.SerializeAllCreators) props.VerifySerializable(_system);
        IInternalActorRef child;
        lock (_children)
        {
            if (_terminated || _pending == PendingStep.Termination)
                throw new InvalidOperationException("Cannot create child while terminating or terminated");
            name ??= "$" + Base64Encoding.Base64Encode(_nextName++);
            if (_children.ContainsKey(name))
                throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
            var path = new ChildActorPath(_self.Path, name, ActorUid.Next());
            child = _system.Provider.ActorOf(_system, props, _self, path, isSystemService);
            _children.Add(name, new ChildRestartStats(child));
        }

        // A parent that has just been suspended by its own supervisor gets children that wait with it.
        if (ReferenceEquals(_current, this) && IsFailed) child.Suspend();
        child.Start();
        return child;
    }

    public void Stop(IActorRef child)
    {
        if (child is not IInternalActorRef internalChild) throw new InvalidOperationException($"{child} is no actor of this system.");
        if (TryGetChildStats(child, out _)) (_dying ??= []).Add(child);
        internalChild.Stop();
    }

    public IEnumerable<IActorRef> GetChildren()
    {
        lock (_children) return _children.Values.Select(stats => (IActorRef)stats.Child).ToArray();
    }

    public IActorRef Child(string name) => GetChildByName(name);

    /// <summary>The child of that name, with or without "#uid"; Nobody when there is none.</summary>
    internal IInternalActorRef GetChildByName(string name)
    {
        var hash = name.IndexOf('#', StringComparison.Ordinal);
        lock (_children)
        {
            if (!_children.TryGetValue(hash < 0 ? name : name[..hash], out var stats)) return ActorRefs.Nobody;
            return hash < 0 || name[(hash + 1)..] == stats.Child.Path.Uid.ToString(global::System.Globalization.CultureInfo.InvariantCulture)
                ? stats.Child
                : ActorRefs.Nobody;
        }
    }

    private static void CheckName(string name)
    {
        if (name.Length == 0) throw new InvalidActorNameException("Actor name must not be empty.");
        if (!ActorPath.IsValidPathElement(name))
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Actor paths MUST: not start with `$`, include only ASCII letters and can only contain these special characters: {ActorPath.ValidSymbols}.");
    }

    private bool TryGetChildStats(IActorRef child, [MaybeNullWhen(false)] out ChildRestartStats stats)
    {
        lock (_children)
            return _children.TryGetValue(child.Path.Name, out stats) && stats.Child.Equals(child);
    }

    private void StopAllChildren()
    {
        foreach (var child in GetChildren()) Stop(child);
    }

    private void SuspendChildren(IActorRef except)
    {
        foreach (var child in GetChildren().Cast<IInternalActorRef>())
            if (except is null || !child.Equals(except)) child.Suspend();
    }

    private void MarkTerminated()
    {
        lock (_children) _terminated = true;
    }

    // True when children are still on their way out and the step must wait for them.
    private bool WaitForChildren(PendingStep step, Exception cause)
    {
        if (_dying is not { Count: > 0 }) return false;
        _pending = step;
        _pendingCause = cause;
        return true;
    }

    private void HandleFailed(Failed failed)
    {
        if (!TryGetChildStats(failed.Child, out var stats) || stats.Uid != failed.Uid) return;
        ChildRestartStats[] all;
        lock (_children) all = [.. _children.Values];
        if (_actor is null)
        {
            // We failed ourselves before we could judge anybody.
            Stop(failed.Child);
            return;
        }

        // An awaiting handler may be in the middle of its message: it must find its own sender again.
        var (outer, outerSender) = (_currentFailedChild, _currentSender);
        _currentFailedChild = failed.Child;
        _currentSender = failed.Child;
        try
        {
            if (!_actor.SupervisorStrategyInternal.HandleFailure(this, failed.Child, failed.Cause, stats, all))
            {
                // Escalation: the child's failure becomes ours, with the same cause.
                HandleInvokeFailure(failed.Cause);
            }
        }
        finally
        {
            (_currentFailedChild, _currentSender) = (outer, outerSender);
        }
    }

    private void HandleChildTerminated(IActorRef child)
    {
        lock (_children)
        {
            if (_children.TryGetValue(child.Path.Name, out var stats) && stats.Child.Equals(child)) _children.Remove(child.Path.Name);
        }

        _dying?.Remove(child);
        if (_actor is not null)
        {
            try
            {
                _actor.SupervisorStrategyInternal.HandleChildTerminated(this, child, GetChildren().Cast<IInternalActorRef>());
            }
            catch (Exception failure) // Whatever user code throws: deciding about it is what supervision is for.
            {
                Publish(new Error(failure, _self.Path.ToString(), _actor.GetType(), "HandleChildTerminated failed"));
                HandleInvokeFailure(failure);
            }
        }

        if (_pending is not { } step) return;
        switch (step)
        {
            case PendingStep.Recreation when _dying is not { Count: > 0 }:
                _pending = null;
                FinishRecreate(_pendingCause, Props.Type);
                break;
            case PendingStep.Creation when _dying is not { Count: > 0 }:
                _pending = null;
                FinishCreate();
                break;
            case PendingStep.Termination when !HasChildren:
                if (!IsTerminated) FinishTerminate();
                break;
        }
    }
}
