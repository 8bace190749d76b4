// The driver's half of a virtqueue, for tests: it makes rings as a Guest would, well-behaved or not, in memory that it shares with the
// device.

using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio;

/// <summary>Writes descriptors and the available ring, reads the used ring.</summary>
internal sealed class DriverSide(GuestMemory memory, RingLayout ring)
{
    public const ushort Next = 1;
    public const ushort DeviceWrites = 2;
    public const ushort Indirect = 4;

    private ushort _available;
    private ushort _seen;
    private ushort _free;

    public GuestMemory Memory => memory;

    public RingLayout Ring => ring;

    /// <summary>Makes a chain of buffers, each for the device to read or to write, available.</summary>
    /// <returns>The chain's head.</returns>
    public ushort Offer(params (uint Address, uint Length, bool DeviceWrites)[] buffers)
    {
        ushort head = (ushort)(_free & (ring.Size - 1));
        for (int i = 0; i < buffers.Length; i++)
        {
            ushort at = (ushort)(_free++ & (ring.Size - 1));
            int flags = (buffers[i].DeviceWrites ? DeviceWrites : 0) | (i < buffers.Length - 1 ? Next : 0);
            Describe(at, buffers[i].Address, buffers[i].Length, (ushort)flags, (ushort)(_free & (ring.Size - 1)));
        }

        Publish(head);
        return head;
    }

    public void Describe(ushort index, ulong address, uint length, ushort flags, ushort next) =>
        Describe(ring.Base, index, address, length, flags, next);

    public void Describe(GuestPhysical table, ushort index, ulong address, uint length, ushort flags, ushort next)
    {
        var at = table + ((uint)index * 16);
        memory.TryWrite(at, address).ShouldBeTrue();
        memory.TryWrite(at + 8, length).ShouldBeTrue();
        memory.TryWrite(at + 12, flags).ShouldBeTrue();
        memory.TryWrite(at + 14, next).ShouldBeTrue();
    }

    /// <summary>Puts a head into the available ring and counts its index up.</summary>
    public void Publish(ushort head)
    {
        memory.TryWrite(ring.Available + 4 + ((uint)(_available & (ring.Size - 1)) * 2), head).ShouldBeTrue();
        SetAvailable(++_available);
    }

    public void SetAvailable(ushort index) => memory.TryWrite(ring.Available + 2, index).ShouldBeTrue();

    public void WantInterrupts(bool wanted) => memory.TryWrite(ring.Available, wanted ? (ushort)0 : (ushort)1).ShouldBeTrue();

    /// <summary>The next used entry, or null.</summary>
    public (uint Head, uint Written)? Reap()
    {
        memory.TryRead(ring.Used + 2, out ushort index).ShouldBeTrue();
        if (index == _seen)
            return null;
        var at = ring.Used + 4 + ((uint)(_seen++ & (ring.Size - 1)) * 8);
        memory.TryRead(at, out uint head).ShouldBeTrue();
        memory.TryRead(at + 4, out uint written).ShouldBeTrue();
        return (head, written);
    }

    public void Put(uint address, ReadOnlySpan<byte> bytes) => memory.TryWrite(new GuestPhysical(address), bytes).ShouldBeTrue();

    public byte[] Get(uint address, int length) => memory.Span(new GuestPhysical(address), (uint)length).ToArray();
}
