// A virtual network on one node: cards connect to it, frames pass through, and the Lan actors of the same name on other nodes are the rest
// of it. VirtualSwitch decides about each frame; this actor has the messages, the clock and the limits.

using Akka.Actor;
using Akka.Event;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Capture.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Lans.Actors;

/// <summary>Switches the frames of one lan on one node.</summary>
public sealed partial class LanActor : TableActor, IWithTimers, IFrameOutput
{
    private const long OldestSent = Nanoseconds.PerSecond;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly LanSettings _lan;
    private readonly NetSettings _settings;
    private readonly VirtualSwitch _switch;
    private readonly Trunks.Actors.Trunks _trunks = Trunks.Actors.Trunks.Of(Context.System);
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly LanPlugs _plugs;
    private readonly long _wallOffset;
    private readonly Recorder? _recorder;
    private readonly Dictionary<string, LanPlugs.Port> _ports;
    private readonly Dictionary<ActorPath, LanPlugs.Peer> _peers;
    private readonly Dictionary<Station, LanPlugs.Port> _portOf = [];
    private readonly Dictionary<Station, LanPlugs.Peer> _peerOf = [];
    private PreciseAlarm? _alarm;
    private bool _isFlushSent;
    private long _now;

    public LanActor(LanSettings lan, NetSettings settings, LanPlugs plugs)
    {
        _lan = lan;
        _settings = settings;
        _plugs = plugs;
        _ports = plugs.Ports;
        _peers = plugs.Peers;
        _wallOffset = plugs.WallOffset ??= _clock.WallOffset();
        _recorder = plugs.Recorder ??= lan.Pcap is { } path ? Recorder.Start(Context, path, _wallOffset) : null;
        var addresses = new AddressTable(settings.Addresses, settings.AddressesPerPort, Nanoseconds.Of(settings.AddressAge));
        _switch = new VirtualSwitch(lan, addresses, settings.Held, this, _recorder?.Buffer);
        Receive<LanProtocol.Transmit>(Transmit);
        Receive<LanProtocol.PeerFrames>(FromPeer);
        Receive<LanProtocol.PeerReceived>(PeerReceived);
        Receive<FlushPeers>(_ => FlushAll());
        Receive<HeldLongEnough>(_ => SendHeld());
        Receive<FramesDue>(_ => Due());
        Receive<LanProtocol.Connect>(Connect);
        Receive<LanProtocol.Disconnect>(disconnect => Disconnect(disconnect.Port, Sender));
        Receive<LanProtocol.Peers>(peers => SetPeers(peers.Lans));
        Receive<LanProtocol.GetStatistics>(_ => Sender.Tell(Statistics()));
        Receive<Terminated>(gone => NicGone(gone.ActorRef));
        _trunks.Admit(Self);
        foreach (var port in _ports.Values)
            Install(port);
        foreach (var peer in _peers.Values)
            Install(peer);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A lan, to be started once on each node that has a port of it.</summary>
    /// <param name="lan">Its name and its cable, without a <see cref="LinkSettings.Problem"/>.</param>
    /// <param name="settings">Limits.</param>
    public static Props Props(LanSettings lan, NetSettings settings) =>
        Props(lan, settings, new LanPlugs());

    private static Props Props(LanSettings lan, NetSettings settings, LanPlugs plugs) =>
        Akka.Actor.Props.Create(() => new LanActor(lan, settings, plugs)).WithDispatcher(settings.Dispatcher);

    /// <summary>The switch has frames for somebody: the last look at whether there is room on the way.</summary>
    void IFrameOutput.Send(Station to, FrameBatch frames)
    {
        if (_portOf.TryGetValue(to, out var port))
        {
            if (port.Deliver.TryTake(frames.RecordBytes))
            {
                to.CountOut(frames);
                port.Nic.Tell(new LanProtocol.Deliver(frames, port.Deliver));
                return;
            }

            to.CountDrop(DropReason.PortOverload, frames.Count);
        }
        else if (_peerOf.TryGetValue(to, out var peer))
        {
            SendToPeer(peer, frames);
            return;
        }

        frames.Release();
    }

    /// <summary>What came by trunk counts there until it is here.</summary>
    protected override bool AroundReceive(Receive receive, object message) => base.AroundReceive(receive, Arrived.Open(message));

    /// <summary>The recordings, which are children, go on, and so does the watch over the Nics: this only begins with an empty
    /// switch.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        _log.Warning("{0}: starts again with an empty switch; its {1} ports stay", _lan.Name, _ports.Count);
        PostStop();
    }

    /// <summary>Also after a restart, which timers do not survive and held frames do.</summary>
    protected override void PreStart()
    {
        if (_peers.Values.Any(peer => peer.Held.Count > 0))
            WatchHeld();
    }

    protected override void PostStop()
    {
        _alarm?.Dispose();
        _trunks.Dismiss(Self);
    }

