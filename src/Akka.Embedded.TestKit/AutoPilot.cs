// Lets a probe answer by itself: after each message it says which pilot flies on.

using Akka.Actor;

namespace Akka.TestKit;

public delegate AutoPilot AutoPilotDelegate(IActorRef sender, object message);

public abstract class AutoPilot
{
    public static NoAutoPilot NoAutoPilot => NoAutoPilot.Instance;
    public static KeepRunning KeepRunning => KeepRunning.Instance;

    /// <summary>Reacts to a message; returns the next pilot, <see cref="KeepRunning"/> for this one, or <see cref="NoAutoPilot"/> for none.</summary>
    public abstract AutoPilot Run(IActorRef sender, object message);
}

public sealed class NoAutoPilot : AutoPilot
{
    public static readonly NoAutoPilot Instance = new();

    private NoAutoPilot()
    {
    }

    public override AutoPilot Run(IActorRef sender, object message) => this;
}

public sealed class KeepRunning : AutoPilot
{
    public static readonly KeepRunning Instance = new();

    private KeepRunning()
    {
    }

    public override AutoPilot Run(IActorRef sender, object message) =>
        throw new InvalidOperationException("Must not call AutoPilot.KeepRunning.Run");
}

public sealed class DelegateAutoPilot(AutoPilotDelegate autoPilotDelegate) : AutoPilot
{
    public override AutoPilot Run(IActorRef sender, object message) => autoPilotDelegate(sender, message);
}
