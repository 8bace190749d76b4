// The actor of a device: kicks come in from the Switcher, interrupts go out to it, and between them it serves a queue. This class serves
// every device that only its Guest drives; a device with another source of input (keyboard, network) has a class of its own.

using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Actors;

/// <summary>Serves the queues of one device of one Guest. Its device is disposed with it.</summary>
internal abstract class DeviceActor : TableActor
{
    private const int MostPortions = 64;

    private readonly GuestId _guest;
    private readonly IActorRef _switcher;
    private readonly IVirtioDevice _device;
    private readonly string _name;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _broken;

    /// <param name="guest">Whose device it is.</param>
    /// <param name="switcher">Who delivers its interrupts.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="name">What it is called when something is wrong with it.</param>
    protected DeviceActor(GuestId guest, IActorRef switcher, IVirtioDevice device, string name)
    {
        _guest = guest;
        _switcher = switcher;
        _device = device;
        _name = name;
        Receive<SwitcherProtocol.Notified>(kick => Serve(QueueAt(kick.Address)));
        Receive<GoOn>(again => Serve(again.Queue));
        Receive<DeviceProtocol.Kicked>(kick => Serve(kick.Queue));
        Receive<DeviceProtocol.Start>(Start);
        Receive<DeviceProtocol.ServeAll>(_ => ServeEach());
        Receive<DeviceProtocol.ServeOut>(ServeOut);
        Receive<DeviceProtocol.Reset>(_ => ResetDevice());
        Receive<DeviceProtocol.Finish>(_ => Finish());
    }

    //J:Drivers:200 A kick and its answer
    // The Guest has put buffers into a ring and says so with a NOTIFY hypercall. The Switcher sees that an actor has attached itself to
    // exactly that address, tells it, and lets the Guest run on: the Launcher is not asked. The device's actor takes a bounded number of
    // chains off the ring, returns them used, and asks the queue whether the Guest wants an interrupt for them. If there are more chains it
    // tells itself to go on, so that a reset or the end of the Guest never waits for long behind a Guest that keeps its ring full.

    /// <summary>Serves a portion of one queue, if that may be now.</summary>
    protected void Serve(int queue)
    {
        if (queue < 0 || !MayServe(queue))
            return;
        ServePortion(queue);
        Served(queue);
    }

    /// <summary>Serves a portion of one queue.</summary>
    protected void ServePortion(int queue)
    {
        if (DoPortion(queue))
            Self.Tell(new GoOn(queue));
    }

    /// <summary>Serves a portion of one queue.</summary>
    /// <returns>Whether there is more.</returns>
    private bool DoPortion(int queue)
    {
        if (_broken)
            return false;
        bool more = _device.Serve(queue);
        var ring = _device.Queues[queue];
        if (ring.ShouldInterrupt())
            _switcher.Tell(new SwitcherProtocol.Interrupt(_guest, ring.Layout.Irq));
        if (ring.Fault is { } fault)
        {
            _broken = true;
            Context.Parent.Tell(new DeviceProtocol.QueueBroken($"{_name}, queue {queue}: {fault}"));
        }

        return more && !_broken;
    }

    /// <summary>Whether what comes out of this queue has somewhere to go. A device that says no serves the queue later by itself.</summary>
    protected virtual bool MayServe(int queue) => true;

    /// <summary>A portion of a queue was served, because the Guest asked for it.</summary>
    protected virtual void Served(int queue)
    {
    }

    /// <summary>The Guest will not run again.</summary>
    protected virtual void Finish() => Context.Stop(Self);

    protected override void PostStop()
    {
        _device.Dispose();
        base.PostStop();
    }

    private void Start(DeviceProtocol.Start start)
    {
        _device.Place(start.Rings, start.Indirect);
        ServeEach();
    }

    private void ServeEach()
    {
        for (int queue = 0; queue < _device.Queues.Count; queue++)
            Serve(queue);
    }

    private void ServeOut(DeviceProtocol.ServeOut request)
    {
        for (int queue = 0; queue < _device.Queues.Count; queue++)
        {
            if ((request.Ring is { } ring && _device.Queues[queue].Layout.Base != ring) || !MayServe(queue))
                continue;

            // A ring is empty long before that, unless its driver has the device itself fill it again.
            for (int i = 0; i < MostPortions && DoPortion(queue); i++)
            {
            }

            Served(queue);
        }

        Sender.Tell(DeviceProtocol.ServedOut.Instance);
    }

    private void ResetDevice()
    {
        _log.Debug("{0} of {1}: reset", _name, _guest);
        _device.Reset();
        _broken = false;
        Sender.Tell(DeviceProtocol.ResetDone.Instance);
    }

    private int QueueAt(GuestPhysical address)
    {
        for (int queue = 0; queue < _device.Queues.Count; queue++)
            if (_device.Queues[queue].Layout.Base == address)
                return queue;
        return -1;
    }

    private sealed record GoOn(int Queue) : INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout;
}
