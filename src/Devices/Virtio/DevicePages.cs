// Plans the device pages above a Guest's RAM. Their number must be known before the memory is made, and their content can be written only
// afterwards; the same descriptions in the same order give the same places both times.

using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

//J:Boards:110 A bus that is a page
// The whole bus of an lguest machine is the first page after its RAM. The Launcher writes a record for each device there before the kernel
// starts: its type, how many queues it has, what it can do, its configuration. The driver reads it, writes back into the same page which
// features it takes and how far it has got, and says by a hypercall that it has written. The rings follow in the pages after that, placed
// by the host, each with an interrupt of its own. Nothing is probed, so nothing can be found wrongly.

/// <summary>The device pages of one Guest, planned: a descriptor page, then rings, device after device.</summary>
internal sealed class DevicePages
{
    /// <summary>The most pages after RAM (ABI sheet 1.1).</summary>
    public const int MostPages = 256;

    private const byte LastIrq = 31;

    /// <param name="devices">In bus order, which gives irqs and names.</param>
    /// <param name="generation">Form of the descriptors and size of the rings.</param>
    /// <param name="ramBytes">RAM in bytes: the descriptor page is the first page after it.</param>
    /// <exception cref="RefusedException">More devices than the bus, or the 31 interrupts, can carry.</exception>
    public DevicePages(IReadOnlyList<DeviceDescription> devices, GuestGeneration generation, uint ramBytes)
    {
        Generation = generation;
        Page = new GuestPhysical(ramBytes);
        var entries = new List<BusDevice>();
        var record = Page;
        int pages = 1;
        byte irq = 1;
        foreach (var device in devices)
        {
            var rings = new RingLayout[device.Queues];
            for (int queue = 0; queue < rings.Length; queue++)
            {
                if (irq > LastIrq || pages + generation.RingPages > MostPages)
                    throw new RefusedException($"{devices.Count} devices are more than one Guest can have; leave some out");
                rings[queue] = new RingLayout(Page + ((uint)pages * GuestMemory.PageSize), generation.RingSize, irq++);
                pages += generation.RingPages;
            }

            var entry = new BusDevice(device, record, generation.Descriptors, rings);
            entries.Add(entry);
            record += entry.RecordBytes;
            if (record.Value - Page.Value >= GuestMemory.PageSize)
                throw new RefusedException($"{devices.Count} devices are more than the page of descriptors can hold; leave some out");
        }

        Devices = entries;
        Pages = pages;
    }

    public GuestGeneration Generation { get; }

    /// <summary>The descriptor page, just after RAM.</summary>
    public GuestPhysical Page { get; }

    /// <summary>Pages in all, with the descriptor page.</summary>
    public int Pages { get; }

    public IReadOnlyList<BusDevice> Devices { get; }

    /// <summary>Writes the descriptors; the pages must be zero before.</summary>
    public void WriteInto(GuestMemory memory)
    {
        foreach (var device in Devices)
            device.WriteInto(memory);
    }

    /// <summary>The device whose descriptor begins at <paramref name="address"/>, or null.</summary>
    public BusDevice? ByDescriptor(GuestPhysical address) => Devices.FirstOrDefault(device => device.Record == address);

    /// <summary>The device of which one queue lies at <paramref name="address"/>, or null.</summary>
    public BusDevice? ByQueue(GuestPhysical address) => Devices.FirstOrDefault(device => device.Rings.Any(ring => ring.Base == address));
}
