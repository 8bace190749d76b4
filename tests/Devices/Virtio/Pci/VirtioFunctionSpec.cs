// The devices of the lguest bus, reached over PCI by a driver that knows only the standard: the same code serves them.

using System.Buffers.Binary;
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

public sealed class VirtioFunctionSpec : IDisposable
{
    private const uint Ram = 1 << 20;
    private const uint Queues = 0x10000;

    private readonly GuestMemory _memory = new(Ram);
    private readonly TestWire _wire = new();
    private readonly DirectBackend _backend = new();

    public void Dispose() => _memory.Dispose();

    [Theory]
    [InlineData(DeviceType.Net, 0x10411af4u, 0x02000001u, 0x10411af4u)]
    [InlineData(DeviceType.Block, 0x10421af4u, 0x01000001u, 0x10421af4u)]
    [InlineData(DeviceType.Console, 0x10431af4u, 0x07800001u, 0x10431af4u)]
    [InlineData(DeviceType.Rng, 0x10441af4u, 0x00ff0001u, 0x10441af4u)]
    public void A_function_says_what_it_is(object type, uint id, uint classCode, uint subsystem)
    {
        var function = Make(new DeviceDescription((DeviceType)type, 1, 0, [], []));

        (function.Read(0, 4, 0), function.Read(8, 4, 0), function.Read(0x2c, 4, 0)).ShouldBe((id, classCode, subsystem));
        (function.Read(0x3c, 1, 0), function.Read(0x3d, 1, 0)).ShouldBe((11u, 1u));
        new PciDriver(function).Capabilities.Keys.ShouldBe([1u, 2u, 3u, 5u]);
    }

    [Fact]
    public void Its_capabilities_tell_where_the_registers_are()
    {
        var driver = new PciDriver(Make(BlockDescription.Of(new MemoryDisk(8), GuestGeneration.Pc)));

        driver.Capabilities.Select(one => (one.Key, one.Value.Offset, one.Value.Length))
            .ShouldBe([(1u, 0u, 56u), (2u, 56u, 2u), (3u, 58u, 1u), (4u, 60u, 16u), (5u, 0u, 0u)]);
    }

    [Fact]
    public void Its_capabilities_have_their_lengths_and_only_the_access_window_is_written()
    {
        var function = Make(BlockDescription.Of(new MemoryDisk(8), GuestGeneration.Pc));
        var capabilities = new PciDriver(function).Capabilities;
        capabilities.Select(one => function.Read(one.Value.At + 2, 1, 0)).ShouldBe([16u, 20u, 16u, 16u, 20u]);
        function.Read(capabilities[2].At + 16, 4, 0).ShouldBe(0u, "all queues are notified at one place");
        int at = capabilities[5].At;
        foreach (int offset in new[] { 0, 4, 8, 12 })
            function.Write(at + offset, 4, uint.MaxValue, 0);
        (function.Read(at, 4, 0) >> 16, function.Read(at + 4, 4, 0), function.Read(at + 8, 4, 0), function.Read(at + 12, 4, 0))
            .ShouldBe((0x0514u, 0xffu, uint.MaxValue, uint.MaxValue));
    }

    [Fact]
    public void A_disk_is_read_and_written()
    {
        var disk = new MemoryDisk(8);
        disk.TryWrite(1024, "third sector"u8);
        using BlockDevice device = new(_memory, disk, new SplitQueue(_memory), GuestGeneration.Pc);
        var driver = Attach(device, BlockDescription.Of(disk, GuestGeneration.Pc));
        var queue = driver.Start(_memory, BlockDescription.Flush, Queues)[0];
        (driver.Get(4, 0, 4), driver.Get(4, 12, 4)).ShouldBe((8u, 254u));

        queue.Put(0x1000, Request(0, 2));
        queue.Offer((0x1000, 16, false), (0x2000, 512, true), (0x3000, 1, true));
        driver.Kick(0);

        queue.Reap()!.Value.Written.ShouldBe(513u);
        queue.Get(0x2000, 12).ShouldBe("third sector"u8.ToArray());
        queue.Get(0x3000, 1).ShouldBe([0]);
        (_wire.Level, driver.Isr(), _wire.Level, driver.Isr()).ShouldBe((true, 1u, false, 0u));

        queue.Put(0x1000, Request(1, 5));
        queue.Put(0x2000, "written"u8);
        queue.Offer((0x1000, 16, false), (0x2000, 512, false), (0x3000, 1, true));
        queue.WantInterrupts(false);
        driver.Kick(0);

        byte[] sector = new byte[7];
        disk.TryRead(5 * 512, sector);
        sector.ShouldBe("written"u8.ToArray());
        _wire.Level.ShouldBeFalse();
    }

    [Fact]
    public void An_entropy_source_fills_what_it_is_lent()
    {
        using RngDevice device = new(_memory, new SplitQueue(_memory), bytes => bytes.Fill(0x7e));
        var driver = Attach(device, RngDescription.Create());
        var queue = driver.Start(_memory, 0, Queues)[0];

        queue.Offer((0x1000, 10, true));
        driver.Kick(0);

        queue.Reap()!.Value.Written.ShouldBe(10u);
        queue.Get(0x1009, 2).ShouldBe([0x7e, 0]);
    }

