// The smallest Linux programs: an ELF header, one segment, code. They are assembled here, so that there is no compiler to ask for and no
// binary in the tree.

using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <summary>Static programs for i386.</summary>
internal static class ElfProgram
{
    private const uint Base = 0x08048000;
    private const int HeaderBytes = 52;
    private const int SegmentBytes = 32;
    private const int CodeAt = HeaderBytes + SegmentBytes;
    private const int ReadWriteExecute = 7;
    private const int LinuxExit = 1;

    /// <summary>Executes the code, and ends with 0 if it comes to its end.</summary>
    public static byte[] Of(Action<Assembler> body)
    {
        var a = new Assembler(32);
        body(a);
        Exit(a, 0);
        return Of(a);
    }

    /// <summary>Ends the process.</summary>
    public static void Exit(Assembler a, uint code)
    {
        a.mov(ebx, code);
        a.mov(eax, LinuxExit);
        a.@int(0x80);
    }

    private static byte[] Of(Assembler a)
    {
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
        uint[] segment = [1, 0, Base, Base, (uint)file.Length, (uint)file.Length, ReadWriteExecute, 0x1000];
        for (int i = 0; i < segment.Length; i++)
            Word(HeaderBytes + (4 * i), segment[i]);
        return file;

        void Half(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
        void Word(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
    }
}