    private void Connect(LanProtocol.Connect connect)
    {
        var settings = connect.Settings ?? PortSettings.Default;
        if (connect.Port.Length == 0 || settings.Link.Problem() is not null)
        {
            Sender.Tell(new LanProtocol.Refused(connect.Port, settings.Link.Problem() ?? "a port needs a name"));
            return;
        }

        if (_ports.TryGetValue(connect.Port, out var old))
            Remove(old);
        var recorder = settings.Pcap is { } path ? Recorder.Start(Context, path, _wallOffset) : null;
        var port = new LanPlugs.Port(connect, new FrameWindow(_settings.TransmitWindow), new FrameWindow(_settings.DeliverWindow),
            recorder);
        _ports.Add(connect.Port, port);
        Install(port);
        Context.Watch(connect.Nic);
        _log.Debug("{0}: port {1} is up", _lan.Name, connect.Port);
        Sender.Tell(new LanProtocol.Connected(connect.Port, _lan.Name, port.Transmit) { Drops = port.Station.Drops });
    }

    private void Install(LanPlugs.Port port)
    {
        port.Station = _switch.AddPort(port.Name, port.Mac, port.Settings, port.Recorder?.Buffer, port.Station?.Drops);
        _portOf.Add(port.Station, port);
    }

    private void Disconnect(string name, IActorRef by)
    {
        if (_ports.TryGetValue(name, out var port) && port.Nic.Equals(by))
            Remove(port);
    }

    private void NicGone(IActorRef nic)
    {
        foreach (var port in _ports.Values.Where(port => port.Nic.Equals(nic)).ToList())
            Remove(port);
    }

    private void Remove(LanPlugs.Port port)
    {
        _log.Debug("{0}: port {1} is down", _lan.Name, port.Name);
        if (port.Station.Drops.Total > 0)
            _log.Info("{0}: port {1} dropped {2} frame{3}: {4}", _lan.Name, port.Name, port.Station.Drops.Total,
                port.Station.Drops.Total == 1 ? "" : "s", port.Station.Drops);
        _ports.Remove(port.Name);
        _portOf.Remove(port.Station);
        _switch.Remove(port.Station);
        port.Recorder?.Flush();
        port.Recorder?.Stop();
        if (!_ports.Values.Any(other => other.Nic.Equals(port.Nic)))
            Context.Unwatch(port.Nic);
    }

    private void Transmit(LanProtocol.Transmit transmit)
    {
        var frames = transmit.Frames;
        if (_ports.TryGetValue(transmit.Port, out var port))
        {
            // First of all the room is given back: whatever comes of these frames, the Nic must not wait for it for ever.
            if (port.Transmit.Give(frames.RecordBytes))
                port.Nic.Tell(new LanProtocol.Resume(transmit.Port));
            _now = _clock.Monotonic;
            _switch.Receive(port.Station, frames, transmit.Sent > _now - OldestSent ? Math.Min(transmit.Sent, _now) : _now, _now);
            Flush();
        }

        frames.Release();
    }

    private void Due()
    {
        _now = _clock.Monotonic;
        _switch.Advance(_now);
        Flush();
    }

    /// <summary>What is for ports goes at once; what is for other nodes when the messages that are already in the mailbox have been dealt
    /// with.</summary>
    private void Flush()
    {
        _switch.Flush(peers: false);
        if (_switch.HasForPeers)
            FlushLater();
        Record();
        if (_switch.NextDue is var due && due != long.MaxValue)
            (_alarm ??= new PreciseAlarm(Self, FramesDue.Instance, _clock)).Set(due);
    }

    private void FlushLater()
    {
        if (_isFlushSent)
            return;
        _isFlushSent = true;
        Self.Tell(FlushPeers.Instance);
    }

    private void Record()
    {
        _recorder?.Flush();
        foreach (var port in _ports.Values)
            port.Recorder?.Flush();
    }

    private LanProtocol.Statistics Statistics()
    {
        var stations = _switch.Stations.OrderBy(station => station.Name, StringComparer.Ordinal)
            .ToLookup(station => station.IsPeer, station => station.Statistics());
        return new LanProtocol.Statistics(_lan.Name, [.. stations[false]], [.. stations[true]]);
    }

    /// <summary>To itself: the messages that were in the mailbox are dealt with.</summary>
    private sealed class FlushPeers : INoSerializationVerificationNeeded
    {
        public static readonly FlushPeers Instance = new();
    }

    /// <summary>From the scheduler: what was held for another node need not wait any longer.</summary>
    private sealed class HeldLongEnough : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly HeldLongEnough Instance = new();
    }

    /// <summary>From the alarm: frames have reached the end of their cable.</summary>
    private sealed class FramesDue : INoSerializationVerificationNeeded
    {
        public static readonly FramesDue Instance = new();
    }
}
