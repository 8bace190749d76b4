// Holds the end of "system" back until remoting has sent what it still has to send: the last words of all the users' actors among it.

using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

internal sealed class RemotingTerminator : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public RemotingTerminator(Remoting remoting, IActorRef systemGuardian)
    {
        systemGuardian.Tell(RegisterTerminationHook.Instance);
        ReceiveAsync<TerminationHook>(async _ =>
        {
            _log.Info("Shutting down remoting.");
            var self = Self;
            await remoting.Shutdown();
            _log.Info("Remoting shut down.");
            systemGuardian.Tell(TerminationHookDone.Instance, self);
        });
    }
}
