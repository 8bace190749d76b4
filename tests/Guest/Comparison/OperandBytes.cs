// What a memory operand should hold depends on how the instruction reads it: as integers, floats of three sizes, decimal digits, a far
// pointer, a whole FPU state. Iced names that type for every form.
using System.Buffers.Binary;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Rolls the content of memory operands by Iced's <see cref="MemorySize"/>.</summary>
internal static class OperandBytes
{
    /// <summary>Fills <paramref name="bytes"/> with a plausible or an edgy operand of that type.</summary>
    public static void Roll(Dice dice, MemorySize type, Span<byte> bytes)
    {
        switch (type)
        {
            case MemorySize.Float80:
                EdgeValues.Extended(dice, bytes);
                return;
            case MemorySize.Bcd:
                if (dice.Percent(90)) EdgeValues.PackedDecimal(dice, bytes);
                else dice.Fill(bytes);
                return;
            case MemorySize.FpuEnv14:
            case MemorySize.FpuEnv28:
                FpuStates.Environment(dice, bytes, type == MemorySize.FpuEnv28);
                return;
            case MemorySize.FpuState94:
            case MemorySize.FpuState108:
                int header = type == MemorySize.FpuState108 ? 28 : 14;
                FpuStates.Environment(dice, bytes, header == 28);
                for (int i = 0; i < 8; i++) EdgeValues.Extended(dice, bytes[(header + (10 * i))..]);
                return;
            case MemorySize.Fxsave_512Byte:
                FpuStates.Roll(dice, bytes);
                if (dice.Percent(15)) bytes[24 + 2 + dice.Below(2)] |= (byte)(1 << dice.Below(8)); // a reserved bit of MXCSR
                return;
        }
        var element = type.GetElementType();
        int size = Math.Max(1, element.GetSize());
        if (bytes.Length == 16 && dice.Percent(50))
        {
            EdgeValues.Vector(dice, bytes);
            return;
        }
        for (int at = 0; at + size <= bytes.Length; at += size)
        {
            ulong value = element switch
            {
                MemorySize.Float32 => EdgeValues.Single(dice),
                MemorySize.Float64 => EdgeValues.Double(dice),
                _ => EdgeValues.Integer(dice, Math.Min(size, 8)),
            };
            for (int i = 0; i < size; i++) bytes[at + i] = (byte)(value >> (8 * (i & 7)));
        }
    }

    /// <summary>A far pointer: offset of 2 or 4 bytes, then a selector.</summary>
    public static void FarPointer(Span<byte> bytes, uint offset, ushort selector)
    {
        if (bytes.Length == 6)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, offset);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], selector);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)offset);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], selector);
        }
    }

    /// <summary>Sandbox image: edge values of all types, so that whatever is read from an unplanned place is interesting too.</summary>
    public static byte[] Image(Dice dice)
    {
        byte[] image = new byte[Sandbox.ImageSize];
        for (int at = 0; at < image.Length; at += 16) EdgeValues.Vector(dice, image.AsSpan(at, 16));
        return image;
    }
}
