// The port of a lan that leads outside. The actor only connects: frames from the lan go to the thread that does the work, and frames from
// the thread go to the lan.

using Akka.Actor;
using Akka.Event;
using Lguest.Machine.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Outside.Actors;

/// <summary>Connects a lan with the outside. Ends with its lan.</summary>
internal sealed class OutsideActor : TableActor
{
    private readonly IActorRef _lan;
    private readonly string _port;
    private readonly MacAddress? _mac;
    private readonly OutsideLoop _loop;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public OutsideActor(IActorRef lan, string port, MacAddress? mac, OutsideLoop loop)
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

    public static Props Props(IActorRef lan, string port, MacAddress? mac, OutsideLoop loop) =>
        Akka.Actor.Props.Create(() => new OutsideActor(lan, port, mac, loop));

    protected override void PreStart()
    {
        Context.Watch(_lan);
        var clock = HostClock.Of(Context.System);
        _loop.Start(frames => _lan.Tell(new LanProtocol.Transmit(_port, frames, clock.Monotonic), ActorRefs.NoSender), clock);
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
