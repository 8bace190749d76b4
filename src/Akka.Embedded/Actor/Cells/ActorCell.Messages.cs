// What one message does on its way through the cell: to the mailbox, out of it, to the actor, and what happens when the actor throws.

using System.Reflection;
using System.Runtime.Serialization;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Actor;

public sealed partial class ActorCell
{
    private readonly bool _serializeMessages;
    private bool _inTaskStep;

    internal bool InTaskStep => _inTaskStep;

    /// <summary>Numbers deliveries, so that a stash can tell the same message delivered twice from one stashed twice.</summary>
    internal long CurrentDelivery { get; private set; }

    internal void SendMessage(object message, IActorRef sender)
    {
        if (message is null) throw new ArgumentNullException(nameof(message), "The message cannot be null.");
        if (_serializeMessages) SendSerialized(message, sender);
        else Mailbox.Post(new Envelope(message, sender));
    }

    private void SendSerialized(object message, IActorRef sender)
    {
        object copy;
        try
        {
            copy = SerializedCopy.Of(message, _system);
        }
        catch (Exception failure)
        {
            // A serializer is anybody's code and may throw anything; to tell must not fail, so the message is lost with a word about it.
            var cause = new SerializationException(
                $"Failed to serialize and deserialize payload object [{WrappedMessage.Unwrap(message).GetType()}]. Envelope: [{new Envelope(message, sender)}], Actor type: [{Props.Type}]", failure);
            Publish(new Error(cause, _parent.ToString(), Props.Type, "Swallowing exception during message send"));
            return;
        }

        Mailbox.Post(new Envelope(copy, sender));
    }

    internal void DeadLetter(in Envelope envelope)
    {
        // A subscriber to dead letters that is dead itself: its letters must not beget letters.
        if (envelope.Message is AllDeadLetters) return;
        _system.DeadLetters.Tell(new DeadLetter(envelope.Message, envelope.Sender ?? _system.DeadLetters, _self), envelope.Sender);
    }

    internal void DeadSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when watch.Watchee.Equals(_self) && !watch.Watcher.Equals(_self):
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: false, addressTerminated: false));
                break;
            case Create create when create.Failure is null:
                break;
        }
    }

    /// <summary>Delivers one user message. Whatever the actor throws becomes its failure; supervision is why nothing is let through here.</summary>
    internal void Invoke(in Envelope envelope)
    {
        var message = envelope.Message;
        CurrentDelivery++;
        _currentMessage = message;
        _currentSender = envelope.Sender ?? _system.DeadLetters;
        var influences = _receiveTimeout is not null && message is not INotInfluenceReceiveTimeout;
        try
        {
            if (message is IAutoReceivedMessage) AutoReceiveMessage(message);
            else ReceiveMessage(message);
        }
        catch (Exception failure) // Whatever user code throws: deciding about it is what supervision is for.
        {
            HandleInvokeFailure(Unwrap(failure));
        }
        finally
        {
            if (influences) RestartReceiveTimeout();
        }
    }

    internal void ReceiveMessage(object message) => _actor.AroundReceive(_behavior, message);

    /// <summary>Runs the actor on a message outside its mailbox, exceptions and all; for synchronous tests.</summary>
    internal void ReceiveMessageForTest(in Envelope envelope)
    {
        var outer = EnterThread(this);
        try
        {
            _currentMessage = envelope.Message;
            _currentSender = envelope.Sender ?? _system.DeadLetters;
            if (_currentMessage is IAutoReceivedMessage) AutoReceiveMessage(_currentMessage);
            else ReceiveMessage(_currentMessage);
        }
        finally
        {
            LeaveThread(outer);
        }
    }

    internal void InvokeSystem(SystemMessage message)
    {
        try
        {
            switch (message)
            {
                case ActorTaskStep step:
                    RunTaskStep(step);
                    break;
                case DeathWatchNotification death:
                    WatchedActorTerminated(death.Actor, death.ExistenceConfirmed, death.AddressTerminated);
                    break;
                case Watch watch:
                    AddWatcher(watch.Watchee, watch.Watcher);
                    break;
                case Unwatch unwatch:
                    RemoveWatcher(unwatch.Watchee, unwatch.Watcher);
                    break;
                case Failed failed:
                    HandleFailed(failed);
                    break;
                case Create create:
                    FirstCreate(create.Failure);
                    break;
                case Recreate recreate:
                    FaultRecreate(recreate.Cause);
                    break;
                case Suspend:
                    FaultSuspend();
                    break;
                case Resume resume:
                    FaultResume(resume.CausedByFailure);
                    break;
                case Dispatch.SysMsg.Terminate:
                    Terminate();
                    break;
            }
        }
        catch (Exception failure) // Whatever user code throws: deciding about it is what supervision is for.
        {
            HandleInvokeFailure(Unwrap(failure));
        }
    }

    internal void RunTaskStep(ActorTaskStep step)
    {
        if (step.Failure is { } failure)
        {
            HandleInvokeFailure(failure);
            return;
        }

        var outer = _inTaskStep;
        _inTaskStep = true;
        try
        {
            step.Execute();
        }
        finally
        {
            _inTaskStep = outer;
        }
    }

    private void AutoReceiveMessage(object message)
    {
        if (_system.Settings.DebugAutoReceive)
            Publish(new Debug(_self.Path.ToString(), _actor.GetType(), $"received AutoReceiveMessage {new Envelope(message, _currentSender)}"));
        switch (message)
        {
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
            case AddressTerminated gone:
                ReceiveAddressTerminated(gone.Address);
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case PoisonPill:
                _self.Stop();
                break;
            case ReceiveTimeoutCheck check:
                if (IsSilent(check)) Invoke(new Envelope(Akka.Actor.ReceiveTimeout.Instance, _self));
                break;
            case ActorSelectionMessage selection:
                ReceiveSelection(selection);
                break;
            case Identify identify:
                _currentSender.Tell(new ActorIdentity(identify.MessageId, _self), _self);
                break;
            default:
                ReceiveMessage(message);
                break;
        }
    }

    private void ReceiveSelection(ActorSelectionMessage selection)
    {
        if (selection.Elements.Count == 0) Invoke(new Envelope(selection.Message, _currentSender));
        else Akka.Actor.ActorSelection.DeliverSelection(_self, _currentSender, selection);
    }

    private void Publish(LogEvent logEvent) => _system.EventStream.Publish(logEvent);

    private static Exception Unwrap(Exception failure) =>
        failure is TargetInvocationException { InnerException: { } inner } ? inner : failure;
}
