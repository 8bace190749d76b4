// Multiplication and division. Division is where an arithmetic instruction can fault; nothing is written before it is known not to.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute;

/// <summary>MUL IMUL DIV IDIV, and the BCD adjustments that multiply and divide.</summary>
internal static unsafe class MultiplyRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Accumulator<Mul>(rows, "Mul");
        Accumulator<Imul>(rows, "Imul");
        Accumulator<Div>(rows, "Div");
        Accumulator<Idiv>(rows, "Idiv");
        Two<Width16>(rows, 16);
        Two<Width32>(rows, 32);
    }

    private interface IAccumulator
    {
        /// <summary>False for #DE.</summary>
        static abstract bool Apply<TWidth>(CpuState* c, uint value)
            where TWidth : struct, IWidth;
    }

    private static void Accumulator<TOp>(Emitter?[] rows, string name)
        where TOp : struct, IAccumulator
    {
        OpTable.Add(rows, $"{name}_rm8", Emit<TOp, Width8>);
        OpTable.Add(rows, $"{name}_rm16", Emit<TOp, Width16>);
        OpTable.Add(rows, $"{name}_rm32", Emit<TOp, Width32>);
    }

    private static void Emit<TOp, TWidth>(BlockBuilder b, in Instruction i)
        where TOp : struct, IAccumulator
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &Reg<TOp, TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = b.IsFlat(i) ? &Mem<TOp, TWidth, Flat> : &Mem<TOp, TWidth, Segmented>;
    }

    private static Op* Reg<TOp, TWidth>(CpuState* c, Op* op)
        where TOp : struct, IAccumulator
        where TWidth : struct, IWidth =>
        TOp.Apply<TWidth>(c, TWidth.Get(c, op->B)) ? op + 1 : Processor.Fault(c, op, Vectors.DivideError);

    private static Op* Mem<TOp, TWidth, TAddress>(CpuState* c, Op* op)
        where TOp : struct, IAccumulator
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        return TOp.Apply<TWidth>(c, value) ? op + 1 : Processor.Fault(c, op, Vectors.DivideError);
    }

    /// <summary>Writes AX, DX:AX or EDX:EAX.</summary>
    private static void SetProduct<TWidth>(CpuState* c, ulong product, bool overflow)
        where TWidth : struct, IWidth
    {
        int bits = (int)(TWidth.Bytes * 8);
        if (bits == 8)
        {
            Width16.Set(c, 0, (uint)product);
        }
        else
        {
            TWidth.Set(c, 0, (uint)product);
            TWidth.Set(c, 8, (uint)(product >> bits));
        }

        SetFlags<TWidth>(c, (uint)product, overflow);
    }

    /// <summary>CF and OF say that the upper half is needed. The others are undefined; SF and PF follow the lower half as on
    /// processors.</summary>
    private static void SetFlags<TWidth>(CpuState* c, uint low, bool overflow)
        where TWidth : struct, IWidth
    {
        uint bit = overflow ? 1u : 0u;
        c->FlagResult = TWidth.Widen(low);
        c->FlagCarries = bit << 31;
    }

    private readonly struct Mul : IAccumulator
    {
        public static bool Apply<TWidth>(CpuState* c, uint value)
            where TWidth : struct, IWidth
        {
            ulong product = (ulong)TWidth.Get(c, 0) * value;
            SetProduct<TWidth>(c, product, product >> (int)(TWidth.Bytes * 8) != 0);
            return true;
        }
    }

    private readonly struct Imul : IAccumulator
    {
        public static bool Apply<TWidth>(CpuState* c, uint value)
            where TWidth : struct, IWidth
        {
            long product = (long)(int)TWidth.Widen(TWidth.Get(c, 0)) * (int)TWidth.Widen(value);
            SetProduct<TWidth>(c, (ulong)product, product != (int)TWidth.Widen((uint)product));
            return true;
        }
    }

    private readonly struct Div : IAccumulator
    {
        public static bool Apply<TWidth>(CpuState* c, uint value)
            where TWidth : struct, IWidth
        {
            if (value == 0)
                return false;
            int bits = (int)(TWidth.Bytes * 8);
            ulong dividend = bits == 8 ? Width16.Get(c, 0) : ((ulong)TWidth.Get(c, 8) << bits) | TWidth.Get(c, 0);
            ulong quotient = dividend / value;
            if (quotient > TWidth.Mask)
                return false;
            SetQuotient<TWidth>(c, (uint)quotient, (uint)(dividend % value));
            return true;
        }
    }

    private readonly struct Idiv : IAccumulator
    {
        public static bool Apply<TWidth>(CpuState* c, uint value)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            long divisor = (int)TWidth.Widen(value);
            ulong raw = bits == 8 ? Width16.Get(c, 0) : ((ulong)TWidth.Get(c, 8) << bits) | TWidth.Get(c, 0);
            long dividend = (long)(raw << (64 - (2 * bits))) >> (64 - (2 * bits));
            if (divisor == 0 || (dividend == long.MinValue && divisor == -1))
                return false;
            long quotient = dividend / divisor;
            if (quotient != (int)TWidth.Widen((uint)quotient))
                return false;
            SetQuotient<TWidth>(c, (uint)quotient, (uint)(dividend % divisor));
            return true;
        }
    }

    private static void SetQuotient<TWidth>(CpuState* c, uint quotient, uint remainder)
        where TWidth : struct, IWidth
    {
        TWidth.Set(c, 0, quotient);
        TWidth.Set(c, TWidth.Bytes == 1 ? (byte)1 : (byte)8, remainder);
    }

    private static void Two<TWidth>(Emitter?[] rows, int bits)
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"Imul_r{bits}_rm{bits}", (BlockBuilder b, in Instruction i) => EmitTwo<TWidth>(b, i, false));
        OpTable.Add(rows, $"Imul_r{bits}_rm{bits}_imm{bits}", (BlockBuilder b, in Instruction i) => EmitTwo<TWidth>(b, i, true));
        OpTable.Add(rows, $"Imul_r{bits}_rm{bits}_imm8", (BlockBuilder b, in Instruction i) => EmitTwo<TWidth>(b, i, true));
    }

    private static void EmitTwo<TWidth>(BlockBuilder b, in Instruction i, bool immediate)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        op->Imm = immediate ? (uint)i.GetImmediate(2) & TWidth.Mask : 0;
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op1Register);
            op->Run = immediate ? &TwoRegImm<TWidth> : &TwoReg<TWidth>;
            return;
        }

        b.Memory(op, i);
        if (b.IsFlat(i))
            op->Run = immediate ? &TwoMemImm<TWidth, Flat> : &TwoMem<TWidth, Flat>;
        else
            op->Run = immediate ? &TwoMemImm<TWidth, Segmented> : &TwoMem<TWidth, Segmented>;
    }

    private static void Multiply<TWidth>(CpuState* c, byte register, uint a, uint b)
        where TWidth : struct, IWidth
    {
        long product = (long)(int)TWidth.Widen(a) * (int)TWidth.Widen(b);
        TWidth.Set(c, register, (uint)product);
        SetFlags<TWidth>(c, (uint)product, product != (int)TWidth.Widen((uint)product));
    }

    private static Op* TwoReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        Multiply<TWidth>(c, op->A, TWidth.Get(c, op->A), TWidth.Get(c, op->B));
        return op + 1;
    }

    private static Op* TwoRegImm<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        Multiply<TWidth>(c, op->A, TWidth.Get(c, op->B), op->Imm);
        return op + 1;
    }

    private static Op* TwoMem<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        Multiply<TWidth>(c, op->A, TWidth.Get(c, op->A), value);
        return op + 1;
    }

    private static Op* TwoMemImm<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        Multiply<TWidth>(c, op->A, value, op->Imm);
        return op + 1;
    }
}
