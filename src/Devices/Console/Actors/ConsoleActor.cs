// The actor of a console, driven by its Guest and by a user who types. Input waits in the terminal until the Guest has taken what came
// before, so a script on stdin can have any length.

using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Console.Actors;

/// <summary>The actor of a virtio console.</summary>
internal sealed class ConsoleActor : DeviceActor
{
    private readonly ConsoleDevice _device;
    private readonly TerminalInput _input;

    public ConsoleActor(GuestId guest, IActorRef switcher, ConsoleDevice device, TerminalInput input)
        : base(guest, switcher, device, "console")
    {
        _device = device;
        _input = input;
        Receive<DeviceProtocol.Print>(text => _device.Print(text.Text));
        Receive<Typed>(_ => Feed());
        Receive<RoomMade>(_ => Serve(ConsoleDescription.OutputQueue));
        Receive<Written>(_ => Context.Stop(Self));
    }

    public static Props Props(GuestId guest, IActorRef switcher, ConsoleDevice device, TerminalInput input) =>
        Akka.Actor.Props.Create(() => new ConsoleActor(guest, switcher, device, input));

    protected override void PreStart()
    {
        var self = Self;
        _input.Announce(() => self.Tell(Typed.Instance));
        _device.RoomMade = () => self.Tell(RoomMade.Instance);
        base.PreStart();
    }

    protected override void PostStop()
    {
        _input.Announce(() => { });
        base.PostStop();
    }

    protected override void Served(int queue)
    {
        if (queue == ConsoleDescription.InputQueue)
            Feed();
    }

    /// <summary>What it has printed last is on its way to the terminal, and comes before the end.</summary>
    protected override void Finish()
    {
        var self = Self;
        _device.WhenWritten(() => self.Tell(Written.Instance));
    }

    /// <summary>Gives the Guest what was typed, piece by piece, as long as it has buffers for it.</summary>
    private void Feed()
    {
        while (_device.WantsInput && _input.TryTake(out var piece))
        {
            _device.Type(piece);
            ServePortion(ConsoleDescription.InputQueue);
        }
    }

    private sealed record Typed : INoSerializationVerificationNeeded
    {
        public static readonly Typed Instance = new();
    }

    /// <summary>From the terminal: it takes more.</summary>
    private sealed record RoomMade : INoSerializationVerificationNeeded
    {
        public static readonly RoomMade Instance = new();
    }

    /// <summary>From the terminal: it has everything.</summary>
    private sealed record Written : INoSerializationVerificationNeeded
    {
        public static readonly Written Instance = new();
    }
}
