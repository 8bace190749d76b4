// A disk has no stimulus but its Guest, and a clock where the Guest may not have as much of it as it likes. Reading and writing files blocks its thread, which is why
// devices have a dispatcher of their own.

using Akka.Actor;
using Lguest.Host.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Devices.Block.Actors;

/// <summary>The actor of a virtio disk.</summary>
internal sealed class DiskActor : DeviceActor
{
    private readonly BlockDevice _device;
    private readonly Pace? _pace;
    private ICancelable? _rest;
    private long _paid;

    /// <param name="guest">Whose disk it is.</param>
    /// <param name="switcher">Who delivers its interrupts.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="name">What it is called when something is wrong with it.</param>
    /// <param name="pace">How much it may move; null for no limit.</param>
    public DiskActor(GuestId guest, IActorRef switcher, BlockDevice device, string name, Pace? pace)
        : base(guest, switcher, device, name)
    {
        _device = device;
        _pace = pace;
        Receive<Rested>(_ =>
        {
            _rest = null;
            Serve(0);
        });
    }

    public static Props Props(GuestId guest, IActorRef switcher, BlockDevice device, string name, Pace? pace = null) =>
        Akka.Actor.Props.Create(() => new DiskActor(guest, switcher, device, name, pace));

    protected override void PostStop()
    {
        _rest?.Cancel();
        base.PostStop();
    }

    protected override bool MayServe(int queue) => _rest is null;

    protected override void Served(int queue)
    {
        if (_pace is null)
            return;
        var moved = _device.Metrics.BytesRead + _device.Metrics.BytesWritten;
        var rest = _pace.Spend(moved - _paid, Context.System.Scheduler.MonotonicClock);
        _paid = moved;
        if (rest > TimeSpan.Zero)
            _rest = Context.System.Scheduler.ScheduleTellOnceCancelable(rest, Self, Rested.Instance, Self);
    }

    private sealed record Rested : INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout
    {
        public static readonly Rested Instance = new();
    }
}
