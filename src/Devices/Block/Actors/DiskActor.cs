// The actor of a disk. Only its Guest drives it, and a timer if the Guest's disk rate is limited. File access blocks its thread, which is
// why devices have a dispatcher of their own.

using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Block.Actors;

/// <summary>The actor of a virtio disk.</summary>
internal sealed class DiskActor : DeviceActor, IWithTimers
{
    private readonly BlockDevice _device;
    private readonly TokenBucket? _bucket;
    private long _paid;

    /// <param name="guest">Whose disk it is.</param>
    /// <param name="switcher">Who delivers its interrupts.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="name">What it is called when something is wrong with it.</param>
    /// <param name="bucket">How much it may move; null for no limit.</param>
    public DiskActor(GuestId guest, IActorRef switcher, BlockDevice device, string name, TokenBucket? bucket)
        : base(guest, switcher, device, name)
    {
        _device = device;
        _bucket = bucket;
        Receive<Rested>(_ => Serve(0));
    }

    public static Props Props(GuestId guest, IActorRef switcher, BlockDevice device, string name, TokenBucket? bucket = null) =>
        Akka.Actor.Props.Create(() => new DiskActor(guest, switcher, device, name, bucket));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override bool MayServe(int queue) => !Timers.IsTimerActive(Rested.Instance);

    protected override void Served(int queue)
    {
        if (_bucket is null)
            return;
        long moved = _device.Metrics.BytesRead + _device.Metrics.BytesWritten;
        var rest = _bucket.Spend(moved - _paid, Context.System.Scheduler.MonotonicClock);
        _paid = moved;
        if (rest > TimeSpan.Zero)
            Timers.StartSingleTimer(Rested.Instance, Rested.Instance, rest);
    }

    private sealed record Rested : INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout
    {
        public static readonly Rested Instance = new();
    }
}
