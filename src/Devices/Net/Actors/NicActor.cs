// The actor of a network card, driven by its Guest, which sends, and by its lan, which delivers. It keeps only the state of flow control:
// while the lan cannot take more, frames wait in the Guest's ring.

using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Actors;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Net.Actors;

/// <summary>The actor of a virtio network card: a port of a lan on one side, two rings on the other.</summary>
internal sealed class NicActor : DeviceActor
{
    private readonly NetDevice _device;
    private readonly IActorRef _lan;
    private readonly string _port;
    private readonly PortSettings? _settings;
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FrameWindow? _window;
    private FrameBatch? _waiting;

    /// <param name="guest">Whose card it is.</param>
    /// <param name="switcher">Who delivers its interrupts.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="lan">Where it is plugged in.</param>
    /// <param name="name">What the card is called: the name of its port, and of the card when something is wrong with it.</param>
    /// <param name="settings">Its cable.</param>
    public NicActor(GuestId guest, IActorRef switcher, NetDevice device, IActorRef lan, string name, PortSettings? settings)
        : base(guest, switcher, device, name)
    {
        _device = device;
        _lan = lan;
        _port = name;
        _settings = settings;
        Receive<LanProtocol.Deliver>(Deliver);
        Receive<LanProtocol.Resume>(_ => Resume());
        Receive<LanProtocol.Connected>(Connected);
        Receive<LanProtocol.Refused>(refused => _log.Error("{0}: {1}", _port, refused.Reason));
    }

    public static Props Props(GuestId guest, IActorRef switcher, NetDevice device, IActorRef lan, string name,
        PortSettings? settings = null) =>
        Akka.Actor.Props.Create(() => new NicActor(guest, switcher, device, lan, name, settings));

    protected override void PreStart()
    {
        _lan.Tell(new LanProtocol.Connect(_port, _device.Mac, Self, _settings));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _lan.Tell(new LanProtocol.Disconnect(_port));
        _waiting?.Release();
        base.PostStop();
    }

    protected override bool MayServe(int queue) => queue != NetDescription.TransmitQueue || (_window is not null && _waiting is null);

    //J:Drivers:330 From ring to ring
    // A frame's way through one node: the Guest kicks, its card's actor empties the ring into a batch and sends that to the lan; the lan
    // looks where the frames belong and sends them on; the other card's actor lays them into its Guest's memory and asks the Switcher for
    // an interrupt. Three messages between four actors, whatever the number of frames. The cards run where the lans run, on threads that
    // nothing blocks, so that most of these messages find their receiver on the thread on which they were sent. Nobody here may collect
    // frames without limit. Towards the lan there is a window: when it is full the Guest's frames stay in the Guest's ring, and the Guest's
    // own driver feels it. Towards the Guest there is another: what the Guest is too slow for is dropped.

    protected override void Served(int queue)
    {
        if (queue == NetDescription.TransmitQueue && _device.TakeSent() is { } batch)
            Send(batch);
    }

    private void Send(FrameBatch batch)
    {
        if (_window!.TryTake(batch.RecordBytes))
            _lan.Tell(new LanProtocol.Transmit(_port, batch, _clock.Monotonic));
        else
            _waiting = batch;
    }

    private void Deliver(LanProtocol.Deliver delivery)
    {
        _device.Deliver(delivery.Frames, delivery.Window);
        ServePortion(NetDescription.ReceiveQueue);
    }

    private void Connected(LanProtocol.Connected connected)
    {
        _window = connected.Transmit;
        _device.Drops = connected.Drops;
        Serve(NetDescription.TransmitQueue);
    }

    private void Resume()
    {
        if (_waiting is not { } batch)
            return;
        _waiting = null;
        Send(batch);
        Serve(NetDescription.TransmitQueue);
    }
}
