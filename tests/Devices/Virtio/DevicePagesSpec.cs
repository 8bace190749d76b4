// The bus as a kernel reads it, in both forms of the descriptor page (ABI sheet 10.1 to 10.3): these tests walk the pages as the drivers
// do.

using System.Collections.Immutable;
using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Rng;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio;

public sealed class DevicePagesSpec
{
    private const uint RamBytes = 1 << 20;

    [Fact]
    public void Records_name_type_queues_features_and_configuration()
    {
        var (pages, memory) = Plan(GuestGeneration.Linux3);
        using var _ = memory;
        uint at = RamBytes;

        Bytes(memory, at, 5).ShouldBe([2, 1, 4, 16, 0]);
        Queue(memory, at + 5).ShouldBe((256, 1, (RamBytes >> 12) + 1));
        Bytes(memory, at + 13, 8).ShouldBe([4, 2, 0, 0, 0, 0, 0, 0], "SEG_MAX and FLUSH offered, nothing acknowledged yet");
        Bytes(memory, at + 21, 16).ShouldBe([100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 254, 0, 0, 0]);
        at += 37;
        Bytes(memory, at, 5).ShouldBe([4, 1, 4, 0, 0]);
        Queue(memory, at + 5).ShouldBe((256, 2, (RamBytes >> 12) + 4));
        at += 21;
        Bytes(memory, at, 5).ShouldBe([3, 2, 4, 0, 0]);
        Queue(memory, at + 5).ShouldBe((256, 3, (RamBytes >> 12) + 7));
        Queue(memory, at + 13).ShouldBe((256, 4, (RamBytes >> 12) + 10));
        at += 29;
        Bytes(memory, at, 1).ShouldBe([0], "a record of type 0 ends the page");
        pages.Pages.ShouldBe(13);
    }

    [Fact]
    public void The_first_virtio_kernel_reads_tagged_fields()
    {
        var (pages, memory) = Plan(GuestGeneration.Linux2624);
        using var _ = memory;
        uint at = RamBytes;

        Bytes(memory, at, 3).ShouldBe([2, 26, 0]);
        Bytes(memory, at + 3, 2).ShouldBe([2, 8]);
        Queue(memory, at + 5).ShouldBe((128, 1, (RamBytes >> 12) + 1));
        Bytes(memory, at + 13, 10).ShouldBe([0x41, 8, 100, 0, 0, 0, 0, 0, 0, 0]);
        Bytes(memory, at + 23, 6).ShouldBe([0x43, 4, 126, 0, 0, 0]);
        at += 29;
        Bytes(memory, at, 3).ShouldBe([4, 10, 0]);
        at += 13;
        Bytes(memory, at, 5).ShouldBe([3, 20, 0, 2, 8]);
        Queue(memory, at + 5).ShouldBe((128, 3, (RamBytes >> 12) + 5));
        Bytes(memory, at + 13, 2).ShouldBe([2, 8]);
        Queue(memory, at + 15).ShouldBe((128, 4, (RamBytes >> 12) + 7));
        at += 23;
        Bytes(memory, at, 1).ShouldBe([0]);
        pages.Pages.ShouldBe(9);
    }

    [Theory]
    [InlineData("2.6.25", 16, 1 << 0 | 1 << 2)]
    [InlineData("2.6.27 - 2.6.30", 24, 1 << 0 | 1 << 2)]
    [InlineData("2.6.31 - 2.6.35", 16, 1 << 0 | 1 << 2)]
    [InlineData("3.x", 16, 1 << 2 | 1 << 9)]
    public void A_disk_offers_what_its_generation_was_offered(string name, int configBytes, int features)
    {
        GuestGeneration[] all = [GuestGeneration.Linux2625, GuestGeneration.Linux2627, GuestGeneration.Linux2631, GuestGeneration.Linux3];
        var generation = all.Single(candidate => candidate.Name == name);

        var description = BlockDescription.Of(new MemoryDisk(100), generation);

        description.Config.Length.ShouldBe(configBytes);
        description.Features.ShouldBe((uint)features);
        BlockDescription.Of(new MemoryDisk(100) { ReadOnly = true }, generation).Features.ShouldBe((uint)features | (1 << 5));
    }

    [Fact]
    public void Status_and_acknowledged_features_are_read_where_the_driver_writes_them()
    {
        var (pages, memory) = Plan(GuestGeneration.Linux3);
        using var _ = memory;
        var disk = pages.ByDescriptor(pages.Page).ShouldNotBeNull();

        memory.TryWrite(pages.Page + 4, (byte)7);
        memory.TryWrite(pages.Page + 17, 0xffffffffu);

        disk.Status(memory).ShouldBe(DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.DriverOk);
        disk.Accepted(memory).ShouldBe(disk.Description.Features, "nothing can be acknowledged that was not offered");
        disk.ClearAccepted(memory);
        disk.Accepted(memory).ShouldBe(0u);
    }

    [Fact]
    public void Devices_are_found_by_descriptor_and_by_queue()
    {
        var (pages, memory) = Plan(GuestGeneration.Linux3);
        using var _ = memory;

        foreach (var device in pages.Devices)
        {
            pages.ByDescriptor(device.Record).ShouldBe(device);
            foreach (var ring in device.Rings)
                pages.ByQueue(ring.Base).ShouldBe(device);
        }

        pages.ByDescriptor(pages.Page + 1).ShouldBeNull();
        pages.ByQueue(pages.Page).ShouldBeNull();
    }

    [Fact]
    public void More_devices_than_interrupts_are_refused()
    {
        var disk = BlockDescription.Of(new MemoryDisk(1), GuestGeneration.Linux3);
        DeviceDescription[] most = [.. Enumerable.Repeat(disk, 29), ConsoleDescription.Of(GuestGeneration.Linux3)];

        new DevicePages(most, GuestGeneration.Linux3, RamBytes).Pages.ShouldBeLessThanOrEqualTo(DevicePages.MostPages);
        Should.Throw<RefusedException>(() => new DevicePages([disk, .. most], GuestGeneration.Linux3, RamBytes)).Message.ShouldContain(
            "leave some out");
    }

    private static (DevicePages Pages, GuestMemory Memory) Plan(GuestGeneration generation)
    {
        DeviceDescription[] devices = [BlockDescription.Of(new MemoryDisk(100), generation), RngDescription.Create(),
            ConsoleDescription.Of(GuestGeneration.Linux3)];
        var pages = new DevicePages(devices, generation, RamBytes);
        var memory = new GuestMemory(RamBytes, pages.Pages);
        pages.WriteInto(memory);
        return (pages, memory);
    }

    private static byte[] Bytes(GuestMemory memory, uint at, uint count) => memory.Span(new GuestPhysical(at), count).ToArray();

    private static (int Size, int Irq, uint Frame) Queue(GuestMemory memory, uint at)
    {
        byte[] bytes = Bytes(memory, at, 8);
        return (BitConverter.ToUInt16(bytes, 0), BitConverter.ToUInt16(bytes, 2), BitConverter.ToUInt32(bytes, 4));
    }
}
