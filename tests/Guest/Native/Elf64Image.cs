// Where the kernel starts no 32-bit programs, the oracle's child is a 64-bit one; its executable is written here, as Elf32Image writes
// the other.
using System.Buffers.Binary;

namespace Lguest.Guest.Tests.Native;

/// <summary>Builds a static ELF64 executable for x86-64 (System V gABI, chapters 4 and 5).</summary>
internal static class Elf64Image
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int TextOffset = 0x1000;
    private const uint LoadSegment = 1;
    private const uint GnuStackSegment = 0x6474_e551;
    private const uint Execute = 1;
    private const uint Write = 2;
    private const uint Read = 4;

    /// <summary>One code segment, one zeroed data segment, a stack without execute right; parameters as in <see
    /// cref="Elf32Image.Build"/>.</summary>
    public static byte[] Build(ReadOnlySpan<byte> text, uint textAddress, uint entry, uint bssAddress, uint bssSize)
    {
        byte[] image = new byte[TextOffset + text.Length];
        var header = image.AsSpan();
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 62); // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], entry);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], 3);
        var table = header[HeaderSize..];
        WriteProgramHeader(table, LoadSegment, Read | Execute, TextOffset, textAddress, (uint)text.Length, (uint)text.Length);
        WriteProgramHeader(table[ProgramHeaderSize..], LoadSegment, Read | Write, 0, bssAddress, 0, bssSize);
        WriteProgramHeader(table[(2 * ProgramHeaderSize)..], GnuStackSegment, Read | Write, 0, 0, 0, 0);
        text.CopyTo(header[TextOffset..]);
        return image;
    }

    private static void WriteProgramHeader(Span<byte> at, uint type, uint rights, uint offset, uint address, uint fileSize, uint memorySize)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, type);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], rights);
        ReadOnlySpan<uint> words = [offset, address, address, fileSize, memorySize, 0x1000];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(at[(8 + (8 * i))..], words[i]);
    }
}
