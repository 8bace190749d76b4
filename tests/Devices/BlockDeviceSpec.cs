// A virtio disk, request by request: what a driver asks for, how the chain may be cut, and what comes back when it cannot be done.

using System.Buffers.Binary;
using Lguest.Devices.Block;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests;

public sealed class BlockDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;
    private const uint Header = 0x1000;
    private const uint Data = 0x2000;
    private const uint Status = 0x9000;
    private const byte Untouched = 0x55;
    private const uint Barrier = 1u << 31;

    private readonly GuestMemory _memory = new(RamBytes, 4);
    private readonly DriverSide _driver;
    private readonly MemoryDisk _disk = new(8);

    public BlockDeviceSpec()
    {
        _driver = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), 64, 1));
        for (int i = 0; i < _disk.Content.Length; i++)
            _disk.Content[i] = (byte)((i * 7) ^ (i >> 8));
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_read_fills_the_buffers_in_order()
    {
        Ask(0, 1);

        Serve((Header, 16, false), (Data, 512, true), (Data + 0x800, 1024, true), (Status, 1, true)).ShouldBe((0, 1537u));

        _driver.Get(Data, 512).ShouldBe(_disk.Content[512..1024]);
        _driver.Get(Data + 0x800, 1024).ShouldBe(_disk.Content[1024..2048]);
    }

    [Fact]
    public void A_write_stores_the_buffers_in_order()
    {
        byte[] before = _disk.Content.ToArray();
        Ask(1, 2);
        _driver.Put(Data, Enumerable.Repeat((byte)0xaa, 300).ToArray());
        _driver.Put(Data + 0x800, Enumerable.Repeat((byte)0xbb, 212).ToArray());

        Serve((Header, 16, false), (Data, 300, false), (Data + 0x800, 212, false), (Status, 1, true)).ShouldBe((0, 1u));

        _disk.Content[1024..1324].ShouldAllBe(value => value == 0xaa);
        _disk.Content[1324..1536].ShouldAllBe(value => value == 0xbb);
        _disk.Content[1536..].ShouldBe(before[1536..]);
    }

    [Fact]
    public void The_first_virtio_kernel_has_a_longer_header()
    {
        Ask(1, 0);
        _driver.Put(Data, Enumerable.Repeat((byte)0xcc, 512).ToArray());

        Serve(GuestGeneration.Linux2624, (Header, 24, false), (Data, 512, false), (Status, 1, true)).ShouldBe((0, 1u));

        _disk.Content[..512].ShouldAllBe(value => value == 0xcc);
    }

    [Fact]
    public void How_a_driver_cuts_a_request_into_buffers_does_not_matter()
    {
        Ask(0, 3);

        Serve((Header, 5, false), (Header + 5, 11, false), (Data, 513, true))
            .ShouldBe((Untouched, 513u), "status is the last byte of the only buffer");

        _driver.Get(Data, 512).ShouldBe(_disk.Content[1536..2048]);
        _driver.Get(Data + 512, 1).ShouldBe([0]);
    }

    [Theory]
    [InlineData(0, 8, 512)]
    [InlineData(0, 7, 1024)]
    [InlineData(0, 0xffff_ffff_ffff_ffff, 512)]
    [InlineData(0, 0x80_0000_0000_0000, 512)]
    [InlineData(0, 0, 100)]
    [InlineData(1, 8, 512)]
    [InlineData(1, 7, 1024)]
    [InlineData(1, 0, 511)]
    public void What_lies_beyond_the_end_or_is_no_whole_sector_is_an_io_error_and_touches_nothing(uint type, ulong sector, uint length)
    {
        byte[] before = _disk.Content.ToArray();
        Ask(type, sector);

        Serve((Header, 16, false), (Data, length, type == 0), (Status, 1, true)).ShouldBe((1, 1u));

        _disk.Content.ShouldBe(before);
        _disk.Log.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void A_disk_that_fails_is_an_io_error(uint type)
    {
        _disk.Fails = true;
        Ask(type, 0);

        Serve((Header, 16, false), (Data, 512, type == 0), (Status, 1, true)).ShouldBe((1, 1u));
    }

    [Fact]
    public void A_read_only_disk_refuses_writes_and_still_reads()
    {
        var disk = new MemoryDisk(8) { ReadOnly = true };
        Ask(1, 0);
        Serve(Device(disk), (Header, 16, false), (Data, 512, false), (Status, 1, true)).Status.ShouldBe(1);
        Ask(0, 0);
        Serve(Device(disk), (Header, 16, false), (Data, 512, true), (Status, 1, true)).Status.ShouldBe(0);

        disk.Log.ShouldBe(["read 0 512"]);
    }

    [Fact]
    public void A_flush_flushes_and_a_barrier_orders_what_came_before_and_after()
    {
        Ask(4, 0);
        Serve((Header, 16, false), (Status, 1, true)).ShouldBe((0, 1u));
        Ask(1 | Barrier, 0);
        Serve((Header, 16, false), (Data, 512, false), (Status, 1, true)).ShouldBe((0, 1u));

        _disk.Log.ShouldBe(["flush", "flush", "write 0 512", "flush"]);
    }

    [Theory]
    [InlineData(7, 512)]
    [InlineData(0, 4096)]
    public void A_request_may_end_with_the_last_sector(ulong sector, uint length)
    {
        Ask(0, sector);
        Serve((Header, 16, false), (Data, length, true), (Status, 1, true)).ShouldBe((0, length + 1));
        Ask(1, sector);
        Serve((Header, 16, false), (Data, length, false), (Status, 1, true)).ShouldBe((0, 1u));
    }

    [Fact]
    public void A_barrier_is_one_for_writes_only_and_nothing_follows_a_write_that_failed()
    {
        Ask(0 | Barrier, 0);
        Serve((Header, 16, false), (Data, 512, true), (Status, 1, true)).ShouldBe((0, 513u));
        _disk.Log.ShouldBe(["read 0 512"]);

        MemoryDisk disk = new(8) { ReadOnly = true };
        Ask(1 | Barrier, 0);
        Serve(Device(disk), (Header, 16, false), (Data, 512, false), (Status, 1, true)).ShouldBe((1, 1u));
        disk.Log.ShouldBe(["flush"]);
    }

    [Fact]
    public void What_was_asked_is_counted_and_what_failed()
    {
        using var device = Device(_disk);
        foreach (var (type, sector, length) in new (uint, ulong, uint)[] { (0, 0, 1024), (0, 1, 512), (1, 2, 512), (4, 0, 0), (0, 8, 512) })
        {
            Ask(type, sector);
            Serve(device, (Header, 16, false), (Data, length, type == 0), (Status, 1, true));
        }

        device.Metrics.ShouldBe(new BlockMetrics(Reads: 2, Writes: 1, Flushes: 1, Errors: 1, BytesRead: 1536, BytesWritten: 512));
    }

    [Fact]
    public void Its_disk_ends_with_it()
    {
        Device(_disk).Dispose();
        _disk.Log.ShouldBe(["dispose"]);
    }

    [Fact]
    public void The_serial_number_is_cut_to_twenty_bytes()
    {
        Ask(8, 0);

        Serve((Header, 16, false), (Data, 20, true), (Status, 1, true)).ShouldBe((0, 21u));

        _driver.Get(Data, 20).ShouldBe("a-serial-number-of-s"u8.ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(77)]
    public void What_is_not_offered_is_unsupported(uint type)
    {
        Ask(type, 0);

        Serve((Header, 16, false), (Data, 512, true), (Status, 1, true)).ShouldBe((2, 1u));
    }

    [Fact]
    public void A_chain_that_is_no_request_breaks_the_queue()
    {
        var device = Device(_disk);
        _driver.Offer((Header, 16, false));
        device.Serve(0).ShouldBeFalse();
        device.Queues[0].Fault.ShouldNotBeNull().ShouldContain("no room for its status");

        device.Reset();
        new DriverSide(_memory, _driver.Ring).Offer((Header, 15, false), (Status, 1, true));
        device.Serve(0).ShouldBeFalse();
        device.Queues[0].Fault.ShouldNotBeNull().ShouldContain("shorter than its header");
    }

    private void Ask(uint type, ulong sector)
    {
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], sector);
        _driver.Put(Header, header);
        _driver.Put(Status, [Untouched]);
    }

    private BlockDevice Device(MemoryDisk disk, GuestGeneration? generation = null) =>
        new(_memory, disk, new SplitQueue(_memory, _driver.Ring, SuppressionRule.Flag), generation ?? GuestGeneration.Linux3);

    private (int Status, uint Written) Serve(params (uint Address, uint Length, bool DeviceWrites)[] buffers) =>
        Serve(GuestGeneration.Linux3, buffers);

    private (int Status, uint Written) Serve(GuestGeneration generation, params (uint Address, uint Length, bool DeviceWrites)[] buffers) =>
        Serve(Device(_disk, generation), buffers);

    private (int Status, uint Written) Serve(BlockDevice device, params (uint Address, uint Length, bool DeviceWrites)[] buffers)
    {
        // Each request is served by a device of its own on an empty ring.
        device.Reset();
        var driver = new DriverSide(_memory, _driver.Ring);
        ushort head = driver.Offer(buffers);
        device.Serve(0).ShouldBeFalse();
        var used = driver.Reap().ShouldNotBeNull(device.Queues[0].Fault);
        used.Head.ShouldBe(head);
        byte status = _driver.Get(Status, 1)[0];
        return (status, used.Written);
    }
}
