// The far end of a PC's serial port: a terminal. What the Guest sends comes in pieces, in order; what is typed waits in the terminal until
// the Guest has taken what came before.

using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Machine.Actors;
using Lguest.Pc;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Serial.Actors;

/// <summary>Prints and types.</summary>
internal sealed class SerialActor : TableActor
{
    private readonly GuestId _guest;
    private readonly IActorRef _switcher;
    private readonly SerialLine _line;
    private readonly TerminalInput _input;
    private readonly IOutput _terminal;

    public SerialActor(GuestId guest, IActorRef switcher, SerialLine line, IOutput terminal, TerminalInput input)
    {
        _guest = guest;
        _switcher = switcher;
        _line = line;
        _input = input;
        _terminal = terminal;
        Receive<Feed>(_ => Type());
        Receive<RoomMade>(_ => WakeBoard());
        Receive<DeviceProtocol.Finish>(_ => Finish());
        Receive<Written>(_ => OnWritten());
    }

    public static Props Props(GuestId guest, IActorRef switcher, SerialLine line, IOutput terminal, TerminalInput input) =>
        Akka.Actor.Props.Create(() => new SerialActor(guest, switcher, line, terminal, input));

    protected override void PreStart()
    {
        var self = Self;
        Action roomMade = () => self.Tell(RoomMade.Instance);
        _line.Print = bytes => _terminal.Write(bytes.Span, roomMade);
        _line.WantsMore = () => self.Tell(Feed.Instance);
        _input.Announce(() => self.Tell(Feed.Instance));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _input.Announce(() => { });
        _line.Print = null;
        _line.WantsMore = null;
        base.PostStop();
    }

    private void Type()
    {
        if (!_line.WantsInput || !_input.TryTake(out var piece))
            return;
        _line.Type(piece);
        WakeBoard();
    }

    private void WakeBoard() => _switcher.Tell(new SwitcherProtocol.Interrupt(_guest, PcBoard.WakeUp));

    /// <summary>What it has printed last is on its way to the terminal, and comes before the end.</summary>
    private void Finish()
    {
        var self = Self;
        _line.Flush();
        _terminal.WhenWritten(() => self.Tell(Written.Instance));
    }

    private void OnWritten()
    {
        if (_line.IsEmpty)
            Context.Stop(Self);
        else
            Finish();
    }

    private sealed record Feed : INoSerializationVerificationNeeded
    {
        public static readonly Feed Instance = new();
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
