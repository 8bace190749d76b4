// The file format that every packet analyser reads: classic pcap, nanosecond flavour, little-endian (draft-ietf-opsawg-pcap).

using System.Buffers.Binary;
using Lguest.Machine;

namespace Lguest.Net.Capture;

/// <summary>Lays out pcap files.</summary>
internal static class PcapFormat
{
    /// <summary>Bytes of the file header.</summary>
    public const int FileHeader = 24;

    /// <summary>Bytes of the header of each packet.</summary>
    public const int RecordHeader = 16;

    private const uint MagicNanoseconds = 0xa1b2_3c4d;
    private const ushort MajorVersion = 2;
    private const ushort MinorVersion = 4;
    private const uint SnapLength = 262_144;
    private const uint LinkTypeEthernet = 1;
    private const uint LargestPacket = 1 << 20; // sixteen sections of 64 KiB that a first-generation Guest sends at once
    private const int PieceBytes = 256 * 1024;

    /// <summary>Writes the 24 bytes a file begins with.</summary>
    public static void WriteFileHeader(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, MagicNanoseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(into[4..], MajorVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(into[6..], MinorVersion);
        into[8..16].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(into[20..], LinkTypeEthernet);
    }

    /// <summary>Writes a packet with its header.</summary>
    /// <param name="into">Has room for both.</param>
    /// <param name="wall">Nanoseconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="packet">The frame.</param>
    public static void WriteRecord(Span<byte> into, long wall, ReadOnlySpan<byte> packet)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)(wall / Nanoseconds.PerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], (uint)(wall % Nanoseconds.PerSecond));
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], packet.Length);
        packet.CopyTo(into[RecordHeader..]);
    }

    /// <summary>How many of the first bytes of a run of records are whole records.</summary>
    /// <param name="records">Whole records.</param>
    /// <param name="length">How many bytes there are of them.</param>
    public static long WholeRecords(ReadOnlySpan<byte> records, long length)
    {
        int whole = 0;
        while (whole + RecordHeader <= records.Length)
        {
            int next = whole + RecordHeader + BinaryPrimitives.ReadInt32LittleEndian(records[(whole + 8)..]);
            if (next > length)
                break;
            whole = next;
        }

        return whole;
    }

    /// <summary>How many of the first bytes of a file are a header and whole records: all, but for what a writer that was killed has
    /// begun.</summary>
    /// <param name="file">A file that can be read, of any length.</param>
    /// <exception cref="IOException">It is something else than a recording of ours.</exception>
    public static long WholeFile(Stream file)
    {
        Span<byte> ours = stackalloc byte[FileHeader];
        WriteFileHeader(ours);
        byte[] piece = new byte[PieceBytes];
        long length = file.Length;
        file.Position = 0;
        int got = file.ReadAtLeast(piece, PieceBytes, throwOnEndOfStream: false);
        int begun = Math.Min(got, FileHeader);
        if (!piece.AsSpan(0, begun).SequenceEqual(ours[..begun]))
            throw new IOException("the file is no recording of this program; name another file");
        if (begun < FileHeader)
            return 0;
        long start = 0;
        long whole = FileHeader;
        while (length - whole >= RecordHeader)
        {
            if (whole + RecordHeader > start + got)
            {
                file.Position = start = whole;
                got = file.ReadAtLeast(piece, PieceBytes, throwOnEndOfStream: false);
                if (got < RecordHeader)
                    break;
            }

            uint packet = BinaryPrimitives.ReadUInt32LittleEndian(piece.AsSpan((int)(whole - start) + 8));
            if (packet > LargestPacket)
                throw new IOException($"the recording is damaged at byte {whole}; name another file");
            if (whole + RecordHeader + packet > length)
                break;
            whole += RecordHeader + packet;
        }

        return whole;
    }
}
