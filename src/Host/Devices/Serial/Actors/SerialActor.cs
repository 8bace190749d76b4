// The far end of a PC's serial port: a terminal. What the Guest sends comes in pieces, in order; what is typed waits in the terminal until
// the Guest has taken what came before.

using Akka.Actor;
using Lguest.Host.Devices.Actors;
using Lguest.Host.Terminal;
using Lguest.Net.Files;
using Lguest.Pc;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Devices.Serial.Actors;

/// <summary>Prints and types.</summary>
internal sealed class SerialActor : TableActor
{
    private readonly GuestId _guest;
    private readonly IActorRef _switcher;
    private readonly SerialLine _line;
    private readonly TerminalInput _input;

    // The reader of our output may have gone. The Guest may have work to do that needs no reader: it runs on, and prints into nothing.
    private readonly FailSafeStream _terminal;

    public SerialActor(GuestId guest, IActorRef switcher, SerialLine line, Stream terminal, TerminalInput input)
    {
        _guest = guest;
        _switcher = switcher;
        _line = line;
        _input = input;
        _terminal = new FailSafeStream(terminal, leaveOpen: true);
        Receive<DeviceProtocol.Print>(text => _terminal.Write(text.Text));
        Receive<Feed>(_ => Type());
    }

    public static Props Props(GuestId guest, IActorRef switcher, SerialLine line, Stream terminal, TerminalInput input) =>
        Akka.Actor.Props.Create(() => new SerialActor(guest, switcher, line, terminal, input));

    protected override void PreStart()
    {
        var self = Self;
        _line.Print = bytes => self.Tell(new DeviceProtocol.Print(bytes.ToArray()));
        _line.WantsMore = () => self.Tell(Feed.Instance);
        _input.Announce(() => self.Tell(Feed.Instance));
        base.PreStart();
    }

    protected override void PostStop()
    {
        _input.Announce(() => { });
        _line.Print = null;
        _line.WantsMore = null;
        _terminal.Flush();
        base.PostStop();
    }

    private void Type()
    {
        if (!_line.WantsInput || !_input.TryTake(out var piece))
            return;
        _line.Type(piece);
        _switcher.Tell(new SwitcherProtocol.Interrupt(_guest, PcBoard.WakeUp));
    }

    private sealed record Feed : INoSerializationVerificationNeeded
    {
        public static readonly Feed Instance = new();
    }
}
