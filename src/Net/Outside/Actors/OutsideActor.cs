// A port of a lan behind which there is no Guest but the world. The actor is only the plug: what comes from the lan it puts before the thread that does the
// work, and what the thread has for the lan goes there directly.

using Akka.Actor;
using Akka.Event;
using Lguest.Net.Frames;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Outside.Actors;

/// <summary>Connects a lan with the outside. Ends with its lan.</summary>
public sealed class OutsideActor : ReceiveActor
{
    private readonly IActorRef _lan;
    private readonly string _port;
    private readonly MacAddress? _mac;
    private readonly OutsideLoop _loop;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private OutsideActor(IActorRef lan, string port, MacAddress? mac, OutsideLoop loop)
    {
        _lan = lan;
        _port = port;
        _mac = mac;
        _loop = loop;
        Receive<LanProtocol.Deliver>(_loop.Take);
        Receive<LanProtocol.Resume>(_ => _loop.Wake());
        Receive<LanProtocol.Connected>(connected => _loop.Connect(connected.Transmit));
        Receive<LanProtocol.Refused>(refused => _log.Error("{0}: {1}", _port, refused.Reason));
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    /// <summary>The way out through this process's own sockets: DHCP, DNS, outgoing TCP, UDP and echo requests.</summary>
    /// <param name="lan">The Lan actor.</param>
    /// <param name="settings">Its addresses there.</param>
    /// <exception cref="OutsideException">The machine has no libslirp.</exception>
    public static Props Nat(IActorRef lan, NatSettings settings)
    {
        // As libslirp makes it: 52:55 and the gateway's address.
        var mac = MacAddress.Read([0x52, 0x55, (byte)(settings.Gateway >> 24), (byte)(settings.Gateway >> 16), (byte)(settings.Gateway >> 8), (byte)settings.Gateway]);
        var loop = new NatLoop(settings);
        return Akka.Actor.Props.Create(() => new OutsideActor(lan, "nat", mac, loop));
    }

    /// <summary>The way out through a tap device of the Host's.</summary>
    /// <param name="lan">The Lan actor.</param>
    /// <param name="settings">Which device.</param>
    /// <exception cref="OutsideException">It cannot be opened, with the reason.</exception>
    public static Props Tap(IActorRef lan, TunnelSettings settings)
    {
        var tap = TapDevice.Open(settings);
        var loop = new TapLoop(tap);
        var port = $"tap-{tap.Name}";
        return Akka.Actor.Props.Create(() => new OutsideActor(lan, port, null, loop));
    }

    protected override void PreStart()
    {
        Context.Watch(_lan);
        _loop.Start(frames => _lan.Tell(new LanProtocol.Transmit(_port, frames, LanClock.Now), ActorRefs.NoSender));
        _lan.Tell(new LanProtocol.Connect(_port, _mac, Self));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _lan.Tell(new LanProtocol.Disconnect(_port));
        _loop.Stop();
        base.PostStop();
    }
}
