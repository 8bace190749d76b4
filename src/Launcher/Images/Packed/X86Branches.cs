// Code packs better when a function is called by the same bytes from everywhere, so packers replace the distance in CALL and JMP by the
// address. This puts the distances back (the x86 filter of the .xz format, known as BCJ). Which bytes are such an instruction is guessed,
// and the guess must be the packer's own to the last rule, so the steps below follow it and cannot be made any plainer.

using System.Buffers.Binary;

namespace Lguest.Launcher.Images.Packed;

/// <summary>The filter for x86 code.</summary>
internal static class X86Branches
{
    private const int InstructionBytes = 5;

    private static ReadOnlySpan<bool> IsAllowed => [true, true, true, false, true, false, false, false];

    private static ReadOnlySpan<byte> ByteOfMask => [0, 1, 2, 2, 3, 3, 3, 3];

    /// <summary>Turns absolute targets into distances, in place.</summary>
    /// <param name="code">The whole of it: positions are counted from its start.</param>
    public static void ToRelative(Span<byte> code)
    {
        uint mask = 0; // what the last few bytes looked like, a bit each
        int last = -InstructionBytes;
        for (int at = 0; at <= code.Length - InstructionBytes;)
        {
            if ((code[at] & 0xfe) != 0xe8)
            {
                at++;
                continue;
            }

            int distance = at - last;
            last = at;
            mask = distance > InstructionBytes ? 0 : Age(mask, distance);
            byte top = code[at + 4];
            if (IsTop(top) && mask >> 1 < 0x10 && IsAllowed[(int)(mask >> 1) & 7])
            {
                Convert(code.Slice(at + 1, 4), (uint)(at + InstructionBytes), mask);
                at += InstructionBytes;
                mask = 0;
            }
            else
            {
                at++;
                mask |= IsTop(top) ? 0x11u : 1;
            }
        }
    }

    private static uint Age(uint mask, int distance)
    {
        for (int i = 0; i < distance; i++)
            mask = (mask & 0x77) << 1;
        return mask;
    }

    private static void Convert(Span<byte> operand, uint next, uint mask)
    {
        uint source = BinaryPrimitives.ReadUInt32LittleEndian(operand);
        uint target = source - next;
        while (mask != 0)
        {
            int bits = ByteOfMask[(int)(mask >> 1)] * 8;
            if (!IsTop((byte)(target >> (24 - bits))))
                break;
            source = target ^ ((1u << (32 - bits)) - 1);
            target = source - next;
        }

        // Only 25 bits count; the last is spread over the top byte.
        BinaryPrimitives.WriteUInt32LittleEndian(operand, (target & 0xffffff) | ((target & 0x1000000) != 0 ? 0xff000000 : 0));
    }

    private static bool IsTop(byte value) => value is 0 or 0xff;
}
