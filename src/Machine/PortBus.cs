// The 65,536 I/O ports of a machine and who answers at each. Kernels find out what a machine has by asking at ports where perhaps nothing
// is, so what an empty port answers is part of the machine: all ones, and what is written there is lost.

namespace Lguest.Machine;

/// <summary>Ranges of I/O ports and the devices in them.</summary>
public sealed class PortBus
{
    private const int Ports = 0x10000;

    /// <summary>For each port the index of its range plus one; 0 for an empty port.</summary>
    private readonly byte[] _rangeOf = new byte[Ports];

    private readonly List<PortRange> _ranges = [];

    /// <summary>Puts a device at a range of ports, both ends included. Where ranges overlap, the one added last is asked for accesses that
    /// begin in it: so a byte port may lie inside the dword register of another device, as the reset port CF9h does.</summary>
    /// <param name="first">The first port.</param>
    /// <param name="last">The last port.</param>
    /// <param name="device">What answers.</param>
    /// <param name="widest">The widest access in bytes (1, 2 or 4) that the device takes as one. Wider ones and those that cross an end of
    /// the range are split into bytes, lowest port first, as the bus of a PC does for 8-bit chips.</param>
    public void Add(ushort first, ushort last, IPortDevice device, int widest = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        if (widest is not (1 or 2 or 4))
            throw new ArgumentOutOfRangeException(nameof(widest), widest, "a device takes 1, 2 or 4 bytes");
        if (_ranges.Count == byte.MaxValue)
            throw new InvalidOperationException("a bus has at most 255 ranges");
        _ranges.Add(new PortRange(last, device, widest));
        _rangeOf.AsSpan(first, last - first + 1).Fill((byte)_ranges.Count);
    }

    //J:Boards:210 An empty port
    // A PC has no list of what is in it. A kernel asks at a port where a chip would be and looks at the answer: a disk controller that
    // reads back what was written to it, a second serial port whose loop works. So not having a chip takes as much care as having one. The
    // wires of an empty bus float up to ones, and every probe knows that FFh means that nothing is there.

    /// <summary>IN of 1, 2 or 4 bytes. An empty port reads as FFh.</summary>
    public uint Read(ushort port, int bytes, long now)
    {
        if (Find(port) is { } range && range.Takes(port, bytes))
            return range.Device.Read(port, bytes, now) & Mask(bytes);
        if (bytes == 1)
            return byte.MaxValue;

        uint value = 0;
        for (int i = 0; i < bytes; i++)
            value |= Read((ushort)(port + i), 1, now) << (8 * i);
        return value;
    }

    /// <summary>OUT of 1, 2 or 4 bytes. An empty port swallows it.</summary>
    public void Write(ushort port, int bytes, uint value, long now)
    {
        if (Find(port) is { } range && range.Takes(port, bytes))
            range.Device.Write(port, bytes, value & Mask(bytes), now);
        else if (bytes > 1)
            for (int i = 0; i < bytes; i++)
                Write((ushort)(port + i), 1, value >> (8 * i), now);
    }

    private PortRange? Find(ushort port) => _rangeOf[port] is var index and not 0 ? _ranges[index - 1] : null;

    private static uint Mask(int bytes) => uint.MaxValue >> (32 - (8 * bytes));

    private sealed record PortRange(ushort Last, IPortDevice Device, int Widest)
    {
        public bool Takes(ushort port, int bytes) => bytes <= Widest && port + bytes - 1 <= Last;
    }
}
