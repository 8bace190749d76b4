// Rows of the instruction table for the two- and one-operand arithmetic of Integer/Arithmetic.cs.
using Iced.Intel;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute.Integer;

namespace Lguest.Guest.Execute;

/// <summary>ADD ADC SUB SBB CMP AND OR XOR TEST INC DEC NEG NOT.</summary>
internal static unsafe class ArithmeticRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Family<Add>(rows, "Add");
        Family<Adc>(rows, "Adc");
        Family<Sub>(rows, "Sub");
        Family<Sbb>(rows, "Sbb");
        Family<Cmp>(rows, "Cmp");
        Family<And>(rows, "And");
        Family<Or>(rows, "Or");
        Family<Xor>(rows, "Xor");
        TestFamily(rows);
        UnaryFamily<Inc>(rows, "Inc", true);
        UnaryFamily<Dec>(rows, "Dec", true);
        UnaryFamily<Neg>(rows, "Neg", false);
        UnaryFamily<Not>(rows, "Not", false);
    }

    private static void Family<TOp>(Emitter?[] rows, string name)
        where TOp : struct, IBinary
    {
        OpTable.Add(rows, $"{name}_rm8_r8", RmReg<TOp, Width8>);
        OpTable.Add(rows, $"{name}_rm16_r16", RmReg<TOp, Width16>);
        OpTable.Add(rows, $"{name}_rm32_r32", RmReg<TOp, Width32>);
        OpTable.Add(rows, $"{name}_r8_rm8", RegRm<TOp, Width8>);
        OpTable.Add(rows, $"{name}_r16_rm16", RegRm<TOp, Width16>);
        OpTable.Add(rows, $"{name}_r32_rm32", RegRm<TOp, Width32>);
        OpTable.Add(rows, $"{name}_AL_imm8", RmImm<TOp, Width8>);
        OpTable.Add(rows, $"{name}_AX_imm16", RmImm<TOp, Width16>);
        OpTable.Add(rows, $"{name}_EAX_imm32", RmImm<TOp, Width32>);
        OpTable.Add(rows, $"{name}_rm8_imm8", RmImm<TOp, Width8>);
        OpTable.Add(rows, $"{name}_rm8_imm8_82", RmImm<TOp, Width8>);
        OpTable.Add(rows, $"{name}_rm16_imm16", RmImm<TOp, Width16>);
        OpTable.Add(rows, $"{name}_rm32_imm32", RmImm<TOp, Width32>);
        OpTable.Add(rows, $"{name}_rm16_imm8", RmImm<TOp, Width16>);
        OpTable.Add(rows, $"{name}_rm32_imm8", RmImm<TOp, Width32>);
    }

    private static void TestFamily(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Test_rm8_r8, RmReg<Test, Width8>);
        OpTable.Add(rows, Code.Test_rm16_r16, RmReg<Test, Width16>);
        OpTable.Add(rows, Code.Test_rm32_r32, RmReg<Test, Width32>);
        OpTable.Add(rows, Code.Test_AL_imm8, RmImm<Test, Width8>);
        OpTable.Add(rows, Code.Test_AX_imm16, RmImm<Test, Width16>);
        OpTable.Add(rows, Code.Test_EAX_imm32, RmImm<Test, Width32>);
        foreach (string form in (string[])["", "_F6r1"])
            OpTable.Add(rows, $"Test_rm8_imm8{form}", RmImm<Test, Width8>);
        foreach (string form in (string[])["", "_F7r1"])
        {
            OpTable.Add(rows, $"Test_rm16_imm16{form}", RmImm<Test, Width16>);
            OpTable.Add(rows, $"Test_rm32_imm32{form}", RmImm<Test, Width32>);
        }
    }

    private static void UnaryFamily<TOp>(Emitter?[] rows, string name, bool shortForms)
        where TOp : struct, IUnary
    {
        OpTable.Add(rows, $"{name}_rm8", One<TOp, Width8>);
        OpTable.Add(rows, $"{name}_rm16", One<TOp, Width16>);
        OpTable.Add(rows, $"{name}_rm32", One<TOp, Width32>);
        if (!shortForms)
            return;
        OpTable.Add(rows, $"{name}_r16", One<TOp, Width16>);
        OpTable.Add(rows, $"{name}_r32", One<TOp, Width32>);
    }

    private static void RmReg<TOp, TWidth>(BlockBuilder b, in Instruction i)
        where TOp : struct, IBinary
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &Binary<TOp, TWidth>.RegReg;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &Binary<TOp, TWidth>.MemReg<Segmented>
            : i.MemoryIndex == Register.None ? &Binary<TOp, TWidth>.MemReg<FlatBase>
            : &Binary<TOp, TWidth>.MemReg<Flat>;
    }

    private static void RegRm<TOp, TWidth>(BlockBuilder b, in Instruction i)
        where TOp : struct, IBinary
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->A = BlockBuilder.Operand(i.Op1Register);
            op->Run = &Binary<TOp, TWidth>.RegReg;
            return;
        }

        op->A = BlockBuilder.Operand(i.Op0Register);
        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &Binary<TOp, TWidth>.RegMem<Segmented>
            : i.MemoryIndex == Register.None ? &Binary<TOp, TWidth>.RegMem<FlatBase>
            : &Binary<TOp, TWidth>.RegMem<Flat>;
    }

    private static void RmImm<TOp, TWidth>(BlockBuilder b, in Instruction i)
        where TOp : struct, IBinary
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Imm = (uint)i.GetImmediate(1) & TWidth.Mask;
        if (i.Op0Kind == OpKind.Register)
        {
            op->A = BlockBuilder.Operand(i.Op0Register);
            op->Run = &Binary<TOp, TWidth>.RegImm;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &Binary<TOp, TWidth>.MemImm<Segmented>
            : i.MemoryIndex == Register.None ? &Binary<TOp, TWidth>.MemImm<FlatBase>
            : &Binary<TOp, TWidth>.MemImm<Flat>;
    }

    private static void One<TOp, TWidth>(BlockBuilder b, in Instruction i)
        where TOp : struct, IUnary
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &Unary<TOp, TWidth>.Reg;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &Unary<TOp, TWidth>.Mem<Segmented>
            : i.MemoryIndex == Register.None ? &Unary<TOp, TWidth>.Mem<FlatBase>
            : &Unary<TOp, TWidth>.Mem<Flat>;
    }
}
