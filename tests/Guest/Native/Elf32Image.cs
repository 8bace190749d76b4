// The oracle's child must be a 32-bit program, and no compiler may be asked for one. An executable that the kernel accepts is two
// small tables and the bytes themselves, so we write it here.
using System.Buffers.Binary;

namespace Lguest.Guest.Tests.Native;

/// <summary>Builds a static ELF32 executable for i386 (System V gABI, chapters 4 and 5).</summary>
internal static class Elf32Image
{
    private const int HeaderSize = 52;
    private const int ProgramHeaderSize = 32;
    private const int TextOffset = 0x1000;
    private const uint LoadSegment = 1;

    /// <summary>Naming the stack as not executable keeps Linux from making every readable page executable.</summary>
    private const uint GnuStackSegment = 0x6474_e551;
    private const uint Execute = 1;
    private const uint Write = 2;
    private const uint Read = 4;

    /// <summary>One code segment, one zeroed data segment, a stack without execute right.</summary>
    /// <param name="text">Machine code.</param>
    /// <param name="textAddress">Page-aligned linear address of <paramref name="text"/>.</param>
    /// <param name="entry">Linear address of the first instruction.</param>
    /// <param name="bssAddress">Page-aligned linear address of the data segment.</param>
    /// <param name="bssSize">Its size in bytes.</param>
    public static byte[] Build(ReadOnlySpan<byte> text, uint textAddress, uint entry, uint bssAddress, uint bssSize)
    {
        byte[] image = new byte[TextOffset + text.Length];
        var header = image.AsSpan();
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1];
        identity.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 3); // EM_386
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], entry);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[40..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[42..], ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[44..], 3);
        var table = header[HeaderSize..];
        WriteProgramHeader(table, LoadSegment, TextOffset, textAddress, (uint)text.Length, (uint)text.Length, Read | Execute);
        WriteProgramHeader(table[ProgramHeaderSize..], LoadSegment, 0, bssAddress, 0, bssSize, Read | Write);
        WriteProgramHeader(table[(2 * ProgramHeaderSize)..], GnuStackSegment, 0, 0, 0, 0, Read | Write);
        text.CopyTo(header[TextOffset..]);
        return image;
    }

    private static void WriteProgramHeader(Span<byte> at, uint type, uint offset, uint address, uint fileSize, uint memorySize, uint rights)
    {
        ReadOnlySpan<uint> words = [type, offset, address, address, fileSize, memorySize, rights, 0x1000];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(at[(4 * i)..], words[i]);
    }
}
