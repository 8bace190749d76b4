// The actor of a generation 1 card on an ethernet lan. What the Guest sends to the Host's slot goes to the lan; what the lan delivers goes
// to the Guest's slot. So both generations meet on one network.

using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Generation1.Actors;

/// <summary>A port of a lan on one side, two slots of a page on the other.</summary>
internal sealed class DmaNicActor : DmaDeviceActor, IWithTimers
{
    private const int MostAttempts = 20;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(10);
    private readonly DmaNic _device;
    private readonly IActorRef _dma;
    private readonly IActorRef _lan;
    private readonly MacAddress _mac;
    private readonly PortSettings? _settings;
    private readonly FrameBatchWriter _sent = new();
    private readonly FrameBatchWriter _finished = new();
    private readonly Queue<LanProtocol.Deliver> _arrived = [];
    private readonly Queue<byte[]> _frames = [];
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FrameWindow? _window;
    private (DmaDescriptor Descriptor, GuestPhysical At)? _waiting;
    private int _attempts;

    public DmaNicActor(GuestId guest, IActorRef switcher, IActorRef dma, GuestMemory memory, DmaNic device, IActorRef lan, MacAddress mac,
        PortSettings? settings)
        : base(guest, switcher, memory, device)
    {
        _device = device;
        _dma = dma;
        _lan = lan;
        _mac = mac;
        _settings = settings;
        Receive<LanProtocol.Deliver>(Deliver);
        Receive<DmaProtocol.Delivered>(Delivered);
        Receive<Again>(_ => Next());
        Receive<LanProtocol.Resume>(_ => Resume());
        Receive<LanProtocol.Connected>(Connected);
        Receive<LanProtocol.Refused>(refused => _log.Error("{0}: {1}", _device.Name, refused.Reason));
    }

    /// <param name="guest">Whose card it is.</param>
    /// <param name="switcher">Where the Guest waits.</param>
    /// <param name="dma">The node's Dma.</param>
    /// <param name="memory">The Guest's memory.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="lan">Where it is plugged in.</param>
    /// <param name="mac">The Guest's address.</param>
    /// <param name="settings">Its cable; null for a perfect one.</param>
    public static Props Props(
        GuestId guest, IActorRef switcher, IActorRef dma, GuestMemory memory, DmaNic device, IActorRef lan, MacAddress mac,
            PortSettings? settings = null) =>
        Akka.Actor.Props.Create(() => new DmaNicActor(guest, switcher, dma, memory, device, lan, mac, settings));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _lan.Tell(new LanProtocol.Connect(_device.Name, _mac, Self, _settings));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _lan.Tell(new LanProtocol.Disconnect(_device.Name));
        foreach (var delivery in _arrived)
            delivery.Done();
        base.PostStop();
    }

    /// <summary>A frame of the Guest's. It waits with it until the lan has room: there is no ring in which it could wait by
    /// itself.</summary>
    protected override void Sent(DmaDescriptor sent, GuestPhysical at)
    {
        int bytes = FrameBatch.RecordHeader + sent.Length;
        if (_window is null)
        {
            Answer(at, _device.Refuse());
        }
        else if (!_window.TryTake(bytes))
        {
            _waiting = (sent, at);
        }
        else
        {
            var answer = _device.Take(sent, _sent);
            if (_sent.Take() is { } batch)
                _lan.Tell(new LanProtocol.Transmit(_device.Name, batch, _clock.Monotonic));
            else
                _window.Give(bytes);
            Answer(at, answer);
        }
    }

    private void Resume()
    {
        if (_waiting is not { } waiting)
            return;
        _waiting = null;
        Sent(waiting.Descriptor, waiting.At);
    }

    private void Connected(LanProtocol.Connected connected)
    {
        _window = connected.Transmit;
        _device.Drops = connected.Drops;
    }

    private void Deliver(LanProtocol.Deliver delivery)
    {
        _arrived.Enqueue(delivery);
        if (_arrived.Count == 1)
            Open();
    }

    /// <summary>Takes the frames out of the oldest delivery, finished, since this card's driver expects nothing else.</summary>
    private void Open()
    {
        while (_arrived.TryPeek(out var delivery))
        {
            foreach (var frame in delivery.Frames)
            {
                if (frame.Offload.IsNothing)
                    Keep(frame);
                else if (OffloadCompletion.Complete(frame, _finished) && _finished.Take() is { } finished)
                    Keep(finished);
                else
                    _device.Count(frame.Length, isThere: false);
            }

            if (_frames.Count > 0)
            {
                Next();
                return;
            }

            _arrived.Dequeue().Done();
        }
    }

    private void Keep(FrameBatch batch)
    {
        foreach (var frame in batch)
            Keep(frame);
        batch.Release();
    }

    private void Keep(Frame frame)
    {
        if (frame.Length is >= Frame.HeaderLength and <= Frame.OrdinaryLength)
            _frames.Enqueue(frame.Bytes.ToArray());
        else
            _device.Count(frame.Length, isThere: false);
    }

    private void Next() => _dma.Tell(new DmaProtocol.Deliver(Guest.Value, _device.GuestKey, _frames.Peek()));

    private void Delivered(DmaProtocol.Delivered delivered)
    {
        // A driver with full buffers is given time to empty them; one that has bound none is not up, and what comes for it is lost.
        if (delivered.Outcome == DmaOutcome.NoBuffer && ++_attempts < MostAttempts)
        {
            Timers.StartSingleTimer(Again.Instance, Again.Instance, _patience);
            return;
        }

        _attempts = 0;
        _device.Count(_frames.Dequeue().Length, isThere: delivered.Outcome == DmaOutcome.Delivered);
        if (_frames.Count > 0)
        {
            Next();
            return;
        }

        _arrived.Dequeue().Done();
        Open();
    }

    private sealed record Again : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Again Instance = new();
    }
}
