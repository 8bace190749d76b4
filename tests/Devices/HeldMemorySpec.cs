// A device may still serve a ring while its Guest's Launcher lets go of the memory; so every device holds it, and lets go when it is
// disposed.

using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Generation1;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Net.Frames;

namespace Lguest.Devices.Tests;

public sealed class HeldMemorySpec
{
    private const uint Ram = 1 << 20;

    [Theory]
    [InlineData("console")]
    [InlineData("block")]
    [InlineData("net")]
    [InlineData("rng")]
    [InlineData("generation 1 console")]
    [InlineData("generation 1 disk")]
    [InlineData("generation 1 card")]
    public void A_device_holds_its_guests_memory_until_it_is_disposed(string kind)
    {
        GuestMemory memory = new(Ram, devicePages: 16);
        var device = Make(kind, memory);
        memory.Dispose();
        memory.TryWrite(new GuestPhysical(Ram), 1u).ShouldBeTrue("the device may still work on it");

        device.Dispose();

        memory.TryHold().ShouldBeNull();
    }

    private static IDisposable Make(string kind, GuestMemory memory) => kind switch
    {
        "console" => new ConsoleDevice(memory, Queue(memory, 0), Queue(memory, 1), new PlainOutput(Stream.Null)),
        "block" => new BlockDevice(memory, new MemoryDisk(4), Queue(memory, 0), GuestGeneration.Linux3),
        "net" => new NetDevice(
            memory, Queue(memory, 0), Queue(memory, 1), MacAddress.ForName("guest/eth0"), GuestGeneration.Linux3, () => 0),
        "rng" => new RngDevice(memory, Queue(memory, 0), bytes => bytes.Clear()),
        "generation 1 console" => new DmaConsole(memory, 1, Stream.Null),
        "generation 1 disk" => new DmaDisk(memory, new GuestPhysical(Ram), 1, new MemoryDisk(4), "guest/disk0"),
        _ => new DmaNic(memory, new GuestPhysical(Ram), 1, "guest/eth0"),
    };

    private static SplitQueue Queue(GuestMemory memory, int index) =>
        new(memory, new RingLayout(new GuestPhysical(Ram + ((uint)index * 0x4000)), 16, (byte)(index + 1)), SuppressionRule.Flag);
}
