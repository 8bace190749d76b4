// A driver as Linux's virtio_pci_modern is one: finds the registers by the capabilities, negotiates, places its queues, kicks, and reads
// the interrupt status. It reaches the device through configuration space and memory only.

using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio.Pci;

internal sealed class PciDriver
{
    private const uint Window = 0xe0000000;

    private readonly VirtioFunction _function;
    private readonly Dictionary<uint, (uint Offset, uint Length, int At)> _capabilities = [];

    public PciDriver(VirtioFunction function)
    {
        _function = function;
        function.Write(0x10, 4, Window, 0);
        function.Write(4, 2, 6, 0);
        for (int at = (int)function.Read(0x34, 1, 0); at != 0; at = (int)function.Read(at + 1, 1, 0))
        {
            function.Read(at, 1, 0).ShouldBe(9u);
            _capabilities.Add(function.Read(at + 3, 1, 0), (function.Read(at + 8, 4, 0), function.Read(at + 12, 4, 0), at));
        }
    }

    public IReadOnlyDictionary<uint, (uint Offset, uint Length, int At)> Capabilities => _capabilities;

    public uint Get(uint capability, uint at, int bytes)
    {
        var region = _function.Regions.ShouldHaveSingleItem();
        region.Start.ShouldBe(Window);
        return region.Device.Read(_capabilities[capability].Offset + at, bytes, 0);
    }

    public void Put(uint capability, uint at, int bytes, uint value) =>
        _function.Regions.ShouldHaveSingleItem().Device.Write(_capabilities[capability].Offset + at, bytes, value, 0);

    public uint Isr() => Get(3, 0, 1);

    public void Kick(int queue) => Put(2, 0, 2, (uint)queue);

    /// <summary>Resets the device and starts it.</summary>
    public DriverSide[] Start(GuestMemory memory, uint wanted, uint queuesAt)
    {
        Put(1, 20, 1, 0);
        Get(1, 20, 1).ShouldBe(0u);
        return Negotiate(memory, wanted, queuesAt);
    }

    /// <summary>Starts a device that was reset, with queues of 16 descriptors from an address on, a page each.</summary>
    public DriverSide[] Negotiate(GuestMemory memory, uint wanted, uint queuesAt)
    {
        Put(1, 20, 1, 1);
        Put(1, 20, 1, 3);
        Put(1, 0, 4, 1);
        Get(1, 4, 4).ShouldBe(1u);
        Put(1, 0, 4, 0);
        uint accepted = Get(1, 4, 4) & wanted;
        Put(1, 8, 4, 0);
        Put(1, 12, 4, accepted);
        Put(1, 8, 4, 1);
        Put(1, 12, 4, 1);
        Put(1, 20, 1, 11);
        Get(1, 20, 1).ShouldBe(11u);
        var sides = new DriverSide[Get(1, 18, 2)];
        for (uint queue = 0; queue < sides.Length; queue++)
        {
            var ring = RingLayout.Modern(
                new GuestPhysical(queuesAt), new GuestPhysical(queuesAt + 0x400), new GuestPhysical(queuesAt + 0x800), 16, 0);
            Put(1, 22, 2, queue);
            Get(1, 24, 2).ShouldBe(256u);
            Put(1, 24, 2, ring.Size);
            foreach (var (at, address) in new[] { (32u, ring.Base), (40u, ring.Available), (48u, ring.Used) })
            {
                Put(1, at, 4, address.Value);
                Put(1, at + 4, 4, 0);
            }

            Put(1, 28, 2, 1);
            Get(1, 28, 2).ShouldBe(1u);
            sides[queue] = new DriverSide(memory, ring);
            queuesAt += 0x1000;
        }

        Put(1, 20, 1, 15);
        return sides;
    }
}
