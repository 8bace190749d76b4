// The wiring of a generation 1 Guest: each device's actor is attached to the key of its device, and the Guest itself to the node's Dma.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Devices.Generation1;
using Lguest.Devices.Generation1.Actors;
using Lguest.Devices.Net;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Frames;
using Lguest.Switcher.Actors;

namespace Lguest.Launcher.Actors;

/// <summary>lguest of Linux 2.6.23.</summary>
internal sealed class DmaWiring(BuiltGuest guest, DmaBoard board, WiringPlace place) : Wiring(place)
{
    public override bool HasPrinted => true;

    public override NetMetrics Traffic =>
        board.Devices.OfType<DmaNic>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices() => [.. board.Devices.Select(Start)];

    public override SwitcherProtocol.Initialize Describe()
    {
        DmaLine line = new(Place.Id, board.Windows, Place.Switcher, Place.Dma);
        Place.Dma.Tell(new DmaProtocol.Attach(Place.Id.Value, guest.Memory, board.Windows, line));
        return new SwitcherProtocol.Initialize(Place.Id, guest.Memory, guest.Start)
        {
            PageTable = board.PageTable,
            PageOffset = board.PageOffset,
            Number = board.Number,
            Dma = line,
        };
    }

    public override IEnumerable<SwitcherProtocol.IGuestRequest> Attachments(ImmutableArray<IActorRef> devices) =>
        board.Devices.Zip(devices).Select(pair => new SwitcherProtocol.AttachDma(Place.Id, pair.First.Key, pair.Second));

    private IActorRef Start(DmaDevice device, int index)
    {
        var props = device switch
        {
            DmaDisk disk => DmaDiskActor.Props(Place.Id, Place.Switcher, guest.Memory, disk, Place.Plan.DiskPace),
            DmaNic card => CardOf(card),
            DmaConsole console => DmaConsoleActor.Props(Place.Id, Place.Switcher, Place.Dma, guest.Memory, console, Place.Input),
            _ => throw new InvalidOperationException($"no actor for {device.GetType().Name}"),
        };

        // A card never blocks, and its Guest waits for it: it runs where the Switcher does.
        string dispatcher = device is DmaNic ? SwitcherSettings.From(Place.Parent.System.Settings.Config).OwnDispatcher
            : LauncherProtocol.DeviceDispatcher;
        return Place.Parent.ActorOf(props.WithDispatcher(dispatcher), $"dma-{index}-life-{Place.Life}");
    }

    private Props CardOf(DmaNic card)
    {
        var (lan, port) = board.Ports[card.Name];
        return DmaNicActor.Props(Place.Id, Place.Switcher, Place.Dma, guest.Memory, card, Place.LanNamed(lan),
            MacAddress.OfGuest(board.Number), port);
    }
}
