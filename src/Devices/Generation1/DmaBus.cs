// The addresses of the devices of a generation 1 Guest, planned before its memory is made: a page of sixteen descriptors just above RAM,
// and a page for each device that needs one.

using System.Buffers.Binary;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Generation1;

/// <summary>The bus of generation 1 (ABI sheet 9.1). The irq of a device is its index plus one.</summary>
internal sealed class DmaBus
{
    /// <summary>Entries of the descriptor page (LGUEST_MAX_DEVICES).</summary>
    public const int MostDevices = 16;

    private const int EntryBytes = 12;
    private readonly IReadOnlyList<DmaDescription> _devices;
    private readonly GuestPhysical _start;

    /// <param name="devices">In the order of their entries.</param>
    /// <param name="ramBytes">RAM: the descriptor page is the first page after it.</param>
    /// <exception cref="RefusedException">More devices than there are entries.</exception>
    public DmaBus(IReadOnlyList<DmaDescription> devices, uint ramBytes)
    {
        if (devices.Count > MostDevices)
            throw new RefusedException($"{devices.Count} devices are more than a Guest of Linux 2.6.23 can have, which is {MostDevices} "
                + "with its console; leave some out");
        _devices = devices;
        _start = new GuestPhysical(ramBytes);
    }

    /// <summary>Pages after RAM.</summary>
    public int Pages => 1 + _devices.Count(device => device.HasPage);

    /// <summary>The page of a device that has one.</summary>
    public GuestPhysical PageOf(int index) => _start + ((1 + (uint)_devices.Take(index)
        .Count(device => device.HasPage)) * GuestMemory.PageSize);

    public static int IrqOf(int index) => index + 1;

    /// <summary>Writes the descriptors; the page must be zero before.</summary>
    public void WriteInto(GuestMemory memory)
    {
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (int i = 0; i < _devices.Count; i++)
        {
            var device = _devices[i];
            entry.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)device.Type);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], device.Features);
            if (device.HasPage)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], 1);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], PageOf(i).Frame);
            }

            memory.TryWrite(_start + (uint)(i * EntryBytes), entry);
        }
    }
}
