// lguest's PCI as Linux 4.x finds it through its two ports, and its windows in memory: what is where, what may be written, and what becomes
// of the rest (ABI sheet 11.2 to 11.5, 11.9).

using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Net.Frames;

namespace Lguest.Devices.Tests.Virtio.Pci;

public sealed class LguestPciSpec
{
    private const uint Ram = 1 << 20;
    private const uint First = Ram + 0x100000;
    private const uint Ones = uint.MaxValue;

    private readonly LguestPci _pci = new(Ram);
    private readonly List<int> _irqs = [];
    private readonly List<DirectBackend> _backends = [];

    public LguestPciSpec()
    {
        _pci.Interrupt = _irqs.Add;
        Plug(ConsoleDescription.Of(GuestGeneration.Linux4));
        Plug(BlockDescription.Of(new MemoryDisk(8), GuestGeneration.Linux4));
        Plug(NetDescription.Of(MacAddress.ForName("a"), GuestGeneration.Linux4));
        Plug(RngDescription.Create());
    }

    [Fact]
    public void The_address_register_is_written_and_read_in_any_piece()
    {
        Out(0xcfb, 1, 0x80);
        Out(0xcf8, 2, 0x1234);
        Out(0xcfa, 1, 0xff);

        (In(0xcf8, 4), In(0xcfa, 2), In(0xcfb, 1)).ShouldBe((0x80ff1234u, 0x80ffu, 0x80u));
        Out(0xcf8, 4, 0x80000000);
        In(0xcf8, 4).ShouldBe(0x80000000u, "so Linux knows that this is configuration mechanism 1");
    }

    [Fact]
    public void Other_ports_are_empty_but_for_a_keyboard_that_is_always_ready()
    {
        (In(0x64, 1), In(0x60, 1), In(0x3f8, 1), In(0xcfc, 4)).ShouldBe((1u, 0xffu, 0xffu, Ones));

        Out(0x80, 4, Ones);
        Out(0x64, 1, 0xfe);
    }

    [Theory]
    [InlineData(0, 0x00000000u, 0x06000000u, 0u, 0u, 0u)]
    [InlineData(1, 0x10431af4u, 0x07000001u, First, 0x00400000u, 1u)]
    [InlineData(2, 0x10421af4u, 0x01800001u, First + 0x80, 0x00400000u, 2u)]
    [InlineData(3, 0x10411af4u, 0x02000001u, First + 0x100, 0x00400000u, 3u)]
    [InlineData(4, 0x10441af4u, 0xff000001u, First + 0x180, 0x00400000u, 4u)]
    [InlineData(5, Ones, Ones, Ones, Ones, Ones)]
    [InlineData(31, Ones, Ones, Ones, Ones, Ones)]
    public void Devices_say_what_they_are(int device, uint id, uint classCode, uint window, uint subsystem, uint line)
    {
        (Get(device, 0), Get(device, 8), Get(device, 0x10), Get(device, 0x2c), Get(device, 0x3c))
            .ShouldBe((id, classCode, window, subsystem, line));
    }

