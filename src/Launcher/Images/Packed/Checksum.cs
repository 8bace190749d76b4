// The sum by which .xz tells whether its bytes are whole; the runtime has it only in a package of its own.

namespace Lguest.Launcher.Images.Packed;

/// <summary>CRC-32 of IEEE 802.3.</summary>
internal static class Checksum
{
    private const uint Polynomial = 0xedb88320;

    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(value => Step((uint)value, 8))];

    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte next in bytes)
            sum = (sum >> 8) ^ _table[(byte)(sum ^ next)];
        return ~sum;
    }

    private static uint Step(uint value, int bits) =>
        bits == 0 ? value : Step((value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1, bits - 1);
}
