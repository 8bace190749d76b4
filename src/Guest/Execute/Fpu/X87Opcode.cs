// FOP, the last opcode, is kept for emulators of the coprocessor that want to know what failed. It has the bits of ModR/M as they were
// encoded, and one operand has many encodings, so it is taken from the instruction's bytes.
namespace Lguest.Guest.Execute.Fpu;

/// <summary>The 11 bits of FOP: low three of the first opcode byte, then ModR/M (Intel SDM vol. 1, 8.1.9).</summary>
internal static class X87Opcode
{
    private const int Escape = 0xd8;

    /// <summary>FOP of an instruction with its prefixes; 0 for WAIT, which is none of the eight escapes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i + 1 < bytes.Length; i++)
        {
            if ((bytes[i] & 0xf8) == Escape)
                return ((bytes[i] & 7u) << 8) | bytes[i + 1];
        }

        return 0;
    }
}
