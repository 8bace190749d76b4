// Birth, failure, restart and death. A cell that must wait for its children before it can go on notes why in _pending and comes back here
// when the last of them has gone (ActorCell.Children).

using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public sealed partial class ActorCell
{
    private Exception _failure;
    private IActorRef _failurePerpetrator;

    private bool IsFailed => _failurePerpetrator is not null;

    /// <summary>Joins the dispatcher and asks the mailbox to build the actor.</summary>
    internal void Start()
    {
        Dispatcher.Attach(this);
        SendSystemMessage(new Create());
    }

    private void FirstCreate(ActorInitializationException failure)
    {
        if (failure is not null) throw failure;
        try
        {
            CreateInstance();
            _actor.AroundPreStart();
            if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), _actor.GetType(), $"Started ({_actor})"));
        }
        catch (Exception cause) // Whatever user code throws: deciding about it is what supervision is for.
        {
            ForgetActor();
            throw cause as ActorInitializationException
                ?? new ActorInitializationException(_self, $"Exception during creation: {Unwrap(cause).Message}", Unwrap(cause));
        }
    }

    private void CreateInstance()
    {
        _behavior = null;
        _outerBehaviors = null;
        var actor = Props.NewActor()
            ?? throw new ActorInitializationException(_self, "Actor instance passed to actorOf can't be 'null'");
        if (_behavior is null)
            throw new ActorInitializationException(_self, $"{actor.GetType()} was not created by its own context.");
        _actor = actor;
        if (actor is IActorStash withStash) withStash.Stash = this.CreateStash(withStash);
        if (actor is IWithTimers withTimers) withTimers.Timers = new TimerScheduler(this);
        (actor as IInitializableActor)?.Init();
    }

    private void ForgetActor()
    {
        if (_actor is IActorStash { Stash: { } stash }) stash.UnstashAll();
        (_actor as IDisposable)?.Dispose();
        _actor = null;
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            // The actor never came to be: build it anew from the beginning.
            FaultCreate();
            return;
        }

        if (_pending is not null)
        {
            // A restart or a stop is under way already; it supersedes this one.
            FaultResume(null);
            return;
        }

        var failed = _actor;
        if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), failed.GetType(), "Restarting"));
        try
        {
            // The message the actor failed on, if it was a message it failed on.
            failed.AroundPreRestart(cause, IsFailed ? _currentMessage : null);
        }
        catch (Exception second) // Whatever user code throws: deciding about it is what supervision is for.
        {
            Publish(new Error(second, _self.Path.ToString(), failed.GetType(), new PreRestartException(_self, second, cause, _currentMessage).Message));
        }
        finally
        {
            (failed as IWithTimers)?.Timers?.CancelAll();
            ForgetActor();
        }

        if (!WaitForChildren(PendingStep.Recreation, cause)) FinishRecreate(cause, failed.GetType());
    }

    private void FinishRecreate(Exception cause, Type actorType)
    {
        var survivors = GetChildren().Cast<IInternalActorRef>().ToArray();
        try
        {
            ResumeAfterRestart();
            CreateInstance();
            _actor.AroundPostRestart(cause, null);
            if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), _actor.GetType(), "Restarted"));
            foreach (var child in survivors)
            {
                // Children that outlived the restart failed with their parent, in a way: they start anew too.
                child.Restart(cause);
            }
        }
        catch (Exception second) // Whatever user code throws: deciding about it is what supervision is for.
        {
            ForgetActor();
            HandleInvokeFailure(new PostRestartException(_self, Unwrap(second), cause));
        }
    }

    private void FaultCreate()
    {
        StopAllChildren();
        if (!WaitForChildren(PendingStep.Creation, null)) FinishCreate();
    }

    private void FinishCreate()
    {
        ResumeAfterRestart();
        try
        {
            FirstCreate(null);
        }
        catch (ActorInitializationException failure)
        {
            HandleInvokeFailure(failure);
        }
    }

    private void ResumeAfterRestart()
    {
        _failure = null;
        _failurePerpetrator = null;
        Mailbox.Resume();
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren(null);
    }

    private void FaultResume(Exception causedByFailure)
    {
        if (_actor is null && causedByFailure is not null)
        {
            // Resuming an actor that was never born would leave an empty shell: create it.
            FaultCreate();
            return;
        }

        var perpetrator = _failurePerpetrator;
        Mailbox.Resume();
        if (causedByFailure is not null)
        {
            _failure = null;
            _failurePerpetrator = null;
        }

        foreach (var child in GetChildren().Cast<IInternalActorRef>())
            child.Resume(child.Equals(perpetrator) ? causedByFailure : null);
    }

    private void HandleInvokeFailure(Exception cause)
    {
        if (!IsFailed)
        {
            Mailbox.Suspend();
            _failure = cause;
            _failurePerpetrator = _currentFailedChild ?? _self;
            // The child we may be failing for waits for our verdict, suspended already.
            SuspendChildren(_currentFailedChild);
            _parent.SendSystemMessage(new Failed(_self, cause, _self.Path.Uid));
        }
        else if (!ReferenceEquals(_failure, cause))
        {
            // Failing again before the supervisor has decided: say it once more, the first verdict settles both.
            _failure = cause;
            _parent.SendSystemMessage(new Failed(_self, cause, _self.Path.Uid));
        }
    }

    private void Terminate()
    {
        CancelReceiveTimeout();
        UnwatchWatchedActors();
        StopAllChildren();
        var waiting = _pending is not null;
        if (HasChildren)
        {
            _pending = PendingStep.Termination;
            if (!waiting)
            {
                Mailbox.Suspend();
                // A failure after this point concerns nobody: we are on our way out.
                _failurePerpetrator = _self;
            }

            return;
        }

        FinishTerminate();
    }

    private void FinishTerminate()
    {
        _pending = PendingStep.Termination;
        MarkTerminated();
        var actor = _actor;
        try
        {
            actor?.AroundPostStop();
        }
        catch (Exception failure) // Whatever user code throws: deciding about it is what supervision is for.
        {
            Publish(new Error(failure, _self.Path.ToString(), actor?.GetType() ?? typeof(ActorCell), failure.Message));
        }
        finally
        {
            (actor as IWithTimers)?.Timers?.CancelAll();
            ForgetActor();
            Mailbox.Close();
            Dispatcher.Detach(this);
            _parent.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
            TellWatchersWeDied();
            UnwatchWatchedActors();
            if (_system.Settings.DebugLifecycle)
                Publish(new Debug(_self.Path.ToString(), actor?.GetType() ?? typeof(ActorCell), "Stopped"));
            _behavior = null;
            _currentMessage = null;
            _currentSender = null;
            Props = _terminatedProps;
        }
    }
}
