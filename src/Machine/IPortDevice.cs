// What answers at I/O ports. A chip sees the port, the width and the time, and nothing of the processor that asks: so it can be tried
// alone, and a run with a virtual clock is the same run every time.

namespace Lguest.Machine;

/// <summary>A device that IN and OUT reach.</summary>
public interface IPortDevice
{
    /// <summary>IN.</summary>
    /// <param name="port">The first port of the access, inside the range that the device was added with.</param>
    /// <param name="bytes">1, 2 or 4, never more than the width that the device was added with.</param>
    /// <param name="now">Guest time in nanoseconds; it never runs backwards from one call to the next.</param>
    /// <returns>The value; the bus cuts it to <paramref name="bytes"/>.</returns>
    uint Read(ushort port, int bytes, long now);

    /// <summary>OUT.</summary>
    /// <param name="port">The first port of the access, inside the range that the device was added with.</param>
    /// <param name="bytes">1, 2 or 4, never more than the width that the device was added with.</param>
    /// <param name="value">Cut to <paramref name="bytes"/>.</param>
    /// <param name="now">Guest time in nanoseconds; it never runs backwards from one call to the next.</param>
    void Write(ushort port, int bytes, uint value, long now);
}
