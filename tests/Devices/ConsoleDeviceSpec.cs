// The console's two queues: nothing printed is lost or changed, and nothing typed goes where there is no buffer for it.

using Lguest.Devices.Console;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests;

public sealed class ConsoleDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;

    private readonly GuestMemory _memory = new(RamBytes, 8);
    private readonly DriverSide _input;
    private readonly DriverSide _output;
    private readonly MemoryStream _terminal = new();
    private readonly PlainOutput _screen;
    private readonly ConsoleDevice _console;

    public ConsoleDeviceSpec()
    {
        _input = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), 16, 1));
        _output = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes + 0x4000), 16, 2));
        _console = new ConsoleDevice(_memory, Queue(_input), Queue(_output), _screen = new PlainOutput(_terminal));
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Every_byte_value_is_printed_as_it_is()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        _output.Put(0x1000, all);
        ushort head = _output.Offer((0x1000, 100, false), (0x1064, 156, false));

        _console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();
        _console.Print("early"u8);

        _terminal.ToArray().ShouldBe([.. all, .. "early"u8]);
        _output.Reap().ShouldBe((head, 0u));
        _console.Metrics.BytesOut.ShouldBe(261);
    }

    [Fact]
    public void What_is_typed_waits_for_buffers_and_fills_them_in_order()
    {
        _console.Type("hello world"u8.ToArray());
        _console.Serve(ConsoleDescription.InputQueue).ShouldBeFalse();
        _console.WantsInput.ShouldBeFalse();

        ushort first = _input.Offer((0x1000, 4, true));
        _console.Serve(ConsoleDescription.InputQueue).ShouldBeFalse();
        _input.Reap().ShouldBe((first, 4u));
        _console.WantsInput.ShouldBeFalse();

        ushort second = _input.Offer((0x2000, 3, true), (0x3000, 100, true));
        _console.Serve(ConsoleDescription.InputQueue).ShouldBeFalse();
        _input.Reap().ShouldBe((second, 7u));
        _console.WantsInput.ShouldBeTrue();

        _input.Get(0x1000, 4).ShouldBe("hell"u8.ToArray());
        _input.Get(0x2000, 3).ShouldBe("o w"u8.ToArray());
        _input.Get(0x3000, 5).ShouldBe("orld\0"u8.ToArray());
    }

    [Fact]
    public void A_buffer_is_not_given_back_empty()
    {
        _input.Offer((0x1000, 100, true));

        _console.Serve(ConsoleDescription.InputQueue).ShouldBeFalse();

        _input.Reap().ShouldBeNull();
    }

    [Fact]
    public void Buffers_of_the_wrong_direction_break_their_queue()
    {
        _output.Offer((0x1000, 4, true));
        _console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();
        _console.Queues[ConsoleDescription.OutputQueue].Fault.ShouldNotBeNull().ShouldContain("output queue");

        _console.Type("x"u8.ToArray());
        _input.Offer((0x1000, 4, false));
        _console.Serve(ConsoleDescription.InputQueue).ShouldBeFalse();
        _console.Queues[ConsoleDescription.InputQueue].Fault.ShouldNotBeNull().ShouldContain("input queue");
    }

    [Fact]
    public void What_the_terminal_does_not_take_stays_in_the_ring_and_goes_on_where_it_stopped()
    {
        int asked = 0;
        _console.RoomMade = () => asked++;
        _output.Put(0x1000, "hello, world"u8);
        ushort head = _output.Offer((0x1000, 5, false), (0x1005, 7, false));
        _screen.MakeRoom(7);

        _console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();
        _output.Reap().ShouldBeNull();
        _console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();
        (asked, _terminal.Length).ShouldBe((0, 7));
        _screen.MakeRoom(100);
        asked.ShouldBe(1);
        _console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();

        _output.Reap().ShouldBe((head, 0u));
        _terminal.ToArray().ShouldBe("hello, world"u8.ToArray());
        _console.Metrics.BytesOut.ShouldBe(12);
    }

    private SplitQueue Queue(DriverSide driver) => new(_memory, driver.Ring, SuppressionRule.Flag);
}
