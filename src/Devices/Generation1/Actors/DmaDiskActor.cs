// The actor of a generation 1 disk. For each request it asks the Switcher for the buffer that the driver has bound, with the same call as
// lguest's launcher, while the Guest waits in its SEND_DMA.

using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Generation1.Actors;

/// <summary>The actor of a generation 1 disk.</summary>
internal sealed class DmaDiskActor : DmaDeviceActor, IWithTimers
{
    private readonly GuestMemory _memory;
    private readonly DmaDisk _device;
    private readonly TokenBucket? _bucket;
    private (DmaDescriptor Descriptor, GuestPhysical At)? _request;

    public DmaDiskActor(GuestId guest, IActorRef switcher, GuestMemory memory, DmaDisk device, TokenBucket? bucket)
        : base(guest, switcher, memory, device)
    {
        _memory = memory;
        _device = device;
        _bucket = bucket;
        Receive<SwitcherProtocol.Dma>(found => Serve(found.Descriptor));
        Receive<SwitcherProtocol.Failed>(_ => Serve(null));
        Receive<Rested>(_ => Ask());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="guest">Whose disk it is.</param>
    /// <param name="switcher">Where the Guest waits.</param>
    /// <param name="memory">The Guest's memory.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="bucket">How much it may move; null for no limit.</param>
    public static Props Props(GuestId guest, IActorRef switcher, GuestMemory memory, DmaDisk device, TokenBucket? bucket) =>
        Akka.Actor.Props.Create(() => new DmaDiskActor(guest, switcher, memory, device, bucket));

    protected override void Sent(DmaDescriptor sent, GuestPhysical at)
    {
        _request = (sent, at);
        var rest = _bucket?.Spend(0, Context.System.Scheduler.MonotonicClock) ?? TimeSpan.Zero;
        if (rest > TimeSpan.Zero)
            Timers.StartSingleTimer(Rested.Instance, Rested.Instance, rest);
        else
            Ask();
    }

    private void Ask() => Switcher.Tell(new SwitcherProtocol.GetDma(Guest, _device.Key));

    /// <param name="at">The driver's own buffer; null if it has bound none.</param>
    private void Serve(GuestPhysical? at)
    {
        if (_request is not { } request)
            return;
        _request = null;
        var bound = at is { } there ? DmaDescriptor.Read(_memory, there) : null;
        long before = _device.Moved;
        var answer = _device.Serve(request.Descriptor, bound, out uint read);
        _bucket?.Spend(_device.Moved - before, Context.System.Scheduler.MonotonicClock);
        if (answer.Offence is null && at is { } buffer && bound is { } wanted)
        {
            // Until now used_len held the irq that the Guest wants.
            DmaDescriptor.SetUsedLength(_memory, buffer, read);
            Switcher.Tell(new SwitcherProtocol.Interrupt(Guest, (int)wanted.UsedLength));
        }

        Answer(request.At, answer);
    }

    private sealed record Rested : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Rested Instance = new();
    }
}
