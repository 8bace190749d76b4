// The wiring of a PC Guest: its board goes to the Switcher, its serial port is the console, and each function on its bus has the actor that
// it would have on lguest's. What an actor has for the board it leaves with the board's owner, and the Switcher wakes that.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Host.Devices.Actors;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Serial.Actors;
using Lguest.Host.Launcher.Boards;
using Lguest.Host.Terminal;
using Lguest.Host.Virtio;
using Lguest.Pc;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Launcher.Actors;

/// <summary>A plain PC. The first of its actors is the serial port's.</summary>
internal sealed class PcWiring(BuiltGuest guest, PcParts pc, WiringPlace place) : Wiring(place)
{
    private ImmutableArray<IActorRef> _functions = [];

    public override bool HasPrinted => pc.Serial.HasPrinted
        || pc.Devices.Any(device => device.Device is ConsoleDevice { Metrics.BytesOut: > 0 });

    public override NetMetrics Traffic =>
        pc.Devices.Select(device => device.Device).OfType<NetDevice>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices()
    {
        // Who types is heard at one of the two consoles; the other one only prints.
        var nobody = TerminalInput.Open();
        var serial = Place.Parent.ActorOf(
            SerialActor.Props(Place.Id, Place.Switcher, pc.Serial, pc.Terminal, pc.TypesAtVirtio ? nobody : Place.Input)
                .WithDispatcher(LauncherProtocol.DeviceDispatcher),
            $"serial-life-{Place.Life}");
        DeviceStart start = new(
            Place, [.. pc.Devices.Select(device => (device.Type, device.Device))], pc.TypesAtVirtio ? Place.Input : nobody);
        _functions = [.. Enumerable.Range(0, pc.Devices.Count).Select(start.Start)];
        foreach (var (device, actor) in pc.Devices.Zip(_functions))
            device.Backend.Target = new ActorBackend(Place.Parent.Self) { Device = actor };
        return [serial, .. _functions];
    }

    public override SwitcherProtocol.Initialize Describe() => new(Place.Id, guest.Memory, guest.Start)
    {
        Board = new BoardSetup(pc.Board, pc.Start),
    };

    /// <summary>The Guest runs meanwhile, and reads its device's status until that says so.</summary>
    public override bool ResetDone(IActorRef device)
    {
        int index = _functions.IndexOf(device);
        if (index < 0)
            return false;
        pc.Board.Post(pc.Devices[index].Registers.FinishReset);
        Place.Switcher.Tell(new SwitcherProtocol.Interrupt(Place.Id, PcBoard.WakeUp));
        return false;
    }

    /// <summary>What it has printed last is on its way to the terminal, and comes before the end.</summary>
    public override void Stop(IActorRef device)
    {
        if (_functions.Contains(device))
            base.Stop(device);
        else
            device.Tell(PoisonPill.Instance);
    }
}
