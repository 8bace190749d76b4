// A node: supervises one Switcher, one Dma and the Guests placed here. If a Launcher fails, only its Guest ends. If the Switcher or the Dma
// fails, the node fails, and with it its Guests: others know it by actors that are no more, and what these knew is lost. So its actor
// system ends, which the cluster sees as the loss of a node, and the program starts it again as a new one.

using Akka.Actor;
using Akka.Event;
using Lguest.Launcher;
using Lguest.Launcher.Actors;
using Lguest.Machine.Actors;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Topology.Nodes.Actors;

/// <summary>Owns the Guests of one node.</summary>
internal sealed class NodeActor : TableActor
{
    /// <summary>Name of the node's Dma below it, by which other nodes find it.</summary>
    public const string DmaName = "dma";

    private readonly Dictionary<GuestId, Placed> _guests = [];
    private readonly IActorRef _switcher;
    private readonly IActorRef _dma;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public NodeActor(Props switcher)
    {
        _switcher = Context.ActorOf(switcher, "switcher");
        Context.Watch(_switcher);

        // A Guest waits in each of its DMA calls, so these are settled where the Switcher is, on the Guest's own thread if possible.
        var config = Context.System.Settings.Config;
        _dma = Context.ActorOf(DmaActor.Props(DmaSettings.From(config)).WithDispatcher(SwitcherSettings.From(config).OwnDispatcher),
            DmaName);
        Context.Watch(_dma);
        Receive<NodeProtocol.BootGuest>(Boot);
        Receive<NodeProtocol.StopGuests>(Stop);
        Receive<NodeProtocol.StopGuest>(StopOne);
        Receive<NodeProtocol.Lease>(lease => _switcher.Tell(new SwitcherProtocol.Lease(lease.Until)));
        Receive<LauncherProtocol.GuestEnded>(Ended);
        Receive<DmaProtocol.Peers>(peers => _dma.Forward(peers));
        Receive<Terminated>(gone => Lost(gone.ActorRef));
    }

    public static Props Props(Props switcher) => Akka.Actor.Props.Create(() => new NodeActor(switcher));

    /// <summary>A failed child has lost what it knew about a Guest; starting it afresh would pretend otherwise.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(problem =>
    {
        _log.Error(problem, "a part of the node failed");
        return Directive.Stop;
    });

    /// <summary>A node that has failed itself has lost sight of its Guests.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        Fail("itself");
        base.PreRestart(reason, message);
    }

    private void Boot(NodeProtocol.BootGuest boot)
    {
        var launcher = Context.ActorOf(LauncherActor.Props(
            boot.Id, boot.Plan, boot.Built, _switcher, boot.Input, boot.Output, boot.Lans, _dma), $"guest-{boot.Id}");
        Context.Watch(launcher);
        _guests.Add(boot.Id, new Placed(launcher, Sender));
    }

    private void Stop(NodeProtocol.StopGuests stop)
    {
        foreach (var guest in _guests.Values)
            guest.Launcher.Tell(new LauncherProtocol.Stop(stop.By, stop.ExitCode));
    }

    private void StopOne(NodeProtocol.StopGuest stop)
    {
        if (_guests.TryGetValue(stop.Id, out var guest))
            guest.Launcher.Tell(new LauncherProtocol.Stop(stop.By, stop.ExitCode));
    }

    private void Ended(LauncherProtocol.GuestEnded ended)
    {
        if (_guests.Remove(ended.Guest, out var guest))
            guest.Asker.Tell(ended);
    }

    private void Lost(IActorRef actor)
    {
        if (actor.Equals(_switcher) || actor.Equals(_dma))
        {
            Fail($"its {actor.Path.Name}");
            return;
        }

        foreach (var id in _guests.Keys.Where(id => actor.Equals(_guests[id].Launcher)).ToList())
            Ended(new LauncherProtocol.GuestEnded(id, new GuestOutcome.Died(
                "a part of its node failed; the log says which (--verbose)", null)));
    }

    private void Fail(string what)
    {
        _log.Error("the node has lost {0}; it ends, and its Guests with it", what);
        _ = Context.System.Terminate();
    }

    /// <summary>Who runs a Guest, and who wants to know how it ended.</summary>
    private sealed record Placed(IActorRef Launcher, IActorRef Asker);
}
