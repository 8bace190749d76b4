// The console's two queues: nothing printed is lost or changed, and nothing typed goes where there is no buffer for it.

using Lguest.Guest.Memory;
using Lguest.Host.Devices.Console;
using Lguest.Host.Images;
using Lguest.Host.Tests.Virtio;
using Lguest.Host.Virtio;

namespace Lguest.Host.Tests.Devices;

public sealed class ConsoleDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;

    private readonly GuestMemory _memory = new(RamBytes, 8);
    private readonly DriverSide _input;
    private readonly DriverSide _output;
    private readonly MemoryStream _terminal = new();
    private readonly ConsoleDevice _console;

    public ConsoleDeviceSpec()
    {
        _input = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), 16, 1));
        _output = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes + 0x4000), 16, 2));
        _console = new ConsoleDevice(_memory, Queue(_input), Queue(_output), _terminal);
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
    public void A_terminal_that_went_away_does_not_stop_the_Guest()
    {
        using var console = new ConsoleDevice(_memory, Queue(_input), Queue(_output), new BrokenPipe());
        ushort head = _output.Offer((0x1000, 4, false));

        console.Serve(ConsoleDescription.OutputQueue).ShouldBeFalse();

        _output.Reap().ShouldBe((head, 0u));
    }

    private SplitQueue Queue(DriverSide driver) => new(_memory, driver.Ring, SuppressionRule.Flag);

    private sealed class BrokenPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("broken pipe");
    }
}
