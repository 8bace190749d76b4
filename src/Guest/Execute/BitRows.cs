// Single bits and exchanges: BT and its kin, BSF and BSR, CMPXCHG, CMPXCHG8B, XADD. A Guest has one CPU, so LOCK needs nothing more than
// that the instruction is not interrupted, which none is.
using System.Numerics;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute.Integer;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>Bit tests, bit scans, compare-and-exchange.</summary>
internal static unsafe class BitRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Test<None>(rows, "Bt");
        Test<Set>(rows, "Bts");
        Test<Reset>(rows, "Btr");
        Test<Complement>(rows, "Btc");
        OpTable.Add(rows, Code.Bsf_r16_rm16, (BlockBuilder b, in Instruction i) =>
            Source<Width16>(b, i, &ScanReg<Width16, Forward>, &ScanMem<Width16, Forward>));
        OpTable.Add(rows, Code.Bsf_r32_rm32, (BlockBuilder b, in Instruction i) =>
            Source<Width32>(b, i, &ScanReg<Width32, Forward>, &ScanMem<Width32, Forward>));
        OpTable.Add(rows, Code.Bsr_r16_rm16, (BlockBuilder b, in Instruction i) =>
            Source<Width16>(b, i, &ScanReg<Width16, Backward>, &ScanMem<Width16, Backward>));
        OpTable.Add(rows, Code.Bsr_r32_rm32, (BlockBuilder b, in Instruction i) =>
            Source<Width32>(b, i, &ScanReg<Width32, Backward>, &ScanMem<Width32, Backward>));
        Exchange<Width8>(rows, 8);
        Exchange<Width16>(rows, 16);
        Exchange<Width32>(rows, 32);
        OpTable.Add(rows, Code.Cmpxchg8b_m64, (BlockBuilder b, in Instruction i) =>
        {
            var op = b.Append(i);
            b.Memory(op, i);
            op->Run = &CompareExchange8;
        });
    }

    private interface IBit
    {
        static abstract bool Writes { get; }

        static abstract uint Apply(uint value, uint bit);
    }

    private readonly struct None : IBit
    {
        public static bool Writes => false;

        public static uint Apply(uint value, uint bit) => value;
    }

    private readonly struct Set : IBit
    {
        public static bool Writes => true;

        public static uint Apply(uint value, uint bit) => value | bit;
    }

    private readonly struct Reset : IBit
    {
        public static bool Writes => true;

        public static uint Apply(uint value, uint bit) => value & ~bit;
    }

    private readonly struct Complement : IBit
    {
        public static bool Writes => true;

        public static uint Apply(uint value, uint bit) => value ^ bit;
    }

    private static void Test<TBit>(Emitter?[] rows, string name)
        where TBit : struct, IBit
    {
        OpTable.Add(rows, $"{name}_rm16_r16", (BlockBuilder b, in Instruction i) => EmitTest<TBit, Width16>(b, i));
        OpTable.Add(rows, $"{name}_rm32_r32", (BlockBuilder b, in Instruction i) => EmitTest<TBit, Width32>(b, i));
        OpTable.Add(rows, $"{name}_rm16_imm8", (BlockBuilder b, in Instruction i) => EmitTestImm<TBit, Width16>(b, i));
        OpTable.Add(rows, $"{name}_rm32_imm8", (BlockBuilder b, in Instruction i) => EmitTestImm<TBit, Width32>(b, i));
    }

    private static void EmitTest<TBit, TWidth>(BlockBuilder b, in Instruction i)
        where TBit : struct, IBit
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &TestReg<TBit, TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = &TestMem<TBit, TWidth>;
    }

    private static void EmitTestImm<TBit, TWidth>(BlockBuilder b, in Instruction i)
        where TBit : struct, IBit
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Imm = i.Immediate8 & ((TWidth.Bytes * 8) - 1);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &TestRegImm<TBit, TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = &TestMemImm<TBit, TWidth>;
    }

    private static Op* TestReg<TBit, TWidth>(CpuState* c, Op* op)
        where TBit : struct, IBit
        where TWidth : struct, IWidth => OnRegister<TBit, TWidth>(c, op, TWidth.Get(c, op->A) & ((TWidth.Bytes * 8) - 1));

    private static Op* TestRegImm<TBit, TWidth>(CpuState* c, Op* op)
        where TBit : struct, IBit
        where TWidth : struct, IWidth => OnRegister<TBit, TWidth>(c, op, op->Imm);

    private static Op* OnRegister<TBit, TWidth>(CpuState* c, Op* op, uint bit)
        where TBit : struct, IBit
        where TWidth : struct, IWidth
    {
        uint value = TWidth.Get(c, op->B);
        if (TBit.Writes)
            TWidth.Set(c, op->B, TBit.Apply(value, 1u << (int)bit));
        Flags.SetCarry(c, (value >> (int)bit) & 1);
        return op + 1;
    }

    /// <summary>With a register as bit number, memory is a bit string: the number reaches beyond the operand, in both directions.</summary>
    private static Op* TestMem<TBit, TWidth>(CpuState* c, Op* op)
        where TBit : struct, IBit
        where TWidth : struct, IWidth
    {
        int number = (int)TWidth.Widen(TWidth.Get(c, op->A));
        int step = TWidth.Bytes == 2 ? (number >> 4) * 2 : (number >> 5) * 4;
        uint offset = Segmented.Offset(c, op) + (uint)step;
        if (op->HasAddress16)
            offset = (ushort)offset;
        return OnMemory<TBit, TWidth>(c, op, offset, (uint)number & ((TWidth.Bytes * 8) - 1));
    }

    private static Op* TestMemImm<TBit, TWidth>(CpuState* c, Op* op)
        where TBit : struct, IBit
        where TWidth : struct, IWidth => OnMemory<TBit, TWidth>(c, op, Segmented.Offset(c, op), op->Imm);

    private static Op* OnMemory<TBit, TWidth>(CpuState* c, Op* op, uint offset, uint bit)
        where TBit : struct, IBit
        where TWidth : struct, IWidth
    {
        uint right = TBit.Writes ? SegmentCache.MayWrite : SegmentCache.MayRead;
        if (!Segmentation.Linear(c, op, offset, TWidth.Bytes, right, out uint linear))
            return null;
        if ((TBit.Writes && !Access.ProbeWrite(c, op, linear, TWidth.Bytes)) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        if (TBit.Writes)
            TWidth.Store(c, op, linear, TBit.Apply(value, 1u << (int)bit));
        Flags.SetCarry(c, (value >> (int)bit) & 1);
        return op + 1;
    }

    private interface IScan
    {
        static abstract uint Find(uint value);
    }

    private readonly struct Forward : IScan
    {
        public static uint Find(uint value) => (uint)BitOperations.TrailingZeroCount(value);
    }

    private readonly struct Backward : IScan
    {
        public static uint Find(uint value) => 31 - (uint)BitOperations.LeadingZeroCount(value);
    }

    private static void Source<TWidth>(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> reg, delegate*<CpuState*, Op*,
        Op*> mem)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op1Register);
            op->Run = reg;
            return;
        }

        b.Memory(op, i);
        op->Run = mem;
    }

    private static Op* ScanReg<TWidth, TScan>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TScan : struct, IScan => Scan<TWidth, TScan>(c, op, TWidth.Get(c, op->B));

    private static Op* ScanMem<TWidth, TScan>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TScan : struct, IScan =>
        Segmented.Read(c, op, TWidth.Bytes, out uint linear) && TWidth.Load(c, op, linear, out uint value) ? Scan<TWidth,
            TScan>(c, op, value) : null;

    /// <summary>For a source of zero the destination is undefined; processors leave it alone. ZF is defined; the rest of the flags is
    /// not.</summary>
    private static Op* Scan<TWidth, TScan>(CpuState* c, Op* op, uint value)
        where TWidth : struct, IWidth
        where TScan : struct, IScan
    {
        if (value != 0)
            TWidth.Set(c, op->A, TScan.Find(value));
        Flags.SetZero(c, value == 0);
        return op + 1;
    }

    private static void Exchange<TWidth>(Emitter?[] rows, int bits)
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"Cmpxchg_rm{bits}_r{bits}", (BlockBuilder b, in Instruction i) =>
            EmitExchange<TWidth>(b, i, &CompareReg<TWidth>, &CompareMem<TWidth>));
        OpTable.Add(rows, $"Xadd_rm{bits}_r{bits}", (BlockBuilder b, in Instruction i) =>
            EmitExchange<TWidth>(b, i, &XaddReg<TWidth>, &XaddMem<TWidth>));
    }

    private static void EmitExchange<TWidth>(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> reg, delegate*<CpuState*, Op*,
        Op*> mem)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = reg;
            return;
        }

        b.Memory(op, i);
        op->Run = mem;
    }

    private static Op* CompareReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint old = TWidth.Get(c, op->B);
        uint expected = TWidth.Get(c, 0);
        Cmp.Apply<TWidth>(c, expected, old);
        if (old == expected)
            TWidth.Set(c, op->B, TWidth.Get(c, op->A));
        else
            TWidth.Set(c, 0, old);
        return op + 1;
    }

    /// <summary>The old value is written back when the comparison fails: the instruction always needs write access.</summary>
    private static Op* CompareMem<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Segmented.Write(c, op, TWidth.Bytes, out uint linear) || !Access.ProbeWrite(c, op, linear, TWidth.Bytes)
            || !TWidth.Load(c, op, linear, out uint old))
            return null;
        uint expected = TWidth.Get(c, 0);
        bool equal = old == expected;
        TWidth.Store(c, op, linear, equal ? TWidth.Get(c, op->A) : old);
        Cmp.Apply<TWidth>(c, expected, old);
        if (!equal)
            TWidth.Set(c, 0, old);
        return op + 1;
    }

    private static Op* XaddReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint old = TWidth.Get(c, op->B);
        uint sum = Add.Apply<TWidth>(c, old, TWidth.Get(c, op->A));
        TWidth.Set(c, op->A, old);
        TWidth.Set(c, op->B, sum);
        return op + 1;
    }

    private static Op* XaddMem<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Segmented.Write(c, op, TWidth.Bytes, out uint linear) || !Access.ProbeWrite(c, op, linear, TWidth.Bytes)
            || !TWidth.Load(c, op, linear, out uint old))
            return null;
        TWidth.Store(c, op, linear, Add.Apply<TWidth>(c, old, TWidth.Get(c, op->A)));
        TWidth.Set(c, op->A, old);
        return op + 1;
    }

    private static Op* CompareExchange8(CpuState* c, Op* op)
    {
        if (!Segmented.Write(c, op, 8, out uint linear) || !Access.ProbeWrite(c, op, linear, 8)
            || !Access.Load64(c, op, linear, out ulong old))
            return null;
        ulong expected = c->Gpr[Eax] | ((ulong)c->Gpr[Edx] << 32);
        bool equal = old == expected;
        Access.Store64(c, op, linear, equal ? c->Gpr[Ebx] | ((ulong)c->Gpr[Ecx] << 32) : old);
        if (!equal)
        {
            c->Gpr[Eax] = (uint)old;
            c->Gpr[Edx] = (uint)(old >> 32);
        }

        Flags.SetZero(c, equal);
        return op + 1;
    }
}
