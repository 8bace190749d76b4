// The instruction set, one row per instruction code of Iced. A family of instructions registers its rows; what has no row raises #UD.
using Iced.Intel;
using Lguest.Guest.Execute;
using Lguest.Guest.Execute.Fpu;
using Lguest.Guest.Execute.Simd;

namespace Lguest.Guest.Decode;

/// <summary>Rows by <see cref="Code"/>. Filled once, never changed.</summary>
internal static class OpTable
{
    public static readonly Emitter?[] Rows = Fill();

    /// <summary>Registers a row under the name that Iced gives the instruction code. A name that Iced does not know is a mistake in a
    /// family.</summary>
    public static void Add(Emitter?[] rows, string code, Emitter row) => Add(rows, Enum.Parse<Code>(code), row);

    public static void Add(Emitter?[] rows, Code code, Emitter row)
    {
        if (rows[(int)code] != null)
            throw new InvalidOperationException($"{code} has two rows");
        rows[(int)code] = row;
    }

    private static Emitter?[] Fill()
    {
        var rows = new Emitter?[IcedConstants.CodeEnumCount];
        ArithmeticRows.AddTo(rows);
        MoveRows.AddTo(rows);
        BranchRows.AddTo(rows);
        ShiftRows.AddTo(rows);
        MultiplyRows.AddTo(rows);
        BitRows.AddTo(rows);
        FlagRows.AddTo(rows);
        StringRows.AddTo(rows);
        X87Rows.AddTo(rows);
        PackedRows.AddTo(rows);
        SseRows.AddTo(rows);
        SimdMoveRows.AddTo(rows);
        FarRows.AddTo(rows);
        SegmentRows.AddTo(rows);
        SystemRows.AddTo(rows);
        PortRows.AddTo(rows);
        return rows;
    }

    private static class IcedConstants
    {
        public static readonly int CodeEnumCount = Enum.GetValues<Code>().Length;
    }
}
