// A bzImage carries the kernel proper packed in one of seven ways. A Guest would unpack it by itself, in two thousand million instructions;
// the Launcher does it in about a second. The file may be hostile: nothing is made larger than the file says, and nothing larger than 256
// MB. What the libraries throw at broken data, of any type, means one thing: the data is broken.

using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.LZMA;
using ZstdStream = SharpCompress.Compressors.ZStandard.DecompressionStream;

namespace Lguest.Launcher.Images.Packed;

/// <summary>Unpacks the kernel inside a bzImage, or a packed kernel file.</summary>
internal static class PackedKernel
{
    /// <summary>No kernel is larger, unpacked.</summary>
    public const int Largest = 256 << 20;

    private const int LengthBytes = 4; // follows each form but gzip, which has it inside
    private const int LzmaHeaderBytes = 13; // properties, dictionary, length
    private const int LargestDictionary = 128 << 20;
    private const int LargestLz4Block = 8 << 20;
    private const uint Lz4Legacy = 0x184c2102;
    private const int PartBytes = 1 << 16;

    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];
    private static ReadOnlySpan<byte> Bzip2 => "BZh"u8;
    private static ReadOnlySpan<byte> Lzma => [0x5d, 0x00, 0x00];
    private static ReadOnlySpan<byte> Zstd => [0x28, 0xb5, 0x2f, 0xfd];
    private static ReadOnlySpan<byte> Lz4 => [0x02, 0x21, 0x4c, 0x18];

    /// <summary>Whether these bytes begin as something that can be unpacked here.</summary>
    public static bool Looks(ReadOnlySpan<byte> packed) =>
        packed.StartsWith(Gzip) || packed.StartsWith(Bzip2) || packed.StartsWith(Lzma) || packed.StartsWith(Zstd) || packed.StartsWith(Lz4)
        || XzStream.Looks(packed) || LzopFile.Looks(packed);

    /// <summary>Whether these bytes begin as gzip.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> file) => file.StartsWith(Gzip);

    /// <summary>Unpacks the payload of a bzImage, whose last four bytes are the length of what is in it.</summary>
    /// <returns>What was packed; null if that is broken, cut short, of another length than promised, or too large.</returns>
    public static byte[]? TryUnpack(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length <= LengthBytes)
            return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(payload.Span[^LengthBytes..]);
        if (length is 0 or > Largest)
            return null;
        var packed = payload.Span.StartsWith(Gzip) ? payload : payload[..^LengthBytes];
        byte[]? unpacked = Try(packed, (int)length);
        return unpacked?.Length == length ? unpacked : null;
    }

    /// <summary>Unpacks a file in gzip.</summary>
    /// <returns>What was packed; null if that is broken, cut short, or too large.</returns>
    public static byte[]? TryGunzip(ReadOnlyMemory<byte> file) =>
        IsGzip(file.Span) && Try(file, Largest) is { } unpacked && file.Length > LengthBytes
        && BinaryPrimitives.ReadUInt32LittleEndian(file.Span[^LengthBytes..]) == (uint)unpacked.Length ? unpacked : null;

    private static byte[]? Try(ReadOnlyMemory<byte> packed, int largest)
    {
        try
        {
            var bytes = packed.Span;
            return XzStream.Looks(bytes) ? XzStream.Unpack(packed, largest)
                : LzopFile.Looks(bytes) ? LzopFile.Unpack(bytes, largest)
                : bytes.StartsWith(Lz4) ? UnpackLz4(bytes, largest)
                : ReadToEnd(Open(packed), largest);
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static Stream Open(ReadOnlyMemory<byte> packed)
    {
        var bytes = packed.Span;
        MemoryStream source = new(packed.ToArray(), writable: false);
        if (bytes.StartsWith(Gzip))
            return new GZipStream(source, CompressionMode.Decompress);
        if (bytes.StartsWith(Bzip2))
            return BZip2Stream.Create(source, SharpCompress.Compressors.CompressionMode.Decompress, false, false, false);
        if (bytes.StartsWith(Zstd))
            return new ZstdStream(source, 0, true, false);
        if (!bytes.StartsWith(Lzma))
            throw new InvalidDataException("not packed in a known way");
        source.Position = LzmaHeaderBytes;
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[(LzmaHeaderBytes - sizeof(long))..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) > LargestDictionary || length is < -1 or > Largest)
            throw new InvalidDataException("too large");
        return LzmaStream.Create(bytes[..5].ToArray(), source, source.Length - LzmaHeaderBytes, length, false);
    }

    private static byte[] ReadToEnd(Stream unpacking, int largest)
    {
        using (unpacking)
        {
            MemoryStream unpacked = new();
            byte[] part = new byte[PartBytes];
            int got;
            while ((got = unpacking.Read(part)) > 0)
            {
                if (unpacked.Length + got > largest)
                    throw new InvalidDataException("more than it promised");
                unpacked.Write(part, 0, got);
            }

            return unpacked.ToArray();
        }
    }

    /// <summary>The old frame of lz4, which kernels use: blocks with their packed length before them, and nothing else.</summary>
    private static byte[] UnpackLz4(ReadOnlySpan<byte> packed, int largest)
    {
        MemoryStream unpacked = new();
        byte[] block = new byte[Math.Min(largest, LargestLz4Block)];
        while (packed.Length > 0)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(packed);
            packed = packed[sizeof(uint)..];
            if (length == Lz4Legacy)
                continue;
            int got = LZ4Codec.Decode(packed[..checked((int)length)], block);
            if (got <= 0 || unpacked.Length + got > largest)
                throw new InvalidDataException("a block is broken");
            unpacked.Write(block, 0, got);
            packed = packed[(int)length..];
        }

        return unpacked.ToArray();
    }
}
