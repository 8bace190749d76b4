// A floating-point instruction depends on far more than its operands: rounding, precision, masks, where the stack's top is, what is empty,
// which exceptions are already pending. This file rolls such states as FXSAVE images.
using System.Buffers.Binary;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Random FXSAVE images and x87 environments (Intel SDM vol. 1, 8.1 and 10.5).</summary>
internal static class FpuStates
{
    private const int MxcsrOffset = 24;
    private const int StackOffset = 32;
    private const int XmmOffset = 160;

    /// <summary>512 bytes for FXRSTOR.</summary>
    public static void Roll(Dice dice, Span<byte> image)
    {
        image[..512].Clear();
        ushort control = ControlWord(dice);
        ushort status = StatusWord(dice, control);
        BinaryPrimitives.WriteUInt16LittleEndian(image, control);
        BinaryPrimitives.WriteUInt16LittleEndian(image[2..], status);
        image[4] = dice.Below(4) switch { 0 => 0, 1 => (byte)dice.Next(), _ => 0xff };
        BinaryPrimitives.WriteUInt32LittleEndian(image[MxcsrOffset..], Mxcsr(dice));
        for (int i = 0; i < 8; i++) EdgeValues.Extended(dice, image[(StackOffset + (16 * i))..]);
        for (int i = 0; i < 8; i++) EdgeValues.Vector(dice, image[(XmmOffset + (16 * i))..]);
    }

    public static ushort ControlWord(Dice dice)
    {
        int masks = dice.Percent(75) ? 0x3f : dice.Below(64);
        int precision = dice.Percent(60) ? 3 : dice.Pick<int>([0, 2, 3]);
        return (ushort)(masks | 0x40 | (precision << 8) | (dice.Below(4) << 10));
    }

    /// <summary>The summary and busy bits follow from flags and masks, as in every state that a processor stores.</summary>
    public static ushort StatusWord(Dice dice, ushort control)
    {
        int flags = dice.Percent(70) ? 0 : dice.Below(128);
        if (dice.Percent(60)) flags &= control | 0x40; // mostly no exception pending
        int summary = (flags & ~control & 0x3f) != 0 ? 0x8080 : 0;
        return (ushort)(flags | summary | (dice.Below(8) << 8) | (dice.Below(2) << 14) | (dice.Below(8) << 11));
    }

    public static uint Mxcsr(Dice dice)
    {
        uint masks = dice.Percent(70) ? 0x1f80u : (uint)dice.Below(64) << 7;
        uint flags = dice.Percent(60) ? 0u : (uint)dice.Below(64);
        uint modes = dice.Percent(60) ? 0u : ((uint)dice.Below(2) << 6) | ((uint)dice.Below(2) << 15);
        return masks | flags | modes | ((uint)dice.Below(4) << 13);
    }

    /// <summary>A 32-bit (28 bytes) or 16-bit (14 bytes) x87 environment as FLDENV reads it.</summary>
    public static void Environment(Dice dice, Span<byte> bytes, bool wide)
    {
        int step = wide ? 4 : 2;
        dice.Fill(bytes[..(7 * step)]);
        ushort control = ControlWord(dice);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, control);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[step..], StatusWord(dice, control));
    }
}
