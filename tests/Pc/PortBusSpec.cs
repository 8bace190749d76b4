// The port bus decides what an access at an empty port, at the end of a range or of an odd width means; drivers probe all three.
using Lguest.Machine;

namespace Lguest.Pc.Tests;

public sealed class PortBusSpec
{
    private readonly PortBus _bus = new();
    private readonly Recorder _device = new();

    [Theory]
    [InlineData(0x0000, 1, 0xFFu), InlineData(0x0064, 2, 0xFFFFu), InlineData(0xFFFF, 4, uint.MaxValue)]
    public void An_empty_port_reads_all_ones_and_swallows_what_is_written(int port, int bytes, uint expected)
    {
        _bus.Write((ushort)port, bytes, 0x12345678, 0);

        _bus.Read((ushort)port, bytes, 0).ShouldBe(expected);
    }

    [Fact]
    public void A_device_is_asked_once_for_an_access_that_it_takes_whole()
    {
        _bus.Add(0xCFC, 0xCFF, _device, 4);

        _bus.Write(0xCFC, 4, 0x11223344, 5);
        _bus.Write(0xCFE, 2, 0xAA5566, 6);

        _device.Seen.ShouldBe([(0xCFC, 4, 0x11223344u, 5), (0xCFE, 2, 0x5566u, 6)]);
    }

    [Fact]
    public void A_byte_wide_device_sees_a_word_as_two_bytes_lowest_port_first()
    {
        _bus.Add(0x40, 0x43, _device);

        _bus.Write(0x42, 2, 0x1234, 7);

        _device.Seen.ShouldBe([(0x42, 1, 0x34u, 7), (0x43, 1, 0x12u, 7)]);
    }

    [Fact]
    public void An_access_across_the_end_of_a_range_is_split_and_the_rest_reads_ones()
    {
        _bus.Add(0xCFC, 0xCFF, _device, 4);
        _device.Answer = 0x5A;

        _bus.Read(0xCFE, 4, 0).ShouldBe(0xFFFF5A5Au);
        _bus.Read(0xCFB, 2, 0).ShouldBe(0x5AFFu);
    }

    [Fact]
    public void A_later_range_lies_on_top_for_accesses_that_begin_in_it()
    {
        var below = new Recorder();
        _bus.Add(0xCF8, 0xCFB, below, 4);
        _bus.Add(0xCF9, 0xCF9, _device);

        _bus.Write(0xCF8, 4, 0x80000000, 0);
        _bus.Write(0xCF9, 1, 6, 0);

        below.Seen.ShouldBe([(0xCF8, 4, 0x80000000u, 0)]);
        _device.Seen.ShouldBe([(0xCF9, 1, 6u, 0)]);
    }

    [Fact]
    public void What_a_device_answers_is_cut_to_the_width()
    {
        _bus.Add(0x10, 0x13, _device, 4);
        _device.Answer = 0xAABBCCDD;

        _bus.Read(0x10, 1, 0).ShouldBe(0xDDu);
        _bus.Read(0x10, 2, 0).ShouldBe(0xCCDDu);
        _bus.Read(0x10, 4, 0).ShouldBe(0xAABBCCDDu);
    }

    [Fact]
    public void A_range_must_be_a_range_and_a_width_a_width()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => _bus.Add(2, 1, _device));
        Should.Throw<ArgumentOutOfRangeException>(() => _bus.Add(1, 2, _device, 3));
    }

    private sealed class Recorder : IPortDevice
    {
        public uint Answer { get; set; }

        public List<(int Port, int Bytes, uint Value, long Now)> Seen { get; } = [];

        public uint Read(ushort port, int bytes, long now) => Answer;

        public void Write(ushort port, int bytes, uint value, long now) => Seen.Add((port, bytes, value, now));
    }
}
