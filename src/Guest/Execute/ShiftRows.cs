// Shifts and rotates. Their flags are the untidiest of the machine: nothing changes for a count of zero, OF means something for a count of
// one only (and is computed for the others as processors do), rotates touch CF and OF alone.
using System.Runtime.CompilerServices;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>ROL ROR RCL RCR SHL SHR SAL SAR SHLD SHRD.</summary>
internal static unsafe class ShiftRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Family<Rol>(rows, "Rol");
        Family<Ror>(rows, "Ror");
        Family<Rcl>(rows, "Rcl");
        Family<Rcr>(rows, "Rcr");
        Family<Shl>(rows, "Shl");
        Family<Shl>(rows, "Sal");
        Family<Shr>(rows, "Shr");
        Family<Sar>(rows, "Sar");
        Double<Shld>(rows, "Shld");
        Double<Shrd>(rows, "Shrd");
    }

    private interface IShift
    {
        /// <summary>Count is 1-31.</summary>
        static abstract uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth;
    }

    private interface IDoubleShift
    {
        /// <summary>Count is 1-31.</summary>
        static abstract uint Apply<TWidth>(CpuState* c, uint value, uint fill, uint count)
            where TWidth : struct, IWidth;
    }

    private static void Family<TShift>(Emitter?[] rows, string name)
        where TShift : struct, IShift
    {
        One<TShift, Width8>(rows, name, 8);
        One<TShift, Width16>(rows, name, 16);
        One<TShift, Width32>(rows, name, 32);
    }

    private static void One<TShift, TWidth>(Emitter?[] rows, string name, int bits)
        where TShift : struct, IShift
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"{name}_rm{bits}_imm8", (BlockBuilder b, in Instruction i) => Emit<TShift, TWidth>(b, i, i.Immediate8, false));
        OpTable.Add(rows, $"{name}_rm{bits}_1", (BlockBuilder b, in Instruction i) => Emit<TShift, TWidth>(b, i, 1, false));
        OpTable.Add(rows, $"{name}_rm{bits}_CL", (BlockBuilder b, in Instruction i) => Emit<TShift, TWidth>(b, i, 0, true));
    }

    private static void Emit<TShift, TWidth>(BlockBuilder b, in Instruction i, byte count, bool byCl)
        where TShift : struct, IShift
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Imm = count & 31u;
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = byCl ? &Reg<TShift, TWidth, ByCl> : &Reg<TShift, TWidth, ByImmediate>;
            return;
        }

        b.Memory(op, i);
        op->Run = byCl ? &Mem<TShift, TWidth, ByCl> : &Mem<TShift, TWidth, ByImmediate>;
        op->Extra = b.IsFlat(i) ? (byte)1 : (byte)0;
    }

    private interface ICount
    {
        static abstract uint Of(CpuState* c, Op* op);
    }

    private readonly struct ByCl : ICount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint Of(CpuState* c, Op* op) => c->Gpr[Ecx] & 31;
    }

    private readonly struct ByImmediate : ICount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint Of(CpuState* c, Op* op) => op->Imm;
    }

    private static Op* Reg<TShift, TWidth, TCount>(CpuState* c, Op* op)
        where TShift : struct, IShift
        where TWidth : struct, IWidth
        where TCount : struct, ICount
    {
        uint count = TCount.Of(c, op);
        if (count != 0)
            TWidth.Set(c, op->B, TShift.Apply<TWidth>(c, TWidth.Get(c, op->B), count));
        return op + 1;
    }

    /// <summary>With a count of zero memory is still read and written back, and faults accordingly.</summary>
    private static Op* Mem<TShift, TWidth, TCount>(CpuState* c, Op* op)
        where TShift : struct, IShift
        where TWidth : struct, IWidth
        where TCount : struct, ICount
    {
        if (!(op->Extra != 0 ? Flat.Write(c, op, TWidth.Bytes, out uint linear) : Segmented.Write(c, op, TWidth.Bytes, out linear)))
            return null;
        if (!Access.ProbeWrite(c, op, linear, TWidth.Bytes) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        uint count = TCount.Of(c, op);
        if (count != 0)
            TWidth.Store(c, op, linear, TShift.Apply<TWidth>(c, value, count));
        return op + 1;
    }

    private static void Double<TShift>(Emitter?[] rows, string name)
        where TShift : struct, IDoubleShift
    {
        OneDouble<TShift, Width16>(rows, name, 16);
        OneDouble<TShift, Width32>(rows, name, 32);
    }

    private static void OneDouble<TShift, TWidth>(Emitter?[] rows, string name, int bits)
        where TShift : struct, IDoubleShift
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"{name}_rm{bits}_r{bits}_imm8", (BlockBuilder b, in Instruction i) => EmitDouble<TShift, TWidth,
            ByImmediate>(b, i, i.Immediate8));
        OpTable.Add(rows, $"{name}_rm{bits}_r{bits}_CL", (BlockBuilder b, in Instruction i) => EmitDouble<TShift, TWidth, ByCl>(b, i, 0));
    }

    private static void EmitDouble<TShift, TWidth, TCount>(BlockBuilder b, in Instruction i, byte count)
        where TShift : struct, IDoubleShift
        where TWidth : struct, IWidth
        where TCount : struct, ICount
    {
        var op = b.Append(i);
        op->Imm = count & 31u;
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &DoubleReg<TShift, TWidth, TCount>;
            return;
        }

        b.Memory(op, i);
        op->Run = &DoubleMem<TShift, TWidth, TCount>;
    }

    private static Op* DoubleReg<TShift, TWidth, TCount>(CpuState* c, Op* op)
        where TShift : struct, IDoubleShift
        where TWidth : struct, IWidth
        where TCount : struct, ICount
    {
        uint count = TCount.Of(c, op);
        if (count != 0)
            TWidth.Set(c, op->B, TShift.Apply<TWidth>(c, TWidth.Get(c, op->B), TWidth.Get(c, op->A), count));
        return op + 1;
    }

    private static Op* DoubleMem<TShift, TWidth, TCount>(CpuState* c, Op* op)
        where TShift : struct, IDoubleShift
        where TWidth : struct, IWidth
        where TCount : struct, ICount
    {
        if (!Segmented.Write(c, op, TWidth.Bytes, out uint linear) || !Access.ProbeWrite(c, op, linear, TWidth.Bytes)
            || !TWidth.Load(c, op, linear, out uint value))
            return null;
        uint count = TCount.Of(c, op);
        if (count != 0)
            TWidth.Store(c, op, linear, TShift.Apply<TWidth>(c, value, TWidth.Get(c, op->A), count));
        return op + 1;
    }

    /// <summary>SF, ZF, PF from the result, CF and OF as given, AF clear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Finish<TWidth>(CpuState* c, uint result, uint carry, uint overflow)
        where TWidth : struct, IWidth
    {
        c->FlagResult = TWidth.Widen(result);
        c->FlagCarries = (carry << 31) | ((carry ^ overflow) << 30);
        return result;
    }

    private readonly struct Shl : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            uint bits = TWidth.Bytes * 8;
            ulong wide = (ulong)value << (int)count;
            uint carry = (uint)(wide >> (int)bits) & 1;
            uint result = (uint)wide & TWidth.Mask;
            return Finish<TWidth>(c, result, carry, carry ^ (result >> (int)(bits - 1)));
        }
    }

    private readonly struct Shr : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            uint carry = (value >> (int)(count - 1)) & 1;
            uint result = value >> (int)count;
            int top = (int)(TWidth.Bytes * 8) - 1;
            return Finish<TWidth>(c, result, carry, ((result ^ (result << 1)) >> top) & 1);
        }
    }

    private readonly struct Sar : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            int wide = (int)TWidth.Widen(value);
            uint carry = (uint)(wide >> (int)(count - 1)) & 1;
            return Finish<TWidth>(c, (uint)(wide >> (int)count) & TWidth.Mask, carry, 0);
        }
    }

    private readonly struct Rol : IShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            int n = (int)count & (bits - 1);
            uint result = n == 0 ? value : ((value << n) | (value >> (bits - n))) & TWidth.Mask;
            uint carry = result & 1;
            Flags.SetCarryOverflow(c, carry, carry ^ (result >> (bits - 1)));
            return result;
        }
    }

    private readonly struct Ror : IShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            int n = (int)count & (bits - 1);
            uint result = n == 0 ? value : ((value >> n) | (value << (bits - n))) & TWidth.Mask;
            uint carry = (result >> (bits - 1)) & 1;
            Flags.SetCarryOverflow(c, carry, carry ^ ((result >> (bits - 2)) & 1));
            return result;
        }
    }

    private readonly struct Rcl : IShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            int n = (int)count % (bits + 1);
            ulong wide = ((ulong)Flags.Carry(c) << bits) | value;
            if (n != 0)
                wide = ((wide << n) | (wide >> (bits + 1 - n))) & ((1UL << (bits + 1)) - 1);
            uint carry = (uint)(wide >> bits) & 1;
            uint result = (uint)wide & TWidth.Mask;
            Flags.SetCarryOverflow(c, carry, carry ^ (result >> (bits - 1)));
            return result;
        }
    }

    private readonly struct Rcr : IShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            int n = (int)count % (bits + 1);
            ulong wide = ((ulong)Flags.Carry(c) << bits) | value;
            if (n != 0)
                wide = ((wide >> n) | (wide << (bits + 1 - n))) & ((1UL << (bits + 1)) - 1);
            uint result = (uint)wide & TWidth.Mask;
            Flags.SetCarryOverflow(c, (uint)(wide >> bits) & 1, ((result >> (bits - 1)) ^ (result >> (bits - 2))) & 1);
            return result;
        }
    }

    /// <summary>For 16 bits a count above 16 is undefined; processors shift fill, value, fill again, and so does this.</summary>
    private readonly struct Shld : IDoubleShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint fill, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            uint result, carry;
            if (bits == 32)
            {
                result = (value << (int)count) | (fill >> (int)(32 - count));
                carry = (value >> (int)(32 - count)) & 1;
            }
            else
            {
                ulong wide = ((ulong)value << 32) | ((ulong)fill << 16) | value;
                wide <<= (int)count;
                result = (uint)(wide >> 32) & 0xffff;
                carry = (uint)(wide >> 48) & 1;
            }

            return Finish<TWidth>(c, result, carry, ((value ^ result) >> (bits - 1)) & 1);
        }
    }

    private readonly struct Shrd : IDoubleShift
    {
        public static uint Apply<TWidth>(CpuState* c, uint value, uint fill, uint count)
            where TWidth : struct, IWidth
        {
            int bits = (int)(TWidth.Bytes * 8);
            uint result, carry;
            if (bits == 32)
            {
                result = (value >> (int)count) | (fill << (int)(32 - count));
                carry = (value >> (int)(count - 1)) & 1;
            }
            else
            {
                ulong wide = ((ulong)value << 32) | ((ulong)fill << 16) | value;
                result = (uint)(wide >> (int)count) & 0xffff;
                carry = (uint)(wide >> (int)(count - 1)) & 1;
            }

            return Finish<TWidth>(c, result, carry, ((value ^ result) >> (bits - 1)) & 1);
        }
    }
}
