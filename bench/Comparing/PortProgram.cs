// The smallest Linux program that writes a byte to the port of a PC's first serial line: an ELF header, one segment, nine instructions.

using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

internal static class PortProgram
{
    private const uint Base = 0x08048000;
    private const int HeaderBytes = 52;
    private const int SegmentBytes = 32;
    private const int LinuxExit = 1;
    private const int LinuxIopl = 110;
    private const ushort SerialData = 0x3f8;

    public static byte[] Bytes()
    {
        const int CodeAt = HeaderBytes + SegmentBytes;
        var a = new Assembler(32);
        a.mov(eax, LinuxIopl);
        a.mov(ebx, 3);
        a.@int(0x80);
        a.mov(edx, SerialData);
        a.mov(eax, '.');
        a.@out(dx, al);
        a.mov(eax, LinuxExit);
        a.xor(ebx, ebx);
        a.@int(0x80);
        using var code = new MemoryStream();
        a.Assemble(new StreamCodeWriter(code), Base + CodeAt);

        byte[] file = new byte[CodeAt + code.Length];
        code.ToArray().CopyTo(file, CodeAt);
        byte[] identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1];
        identity.CopyTo(file, 0);
        Half(16, 2); // ET_EXEC
        Half(18, 3); // EM_386
        Word(20, 1);
        Word(24, Base + CodeAt);
        Word(28, HeaderBytes);
        Half(40, HeaderBytes);
        Half(42, SegmentBytes);
        Half(44, 1);
        uint[] segment = [1, 0, Base, Base, (uint)file.Length, (uint)file.Length, 5, 0x1000];
        for (int i = 0; i < segment.Length; i++)
            Word(HeaderBytes + (4 * i), segment[i]);
        return file;

        void Half(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
        void Word(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
    }
}