    [Fact]
    public void A_console_prints_and_is_typed_to()
    {
        MemoryStream terminal = new();
        using ConsoleDevice device = new(_memory, new SplitQueue(_memory), new SplitQueue(_memory), new PlainOutput(terminal));
        var driver = Attach(device, ConsoleDescription.Of(GuestGeneration.Pc));
        var queues = driver.Start(_memory, 0, Queues);

        queues[1].Put(0x1000, "hello"u8);
        queues[1].Offer((0x1000, 5, false));
        driver.Kick(1);
        terminal.ToArray().ShouldBe("hello"u8.ToArray());

        queues[0].Offer((0x2000, 100, true));
        device.Type("hi"u8.ToArray());
        driver.Kick(0);
        queues[0].Reap()!.Value.Written.ShouldBe(2u);
        queues[0].Get(0x2000, 2).ShouldBe("hi"u8.ToArray());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(NetDescription.MergedBuffers)]
    public void A_card_has_headers_of_12_bytes_whether_or_not_buffers_are_merged(uint features)
    {
        using NetDevice device = new(_memory, new SplitQueue(_memory), new SplitQueue(_memory), MacAddress.ForName("a"),
            GuestGeneration.Pc, () => (uint)_backend.Features);
        var driver = Attach(device, NetDescription.Of(device.Mac, GuestGeneration.Pc));
        var queues = driver.Start(_memory, features, Queues);
        byte[] frame = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];

        queues[1].Put(0x1000, new byte[12]);
        queues[1].Put(0x100c, frame);
        queues[1].Offer((0x1000, 72, false));
        driver.Kick(1);
        var sent = device.TakeSent().ShouldNotBeNull();
        sent.Count.ShouldBe(1);

        queues[0].Offer((0x2000, 1600, true));
        device.Deliver(sent);
        _backend.Serve(NetDescription.ReceiveQueue);
        queues[0].Reap()!.Value.Written.ShouldBe(72u);
        queues[0].Get(0x2000, 12).ShouldBe([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        queues[0].Get(0x200c, 60).ShouldBe(frame);
    }

    [Fact]
    public void A_reset_leaves_the_rings_memory_alone_and_a_second_driver_starts_anew()
    {
        using RngDevice device = new(_memory, new SplitQueue(_memory), bytes => bytes.Fill(0x7e));
        var driver = Attach(device, RngDescription.Create());
        var old = driver.Start(_memory, 0, Queues)[0];
        old.Offer((0x1000, 10, true));
        driver.Kick(0);

        driver.Put(1, 20, 1, 0);
        old.Offer((0x1100, 10, true));
        _backend.Serve(0);
        driver.Kick(0);

        old.Get(Queues, 16).ShouldNotBe(new byte[16]);
        old.Get(0x1100, 1).ShouldBe([0]);
        var queue = driver.Start(_memory, 0, Queues + 0x8000)[0];
        queue.Offer((0x1200, 10, true));
        driver.Kick(0);
        queue.Get(0x1200, 1).ShouldBe([0x7e]);
    }

    [Fact]
    public void A_broken_queue_makes_the_device_ask_for_a_reset()
    {
        using RngDevice device = new(_memory, new SplitQueue(_memory), bytes => bytes.Fill(0x7e));
        var driver = Attach(device, RngDescription.Create());
        var queue = driver.Start(_memory, 0, Queues)[0];

        queue.SetAvailable(99);
        driver.Kick(0);

        (driver.Get(1, 20, 1), driver.Isr()).ShouldBe((0x4fu, 2u));
    }

    [Fact]
    public void Registers_are_reached_through_configuration_space_too()
    {
        var function = Make(BlockDescription.Of(new MemoryDisk(8), GuestGeneration.Pc));
        int at = new PciDriver(function).Capabilities[5].At;

        Access(20, 1);
        function.Write(at + 16, 4, 1, 0);
        function.Read(at + 16, 4, 0).ShouldBe(1u);
        function.Registers.State.Status.ShouldBe(DeviceStatus.Acknowledge);
        Access(18, 2);
        function.Read(at + 16, 4, 0).ShouldBe(1u);
        Access(60, 4);
        function.Read(at + 16, 4, 0).ShouldBe(8u);
        foreach (var (offset, bytes) in new[] { (20u, 0u), (20u, 3u), (21u, 2u), (4096u, 1u), (0xffffffffu, 1u) })
        {
            Access(offset, bytes);
            function.Write(at + 16, 4, 0x5a, 0);
            function.Read(at + 16, 4, 0).ShouldBe(0x5au);
        }

        function.Registers.State.Status.ShouldBe(DeviceStatus.Acknowledge);

        void Access(uint offset, uint bytes)
        {
            function.Write(at + 4, 1, 0, 0);
            function.Write(at + 8, 4, offset, 0);
            function.Write(at + 12, 4, bytes, 0);
        }
    }

    private static byte[] Request(uint type, ulong sector)
    {
        byte[] header = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), sector);
        return header;
    }

    private VirtioFunction Make(DeviceDescription description) => new(description, Ram, _backend, _wire, 11, 1);

    private PciDriver Attach(IVirtioDevice device, DeviceDescription description)
    {
        var function = Make(description);
        (_backend.Device, _backend.Registers) = (device, function.Registers);
        return new PciDriver(function);
    }
}
