// A virtual network on one node: Nics plug in, frames go to and fro, and the Lan actors of the same name on other nodes are its other half.

using Akka.Actor;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans.Actors;

/// <summary>Switches the frames of one lan on one node.</summary>
public sealed class LanActor : ReceiveActor
{
    private readonly LanSettings _lan;
    private readonly NetSettings _settings;
    private readonly Dictionary<string, (IActorRef Nic, FrameWindow Transmit, FrameWindow Deliver)> _ports = [];

    public LanActor(LanSettings lan, NetSettings settings)
    {
        _lan = lan;
        _settings = settings;
        Receive<LanProtocol.Connect>(Connect);
        Receive<LanProtocol.Disconnect>(disconnect => _ports.Remove(disconnect.Port));
        Receive<LanProtocol.Transmit>(Transmit);
        Receive<LanProtocol.Peers>(_ => { });
    }

    /// <summary>A lan, to be started once on each node that has a port of it.</summary>
    /// <param name="lan">Its name and its cable.</param>
    /// <param name="settings">Limits.</param>
    public static Props Props(LanSettings lan, NetSettings settings) =>
        Akka.Actor.Props.Create(() => new LanActor(lan, settings)).WithDispatcher(settings.Dispatcher);

    private void Connect(LanProtocol.Connect connect)
    {
        var transmit = new FrameWindow(_settings.TransmitWindow);
        _ports[connect.Port] = (connect.Nic, transmit, new FrameWindow(_settings.DeliverWindow));
        Sender.Tell(new LanProtocol.Connected(connect.Port, _lan.Name, transmit));
    }

    private void Transmit(LanProtocol.Transmit transmit)
    {
        if (_ports.TryGetValue(transmit.Port, out var from) && from.Transmit.Give(transmit.Frames.RecordBytes))
            from.Nic.Tell(new LanProtocol.Resume(transmit.Port));
        foreach (var (name, port) in _ports)
            if (name != transmit.Port && port.Deliver.TryTake(transmit.Frames.RecordBytes))
                port.Nic.Tell(new LanProtocol.Deliver(transmit.Frames.Retain(), port.Deliver));
        transmit.Frames.Release();
    }
}
