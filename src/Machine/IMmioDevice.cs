// What answers at physical addresses that are not RAM: the memory side of what IPortDevice is for ports.

namespace Lguest.Machine;

/// <summary>A device that loads and stores reach.</summary>
public interface IMmioDevice
{
    /// <summary>A load.</summary>
    /// <param name="offset">Bytes from the start of the device's region.</param>
    /// <param name="bytes">1, 2 or 4; the access lies inside the region and need not be aligned.</param>
    /// <param name="now">Guest time in nanoseconds.</param>
    uint Read(ulong offset, int bytes, long now);

    /// <summary>A store.</summary>
    /// <param name="offset">Bytes from the start of the device's region.</param>
    /// <param name="bytes">1, 2 or 4; the access lies inside the region and need not be aligned.</param>
    /// <param name="value">Cut to <paramref name="bytes"/>.</param>
    /// <param name="now">Guest time in nanoseconds.</param>
    void Write(ulong offset, int bytes, uint value, long now);
}
