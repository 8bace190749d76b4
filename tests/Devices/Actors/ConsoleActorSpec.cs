// The console's actor between a keyboard and a Guest: what is typed waits for buffers, buffers wait for what is typed, early text is
// printed in order.

using System.Text;
using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Console.Actors;
using Lguest.Devices.Tests.Virtio;

namespace Lguest.Devices.Tests.Actors;

public sealed class ConsoleActorSpec : DeviceTestKit
{
    private const uint Buffer = 0x1000;
    private readonly TerminalInput _keyboard = TerminalInput.Open();
    private readonly Printed _screen = new();
    private readonly PlainOutput _terminal;
    private readonly DriverSide _input;
    private readonly DriverSide _output;

    public ConsoleActorSpec()
    {
        _terminal = new PlainOutput(_screen);
        _input = First;
        _output = Second;
    }

    [Fact]
    public void What_is_typed_goes_into_the_buffer_that_the_Guest_has_lent()
    {
        var console = Start();
        ushort head = _input.Offer((Buffer, 64, true));
        Kick(console, _input);
        Switcher.ExpectNoMsg(Silence);

        Type("ls\n");

        ExpectInterrupt(FirstIrq);
        _input.Reap().ShouldBe((head, 3u));
        Encoding.ASCII.GetString(_input.Get(Buffer, 3)).ShouldBe("ls\n");
    }

    [Fact]
    public void What_was_typed_too_early_waits_for_buffers_and_arrives_in_order()
    {
        Type("before ");
        var console = Start();
        Type("and after");
        Switcher.ExpectNoMsg(Silence);

        var received = new StringBuilder();
        while (received.Length < "before and after".Length)
        {
            _input.Offer((Buffer, 4, true));
            Kick(console, _input);
            ExpectInterrupt(FirstIrq);
            received.Append(Encoding.ASCII.GetString(_input.Get(Buffer, (int)_input.Reap().ShouldNotBeNull().Written)));
        }

        received.ToString().ShouldBe("before and after");
    }

    [Fact]
    public void Early_text_and_text_from_the_queue_are_printed_in_the_order_in_which_they_came()
    {
        var console = Start();
        console.Tell(new DeviceProtocol.Print("early, "u8.ToArray()));
        _output.Put(Buffer, "late"u8);
        _output.Offer((Buffer, 4, false));

        Kick(console, _output);

        ExpectInterrupt(SecondIrq);
        _screen.Text.ShouldBe("early, late");
    }

    [Fact]
    public void A_reset_keeps_what_was_typed_for_the_next_driver()
    {
        var console = Start();
        Type("kept");
        Reset(console);
        var driver = First;
        driver.Offer((Buffer, 16, true));

        Kick(console, driver);

        ExpectInterrupt(FirstIrq);
        driver.Get(Buffer, 4).ShouldBe("kept"u8.ToArray());
    }

    [Fact]
    public void Nobody_is_told_of_keys_after_the_actor_has_stopped()
    {
        var console = Start();
        Watch(console);
        Sys.Stop(console);
        ExpectTerminated(console);

        Type("x");

        _keyboard.TryTake(out var piece).ShouldBeTrue();
        piece.Length.ShouldBe(1);
    }

    [Fact]
    public void When_the_terminal_takes_more_again_what_waited_in_the_ring_is_printed()
    {
        var console = Start();
        _terminal.MakeRoom(2);
        _output.Put(Buffer, "late"u8);
        _output.Offer((Buffer, 4, false));
        Kick(console, _output);
        Switcher.ExpectNoMsg(Silence);

        _terminal.MakeRoom(100);

        ExpectInterrupt(SecondIrq);
        _screen.Text.ShouldBe("late");
    }

    [Fact]
    public void It_stops_when_all_is_written()
    {
        var console = Start();
        Watch(console);

        console.Tell(DeviceProtocol.Finish.Instance);

        ExpectTerminated(console);
    }

    private IActorRef Start() =>
        StartChild(ConsoleActor.Props(Guest, Switcher, new ConsoleDevice(Memory, Queue(_input), Queue(_output), _terminal), _keyboard));

    private void Type(string text) => _keyboard.Push(Encoding.ASCII.GetBytes(text));
}
