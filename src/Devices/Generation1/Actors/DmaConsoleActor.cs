// The actor of a generation 1 console, driven by its Guest and by a user who types. The Guest has one input buffer and does not say when it
// has emptied it, so the actor asks again while it has more input.

using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Console;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Generation1.Actors;

/// <summary>The actor of a generation 1 console.</summary>
internal sealed class DmaConsoleActor : DmaDeviceActor, IWithTimers
{
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(10);
    private readonly DmaConsole _device;
    private readonly IActorRef _dma;
    private readonly TerminalInput _input;
    private ReadOnlyMemory<byte> _typed;
    private bool _busy;

    public DmaConsoleActor(GuestId guest, IActorRef switcher, IActorRef dma, GuestMemory memory, DmaConsole device, TerminalInput input)
        : base(guest, switcher, memory, device)
    {
        _device = device;
        _dma = dma;
        _input = input;
        Receive<Typed>(_ => Feed());
        Receive<Again>(_ => Deliver());
        Receive<DmaProtocol.Delivered>(Delivered);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(GuestId guest, IActorRef switcher, IActorRef dma, GuestMemory memory, DmaConsole device,
        TerminalInput input) =>
        Akka.Actor.Props.Create(() => new DmaConsoleActor(guest, switcher, dma, memory, device, input));

    protected override void PreStart()
    {
        var self = Self;
        _input.Announce(() => self.Tell(Typed.Instance));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _input.Announce(() => { });
        base.PostStop();
    }

    protected override void Sent(DmaDescriptor sent, GuestPhysical at) => Answer(at, _device.Print(sent));

    /// <summary>Gives the Guest what was typed, piece by piece.</summary>
    private void Feed()
    {
        if (_busy || (_typed.IsEmpty && !_input.TryTake(out _typed)))
            return;
        _busy = true;
        Deliver();
    }

    private void Deliver() => _dma.Tell(new DmaProtocol.Deliver(Guest.Value, _device.Key, _typed));

    private void Delivered(DmaProtocol.Delivered delivered)
    {
        // Nothing bound yet, or the buffer is still full of what came before.
        if (delivered.Outcome != DmaOutcome.Delivered)
        {
            Timers.StartSingleTimer(Again.Instance, Again.Instance, _patience);
            return;
        }

        _typed = _typed[delivered.Bytes..];
        _busy = false;
        Feed();
    }

    private sealed record Typed : INoSerializationVerificationNeeded
    {
        public static readonly Typed Instance = new();
    }

    private sealed record Again : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Again Instance = new();
    }
}
