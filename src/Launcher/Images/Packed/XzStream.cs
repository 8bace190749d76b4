// Reads a .xz stream as kernel builds write it: LZMA2, mostly with the filter for x86 code before it (the .xz format, 1.1.0). The library
// has the LZMA2; its own .xz reader fails on filtered kernels. The headers of the LZMA2 chunks tell how long the result will be, so that
// its memory is taken once, and only after the whole stream has been walked.

using System.Buffers.Binary;
using SharpCompress.Compressors.LZMA;

namespace Lguest.Launcher.Images.Packed;

/// <summary>One stream of the .xz format.</summary>
internal static class XzStream
{
    private const int HeaderBytes = 12;
    private const int FooterBytes = 12;
    private const int Lzma2Filter = 0x21;
    private const int X86Filter = 0x04;
    private const int CheckCrc32 = 1;
    private const int LargestDictionaryCode = 30; // 128 MiB
    private const int SmallestDictionaryBits = 12;

    private static ReadOnlySpan<byte> Magic => [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

    private static ReadOnlySpan<byte> CheckSizes => [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

    private sealed record Block(int Start, int PackedBytes, int UnpackedBytes, byte DictionaryCode, bool IsX86, uint? Crc32);

    public static bool Looks(ReadOnlySpan<byte> packed) => packed.StartsWith(Magic);

    /// <exception cref="Exception">Of any kind: the stream is broken, or unpacks to more than <paramref name="largest"/> bytes.</exception>
    public static byte[] Unpack(ReadOnlyMemory<byte> packed, int largest)
    {
        var blocks = Walk(packed.Span, largest);
        byte[] unpacked = new byte[blocks.Sum(block => block.UnpackedBytes)];
        int at = 0;
        foreach (var block in blocks)
        {
            var into = unpacked.AsSpan(at, block.UnpackedBytes);
            Decode(packed.Slice(block.Start, block.PackedBytes), block, into);
            at += into.Length;
        }

        return unpacked;
    }

    private static List<Block> Walk(ReadOnlySpan<byte> packed, int largest)
    {
        int check = packed[7];
        if (packed[6] != 0 || check >= CheckSizes.Length || Checksum.Crc32(packed[6..8]) != U32(packed, 8))
            throw new InvalidDataException("stream header");
        int checkBytes = CheckSizes[check];
        List<Block> blocks = [];
        long total = 0;
        int at = HeaderBytes;
        while (packed[at] != 0)
        {
            var block = ReadHeader(packed, ref at);
            int start = at;
            var (packedBytes, unpackedBytes) = Measure(packed[start..], largest);
            total += unpackedBytes;
            if (total > largest)
                throw new InvalidDataException("too large");
            at = start + ((packedBytes + 3) & ~3);
            if (packed[(start + packedBytes)..at].ContainsAnyExcept((byte)0))
                throw new InvalidDataException("padding");
            uint? crc = check == CheckCrc32 ? U32(packed, at) : null;
            at += checkBytes;
            blocks.Add(block with { Start = start, PackedBytes = packedBytes, UnpackedBytes = unpackedBytes, Crc32 = crc });
        }

        // Of the index that follows only the end counts here: a stream that has lost it was cut short.
        if (packed.Length - at < FooterBytes || !packed[^2..].SequenceEqual("YZ"u8))
            throw new InvalidDataException("no end");
        return blocks;
    }

    private static Block ReadHeader(ReadOnlySpan<byte> packed, ref int at)
    {
        int length = (packed[at] + 1) * 4;
        var header = packed.Slice(at, length);
        if (Checksum.Crc32(header[..^4]) != U32(header, length - 4))
            throw new InvalidDataException("block header");
        at += length;
        byte flags = header[1];
        int filters = (flags & 3) + 1;
        int next = 2;
        for (int sizes = (flags >> 6 & 1) + (flags >> 7); sizes > 0; sizes--)
            Number(header, ref next);
        bool isX86 = false;
        for (; filters > 1; filters--)
        {
            if (Number(header, ref next) != X86Filter || Number(header, ref next) != 0 || isX86)
                throw new InvalidDataException("a filter that kernels do not use");
            isX86 = true;
        }

        if (Number(header, ref next) != Lzma2Filter || Number(header, ref next) != 1 || header[next] > LargestDictionaryCode)
            throw new InvalidDataException("not LZMA2, or with too large a dictionary");
        return new Block(0, 0, 0, header[next], isX86, null);
    }

    private static ulong Number(ReadOnlySpan<byte> header, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = header[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("number too long");
    }

    /// <summary>Steps over LZMA2 chunks, each of which says what it takes and what it makes, up to the zero that ends them.</summary>
    private static (int PackedBytes, int UnpackedBytes) Measure(ReadOnlySpan<byte> chunks, int largest)
    {
        long unpacked = 0;
        int at = 0;
        while (chunks[at] is not 0 and var control)
        {
            int made = U16(chunks, at + 1) + 1;
            if (control >= 0x80)
            {
                made += (control & 0x1f) << 16;
                at += U16(chunks, at + 3) + 1 + (control >= 0xc0 ? 6 : 5);
            }
            else
            {
                at += control <= 2 ? made + 3 : throw new InvalidDataException("chunk");
            }

            unpacked += made;
            if (unpacked > largest)
                throw new InvalidDataException("too large");
        }

        return (at + 1, (int)unpacked);
    }

    private static void Decode(ReadOnlyMemory<byte> packed, Block block, Span<byte> into)
    {
        // No dictionary need be larger than all that it can ever hold.
        byte dictionary = block.DictionaryCode;
        while (dictionary > 0 && DictionaryBytes(dictionary - 1) >= into.Length)
            dictionary--;
        using MemoryStream source = new(packed.ToArray(), writable: false);
        using (var lzma = LzmaStream.Create([dictionary], source, packed.Length, into.Length, null, true, false))
            lzma.ReadExactly(into);
        if (block.IsX86)
            X86Branches.ToRelative(into);
        if (block.Crc32 is { } crc && Checksum.Crc32(into) != crc)
            throw new InvalidDataException("checksum");
    }

    private static long DictionaryBytes(int code) => (2L | (uint)(code & 1)) << ((code / 2) + SmallestDictionaryBits - 1);

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
