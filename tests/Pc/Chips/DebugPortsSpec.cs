// The two ports of bare programs, with the widths that they are written with.
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class DebugPortsSpec
{
    private readonly TestBus _bus = new();
    private readonly List<byte> _printed = [];
    private readonly List<byte> _codes = [];

    public DebugPortsSpec() => new DebugPorts(_printed.Add, _codes.Add).Attach(_bus.Ports);

    [Fact]
    public void What_is_written_to_E9_is_printed_and_it_reads_as_its_own_number()
    {
        _bus.Out(0xE9, 'o');
        _bus.Out(0xE9, 'k');

        _printed.ShouldBe("ok"u8.ToArray());
        _bus.In(0xE9).ShouldBe((byte)0xE9);
        _codes.ShouldBeEmpty();
    }

    [Fact]
    public void The_exit_code_is_twice_the_value_and_one()
    {
        _bus.OutDouble(0xF4, 0);
        _bus.OutWord(0xF4, 1);
        _bus.Out(0xF4, 0x10);
        _bus.OutDouble(0xF4, 0x181);

        _codes.ShouldBe([1, 3, 33, 3]);
        _bus.InDouble(0xF4).ShouldBe(0u);
    }

    [Fact]
    public void A_board_has_them_only_where_they_were_asked_for()
    {
        using GuestMemory memory = new(1 << 20, 0);
        SerialLine serial = new();
        PcBoard plain = new(memory, serial), bare = new(memory, serial);
        bare.AddDebugPorts();

        plain.WritePort(0xF4, 4, 1, 0);
        bare.WritePort(0xF4, 4, 1, 0);

        (plain.End, plain.ReadPort(0xE9, 1, 0)).ShouldBe((MainboardEnd.None, 0xFFu));
        (bare.End, bare.ExitCode, bare.ReadPort(0xE9, 1, 0)).ShouldBe((MainboardEnd.Exit, (byte)3, 0xE9u));
    }
}
