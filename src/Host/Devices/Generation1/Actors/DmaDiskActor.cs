// The actor of a generation 1 disk. For each request it asks the Switcher for the buffer that the driver has bound, by the very verb that lguest's launcher used,
// while the Guest waits in its SEND_DMA.

using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Devices.Generation1.Actors;

/// <summary>The actor of a generation 1 disk.</summary>
internal sealed class DmaDiskActor : DmaDeviceActor
{
    private readonly GuestMemory _memory;
    private readonly DmaDisk _device;
    private readonly Pace? _pace;
    private (DmaDescriptor Descriptor, GuestPhysical At)? _request;

    public DmaDiskActor(GuestId guest, IActorRef switcher, GuestMemory memory, DmaDisk device, Pace? pace)
        : base(guest, switcher, memory, device)
    {
        _memory = memory;
        _device = device;
        _pace = pace;
        Receive<SwitcherProtocol.Dma>(found => Serve(found.Descriptor));
        Receive<SwitcherProtocol.Failed>(_ => Serve(null));
        Receive<Rested>(_ => Ask());
    }

    /// <param name="guest">Whose disk it is.</param>
    /// <param name="switcher">Where the Guest waits.</param>
    /// <param name="memory">The Guest's memory.</param>
    /// <param name="device">The pure half.</param>
    /// <param name="pace">How much it may move; null for no limit.</param>
    public static Props Props(GuestId guest, IActorRef switcher, GuestMemory memory, DmaDisk device, Pace? pace) =>
        Akka.Actor.Props.Create(() => new DmaDiskActor(guest, switcher, memory, device, pace));

    protected override void Sent(DmaDescriptor sent, GuestPhysical at)
    {
        _request = (sent, at);
        var rest = _pace?.Spend(0, Context.System.Scheduler.MonotonicClock) ?? TimeSpan.Zero;
        if (rest > TimeSpan.Zero)
            Context.System.Scheduler.ScheduleTellOnce(rest, Self, Rested.Instance, Self);
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
        var before = _device.Moved;
        var answer = _device.Serve(request.Descriptor, bound, out var read);
        _pace?.Spend(_device.Moved - before, Context.System.Scheduler.MonotonicClock);
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