    [Theory]
    [InlineData(0x00000800u)]
    [InlineData(0x80010800u)]
    [InlineData(0x80800800u)]
    [InlineData(0x80000900u)]
    [InlineData(0x80000898u)]
    [InlineData(0x800008fcu)]
    public void Without_the_enable_bit_on_other_buses_functions_and_behind_the_header_there_is_nothing(uint address)
    {
        Out(0xcf8, 4, address);

        In(0xcfc, 4).ShouldBe(Ones);
        _pci.TryWritePort(0xcfc, 4, 0, 0).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, new[] { 0x40, 0x50, 0x64, 0x84, 0x74 })]
    [InlineData(4, new[] { 0x40, 0x50, 0x64, 0x84 })]
    public void Capabilities_tell_where_the_registers_are(int device, int[] places)
    {
        (Get(device, 4) >> 16).ShouldBe(0x10u);
        List<int> seen = [];
        for (int at = (int)(Get(device, 0x34) & 0xff); at != 0; at = (int)(Get(device, at) >> 8) & 0xff)
            seen.Add(at);
        seen.ShouldBe(places);

        (Get(device, 0x40), Get(device, 0x48), Get(device, 0x4c)).ShouldBe((0x01105009u, 0u, 56u));
        (Get(device, 0x50), Get(device, 0x58), Get(device, 0x5c), Get(device, 0x60)).ShouldBe((0x02146409u, 56u, 2u, 0u));
        (Get(device, 0x64), Get(device, 0x6c), Get(device, 0x70)).ShouldBe((0x03108409u, 58u, 1u));
        if (device == 1)
            (Get(device, 0x74), Get(device, 0x7c), Get(device, 0x80)).ShouldBe((0x04100009u, 60u, 12u));
    }

    [Theory]
    [InlineData(1, 0xffffff80u)]
    [InlineData(4, 0xffffffc0u)]
    public void A_window_tells_its_size_and_stays_where_it_is(int device, uint size)
    {
        Put(device, 0x10, Ones).ShouldBeTrue();
        Get(device, 0x10).ShouldBe(size);

        foreach (uint elsewhere in new uint[] { 0, 0x1000, First + 0x80, 0xfffff000 })
        {
            Put(device, 0x10, elsewhere | 0xf).ShouldBeTrue();
            Get(device, 0x10).ShouldBe(elsewhere & size);
        }

        _pci.Answers(0x1000).ShouldBeFalse();
        _pci.Answers(0xfffff000).ShouldBeFalse();
        _pci.Read(First + 18, 2, 0).ShouldBe(2u, "device 1 has two queues");
    }

    [Theory]
    [InlineData(0x00, 4, false)]
    [InlineData(0x04, 2, true)]
    [InlineData(0x06, 2, true)]
    [InlineData(0x04, 1, false)]
    [InlineData(0x04, 4, false)]
    [InlineData(0x08, 4, false)]
    [InlineData(0x14, 4, true)]
    [InlineData(0x28, 4, true)]
    [InlineData(0x2c, 4, false)]
    [InlineData(0x30, 4, true)]
    [InlineData(0x34, 1, false)]
    [InlineData(0x3c, 1, false)]
    [InlineData(0x40, 4, false)]
    [InlineData(0x60, 4, false)]
    [InlineData(0x84, 4, false)]
    [InlineData(0x88, 1, true)]
    [InlineData(0x8c, 4, true)]
    [InlineData(0x90, 4, true)]
    [InlineData(0x94, 4, false)]
    public void A_write_is_expected_or_refused(int register, int bytes, bool isExpected)
    {
        Out(0xcf8, 4, 0x80000800u | (uint)(register & ~3));

        _pci.TryWritePort((ushort)(0xcfc + (register & 3)), bytes, 0, 0).ShouldBe(isExpected);
    }

    [Fact]
    public void Of_the_doubleword_with_the_cache_line_only_half_is_written()
    {
        Put(1, 0x0c, Ones).ShouldBeTrue();

        (Get(1, 0x0c), Get(1, 4)).ShouldBe((0xffffu, 0x00100000u));
    }

    [Fact]
    public void Early_characters_are_printed_through_the_window_in_configuration_space()
    {
        Out(0xcf8, 4, 0x80000888);
        Out(0xcfc, 1, 0);
        Put(1, 0x90, 4).ShouldBeTrue();
        foreach (char character in "hi")
        {
            Put(1, 0x8c, 68).ShouldBeTrue();
            Put(1, 0x94, character).ShouldBeTrue();
        }

        _backends[0].Told.ShouldBe(["config 8 4 68", "config 8 4 69"]);
        _pci.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_driver_can_do_everything_through_that_window()
    {
        Window(20, 1);
        Put(2, 0x94, 1).ShouldBeTrue();
        Get(2, 0x94).ShouldBe(1u);
        Window(18, 2);
        Get(2, 0x94).ShouldBe(1u);

        foreach (var (offset, bytes) in new[] { (20u, 0u), (20u, 3u), (21u, 2u), (76u, 4u), (74u, 4u), (Ones, 1u), (0xfffffffcu, 4u) })
        {
            Window(offset, bytes);
            Put(2, 0x94, 0x5a).ShouldBeFalse();
        }

        _pci.Fault.ShouldBeNull();
        Get(2, 0x94);
        _pci.Fault.ShouldBe("bad driver of device 2: the configuration window was read while it showed nothing");

        void Window(uint offset, uint bytes)
        {
            Put(2, 0x8c, offset).ShouldBeTrue();
            Put(2, 0x90, bytes).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_register_is_read_in_any_piece_and_what_is_wider_than_an_access_is_lost()
    {
        Out(0xcf8, 4, 0x80000800);
        (_pci.ReadPort(0xcfc, 1, 0), _pci.ReadPort(0xcfe, 2, 0), _pci.ReadPort(0xcff, 1, 0)).ShouldBe((0xf4u, 0x1043u, 0x10u));
        Out(0xcf8, 1, 0x1234);
        In(0xcf8, 4).ShouldBe(0x80000834u);
        Put(1, 0x8c, 68);
        Put(1, 0x90, 1);
        Put(1, 0x94, 0x1ff).ShouldBeTrue();
        _backends[0].Told.ShouldBe(["config 8 1 ff"]);
        Put(1, 0x88, 0);
        Out(0xcf8, 4, 0x80000888);
        Out(0xcfc, 1, 1);
        Put(1, 0x94, 1).ShouldBeFalse("there is no other window than window 0");
    }

    [Fact]
    public void The_first_device_is_named_too_and_queues_have_256_places()
    {
        StartRng();
        _pci.Read(First + 0x180 + 24, 2, 0).ShouldBe(256u);
        _pci.Write(First + 16, 2, 1, 0);
        _pci.Fault.ShouldBe("bad driver of device 1: a write of 2 bytes at 16");
    }

    [Theory]
    [InlineData(First - 1, false)]
    [InlineData(First, true)]
    [InlineData(First + 71, true)]
    [InlineData(First + 72, false)]
    [InlineData(First + 0x7f, false)]
    [InlineData(First + 0x80 + 75, true)]
    [InlineData(First + 0x80 + 76, false)]
    [InlineData(First + 0x180 + 59, true)]
    [InlineData(First + 0x180 + 60, false)]
    public void A_window_ends_with_its_last_register(uint at, bool isThere)
    {
        _pci.Answers(at).ShouldBe(isThere);
        _pci.End.ShouldBe(First + 0x1000u);
    }

    [Fact]
    public void Used_buffers_are_an_interrupt_of_the_device_once_its_driver_has_started()
    {
        _pci.Signal(4).ShouldBeTrue();
        _irqs.ShouldBeEmpty();
        StartRng();

        _pci.Signal(4).ShouldBeTrue();
        _pci.Signal(4).ShouldBeTrue();

        _irqs.ShouldBe([4, 4]);
        (_pci.Read(First + 0x180 + 58, 1, 0), _pci.Read(First + 0x180 + 58, 1, 0)).ShouldBe((1u, 0u));
        _pci.Signal(0).ShouldBeFalse();
        _pci.Signal(5).ShouldBeFalse();
        _pci.Signal(31).ShouldBeFalse();
    }

    [Fact]
    public void A_driver_that_breaks_a_rule_is_named()
    {
        _pci.Write(First + 0x80 + 16, 2, 1, 0);

        _pci.Fault.ShouldBe("bad driver of device 2: a write of 2 bytes at 16");
    }

    [Fact]
    public void A_reset_that_takes_longer_is_waited_for()
    {
        StartRng();
        _backends[3].IsSlow = true;
        bool isCalled = false;
        _pci.Attention = () => isCalled = true;

        _pci.Write(First + 0x180 + 20, 1, 0, 0);
        _pci.Waiting.ShouldBe(First + 0x180);
        _pci.Post(_backends[3].Registers!.FinishReset);
        isCalled.ShouldBeTrue();
        _pci.Waiting.ShouldBe(First + 0x180, "the owner has not come yet");
        _pci.Attend();

        _pci.Waiting.ShouldBeNull();
        _pci.Read(First + 0x180 + 20, 1, 0).ShouldBe(0u);
    }

    [Fact]
    public void A_bus_has_31_devices()
    {
        for (int i = 5; i <= LguestPci.MostDevices; i++)
            Plug(RngDescription.Create());

        Get(31, 0).ShouldBe(0x10441af4u);
        Should.Throw<InvalidOperationException>(() => Plug(RngDescription.Create()));
        _pci.End.ShouldBeLessThan(First + LguestPci.Room - 0x100000);
    }

    private void StartRng()
    {
        const uint At = First + 0x180;
        foreach (uint status in new uint[] { 0, 1, 3 })
            _pci.Write(At + 20, 1, status, 0);
        _pci.Write(At + 8, 4, 1, 0);
        _pci.Write(At + 12, 4, 1, 0);
        _pci.Write(At + 20, 1, 11, 0);
        _pci.Read(At + 20, 1, 0).ShouldBe(11u);
        _pci.Write(At + 20, 1, 15, 0);
        _pci.Fault.ShouldBeNull();
    }

    private void Plug(DeviceDescription description)
    {
        DirectBackend backend = new();
        backend.Registers = _pci.Plug(description, backend).Registers;
        _backends.Add(backend);
    }

    private uint In(ushort port, int bytes) => _pci.ReadPort(port, bytes, 0) & (Ones >> (32 - (8 * bytes)));

    private void Out(ushort port, int bytes, uint value) => _pci.TryWritePort(port, bytes, value, 0).ShouldBeTrue();

    private uint Get(int device, int register)
    {
        Out(0xcf8, 4, 0x80000000u | ((uint)device << 11) | (uint)register);
        return In(0xcfc, 4);
    }

    private bool Put(int device, int register, uint value)
    {
        Out(0xcf8, 4, 0x80000000u | ((uint)device << 11) | (uint)register);
        return _pci.TryWritePort(0xcfc, 4, value, 0);
    }
}
