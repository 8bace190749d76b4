// Kernels packed with lzo hold a file of the lzop tool: a header, then blocks of at most 256 KB, each with its two lengths and a checksum.
// LZO1X is a page of code: literals and copies of what was written before, with the lengths folded into the opcode in five ways. A span's
// bounds check ends what points outside.

using System.Buffers.Binary;

namespace Lguest.Launcher.Images.Packed;

/// <summary>A file of the lzop tool.</summary>
internal static class LzopFile
{
    private const int LargestBlock = 256 << 10;
    private const int VersionWithMethodLevel = 0x0940;
    private const uint FlagFilter = 0x800;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0d, 0x0a, 0x1a, 0x0a];

    public static bool Looks(ReadOnlySpan<byte> packed) => packed.StartsWith(Magic);

    /// <exception cref="Exception">Of any kind: it is broken, or unpacks to more than <paramref name="largest"/> bytes.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> packed, int largest)
    {
        packed = packed[HeaderBytes(packed)..];
        MemoryStream unpacked = new();
        byte[] block = new byte[LargestBlock];
        uint length;
        while ((length = U32(packed)) != 0)
        {
            uint from = U32(packed[4..]);
            if (length > LargestBlock || from > length || unpacked.Length + length > largest)
                throw new InvalidDataException("block");
            var source = packed.Slice(12, (int)from);
            var into = block.AsSpan(0, (int)length);
            if (from == length)
                source.CopyTo(into);
            else if (Decode(source, into) != length)
                throw new InvalidDataException("length");
            unpacked.Write(into);
            packed = packed[(12 + (int)from)..];
        }

        return unpacked.ToArray();
    }

    private static int HeaderBytes(ReadOnlySpan<byte> packed)
    {
        bool isNew = BinaryPrimitives.ReadUInt16BigEndian(packed[9..]) >= VersionWithMethodLevel;
        int at = 9 + 7 + (isNew ? 1 : 0);
        at += (U32(packed[at..]) & FlagFilter) != 0 ? 8 : 4;
        at += isNew ? 12 : 8; // mode and times
        return at + 1 + packed[at] + 4; // name, checksum
    }

    /// <summary>LZO1X. The state is what the last step left: how many literals it ended with, 4 for a long run of them.</summary>
    private static int Decode(ReadOnlySpan<byte> from, Span<byte> into)
    {
        int at = 0, to = 0, state = 0;
        if (from[0] > 17)
        {
            int first = from[at++] - 17;
            Literals(from, ref at, into, ref to, first);
            state = Math.Min(first, 4);
        }

        while (true)
        {
            int code = from[at++];
            if (code < 16 && state == 0)
            {
                Literals(from, ref at, into, ref to, 3 + Length(from, ref at, code, 15));
                state = 4;
                continue;
            }

            // What is left over in the two low bits, of the opcode or of a distance of two bytes, counts the literals that follow at once.
            int distance, length, tail = code;
            if (code < 16)
            {
                length = state == 4 ? 3 : 2;
                distance = (state == 4 ? 0x801 : 1) + (code >> 2) + (from[at++] << 2);
            }
            else if (code >= 64)
            {
                length = (code >> 5) + 1;
                distance = 1 + ((code >> 2) & 7) + (from[at++] << 3);
            }
            else
            {
                int longest = code >= 32 ? 31 : 7;
                length = 2 + Length(from, ref at, code & longest, longest);
                tail = from[at] | (from[at + 1] << 8);
                at += 2;
                distance = (tail >> 2) + (code >= 32 ? 1 : 0x4000 + ((code & 8) << 11));
                if (code < 32 && distance == 0x4000)
                    return at == from.Length && length == 3 ? to : throw new InvalidDataException("end");
            }

            for (int i = 0; i < length; i++, to++)
                into[to] = into[to - distance];
            state = tail & 3;
            Literals(from, ref at, into, ref to, state);
        }
    }

    /// <summary>A length from the opcode; where that has none, the bytes after it: each zero stands for 255.</summary>
    private static int Length(ReadOnlySpan<byte> from, ref int at, int inCode, int longest)
    {
        if (inCode != 0)
            return inCode;
        int length = longest;
        for (; from[at] == 0; at++)
            length = checked(length + 255);
        return length + from[at++];
    }

    private static void Literals(ReadOnlySpan<byte> from, ref int at, Span<byte> into, ref int to, int count)
    {
        from.Slice(at, count).CopyTo(into[to..]);
        at += count;
        to += count;
    }

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
