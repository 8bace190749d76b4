// Who waits for whose end. The watcher keeps its own list, so that an Unwatch wins even over a notification already under way.

using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public sealed partial class ActorCell
{
    // What to deliver in place of Terminated, if the user asked for something else.
    private Dictionary<IActorRef, object> _watching;
    private Dictionary<IActorRef, object> _terminatedQueued;
    private HashSet<IActorRef> _watchedBy;
    private bool _hearsOfAddresses;

    public IActorRef Watch(IActorRef subject) => WatchInternal(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        if (message is null) throw new ArgumentNullException(nameof(message), "message must not be null");
        return WatchInternal(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        var watched = (IInternalActorRef)subject;
        if (!watched.Equals(_self) && _watching is not null && _watching.Remove(subject))
        {
            watched.SendSystemMessage(new Unwatch(watched, _self));
            ListenForAddresses(watched);
        }

        _terminatedQueued?.Remove(subject);
        return subject;
    }

    /// <summary>Notes a watch that was set up from outside, before the actor's first message.</summary>
    internal void ExpectTermination(IActorRef subject) => (_watching ??= []).Add(subject, null);

    private IActorRef WatchInternal(IActorRef subject, object message)
    {
        var watched = (IInternalActorRef)subject;
        if (watched.Equals(_self)) return subject;
        _watching ??= [];
        if (_watching.TryGetValue(subject, out var previous))
        {
            if (!Equals(previous, message))
                throw new InvalidOperationException(
                    $"Watch({_self},{subject}) termination message was not overwritten from [{previous ?? "(none)"}] to [{message ?? "(none)"}]. "
                    + "If this was intended, unwatch first before using `Watch` / `WatchWith` with another message.");
            return subject;
        }

        watched.SendSystemMessage(new Watch(watched, _self));
        _watching.Add(subject, message);
        ListenForAddresses(watched);
        return subject;
    }

    private void ReceivedTerminated(Terminated terminated)
    {
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message)) return;
        if (message is not null) _currentMessage = message;
        ReceiveMessage(message ?? terminated);
    }

    private void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null && _watching.Remove(actor, out var message))
        {
            ListenForAddresses(actor);
            if (_pending != PendingStep.Termination)
            {
                (_terminatedQueued ??= [])[actor] = message;
                _self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated), actor);
            }
        }

        if (TryGetChildStats(actor, out _)) HandleChildTerminated(actor);
    }

    private void AddWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (!watchee.Equals(_self) || watcher.Equals(_self)) return;
        (_watchedBy ??= []).Add(watcher);
        ListenForAddresses(watcher);
    }

    private void RemoveWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (!watchee.Equals(_self) || _watchedBy is null || !_watchedBy.Remove(watcher)) return;
        ListenForAddresses(watcher);
    }

    private void TellWatchersWeDied()
    {
        if (_watchedBy is null) return;
        StopListeningForAddresses();
        foreach (var watcher in _watchedBy)
        {
            // The parent has been told already, whether it watches or not.
            if (!watcher.Equals(_parent))
                ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
        }

        _watchedBy = null;
    }

    private void UnwatchWatchedActors()
    {
        if (_watching is null) return;
        foreach (var subject in _watching.Keys.Cast<IInternalActorRef>()) subject.SendSystemMessage(new Unwatch(subject, _self));
        _watching = null;
        _terminatedQueued = null;
        StopListeningForAddresses();
    }

    // A whole node was given up: whom we watched there has ended for us, and who watched us from there will not be told any more.
    private void ReceiveAddressTerminated(Address address)
    {
        _watchedBy?.RemoveWhere(watcher => watcher.Path.Address == address);
        if (_watching is null) return;
        foreach (var watched in _watching.Keys.Where(one => one.Path.Address == address).ToArray())
            _self.SendSystemMessage(new DeathWatchNotification(watched, existenceConfirmed: TryGetChildStats(watched, out _), addressTerminated: true));
    }

    // Only those who watch, or are watched by, somebody elsewhere need to hear of addresses.
    private void ListenForAddresses(IActorRef changed)
    {
        if (changed is not IInternalActorRef { IsLocal: false }) return;
        var wanted = _watching?.Keys.Any(IsElsewhere) == true || _watchedBy?.Any(IsElsewhere) == true;
        if (wanted == _hearsOfAddresses) return;
        _hearsOfAddresses = wanted;
        if (wanted) AddressTerminatedTopic.Get(_system).Subscribe(_self);
        else AddressTerminatedTopic.Get(_system).Unsubscribe(_self);
    }

    private void StopListeningForAddresses()
    {
        if (!_hearsOfAddresses) return;
        _hearsOfAddresses = false;
        AddressTerminatedTopic.Get(_system).Unsubscribe(_self);
    }

    private static bool IsElsewhere(IActorRef reference) => reference is IInternalActorRef { IsLocal: false };
}
