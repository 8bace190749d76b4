// The operand forms of one- and two-operand instructions: which operand is a register, which is memory, which is in the instruction.
// Generic over what is computed, how wide, and how the address is formed.
//
//J:Guest:320 A handler
// This is what one instruction costs. Add r32, [flat memory] becomes Binary<Add, Width32>.RegMem<FlatBase>: load base, add displacement,
// compare the TLB tag, load, add, store the register, store two words for the flags, return the next operation. The JIT makes one such
// function for each combination that a Guest really uses.
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Integer;

/// <summary>Handlers for two operands.</summary>
internal static unsafe class Binary<TOp, TWidth>
    where TOp : struct, IBinary
    where TWidth : struct, IWidth
{
    /// <summary>r/m register (B) := B op A.</summary>
    public static Op* RegReg(CpuState* c, Op* op)
    {
        uint r = TOp.Apply<TWidth>(c, TWidth.Get(c, op->B), TWidth.Get(c, op->A));
        if (TOp.Writes)
            TWidth.Set(c, op->B, r);
        return op + 1;
    }

    /// <summary>Register (A) := A op memory.</summary>
    public static Op* RegMem<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint b))
            return null;
        uint r = TOp.Apply<TWidth>(c, TWidth.Get(c, op->A), b);
        if (TOp.Writes)
            TWidth.Set(c, op->A, r);
        return op + 1;
    }

    /// <summary>Memory := memory op register (A).</summary>
    public static Op* MemReg<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress => Modify<TAddress>(c, op, TWidth.Get(c, op->A));

    /// <summary>Register (A) := A op immediate.</summary>
    public static Op* RegImm(CpuState* c, Op* op)
    {
        uint r = TOp.Apply<TWidth>(c, TWidth.Get(c, op->A), op->Imm);
        if (TOp.Writes)
            TWidth.Set(c, op->A, r);
        return op + 1;
    }

    /// <summary>Memory := memory op immediate.</summary>
    public static Op* MemImm<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress => Modify<TAddress>(c, op, op->Imm);

    private static Op* Modify<TAddress>(CpuState* c, Op* op, uint b)
        where TAddress : struct, IAddress
    {
        uint a;
        if (!TOp.Writes)
        {
            if (!TAddress.Read(c, op, TWidth.Bytes, out uint from) || !TWidth.Load(c, op, from, out a))
                return null;
            TOp.Apply<TWidth>(c, a, b);
            return op + 1;
        }

        if (!TAddress.Write(c, op, TWidth.Bytes, out uint linear))
            return null;
        byte* host = Access.WritePointer(c, linear, TWidth.Bytes);
        if (host != null)
        {
            TWidth.Poke(host, TOp.Apply<TWidth>(c, TWidth.Peek(host), b));
            return op + 1;
        }

        if (!Access.ProbeWrite(c, op, linear, TWidth.Bytes) || !TWidth.Load(c, op, linear, out a))
            return null;
        TWidth.Store(c, op, linear, TOp.Apply<TWidth>(c, a, b));
        return op + 1;
    }
}

/// <summary>Handlers for one operand that is read and written.</summary>
internal static unsafe class Unary<TOp, TWidth>
    where TOp : struct, IUnary
    where TWidth : struct, IWidth
{
    public static Op* Reg(CpuState* c, Op* op)
    {
        TWidth.Set(c, op->B, TOp.Apply<TWidth>(c, TWidth.Get(c, op->B)));
        return op + 1;
    }

    public static Op* Mem<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (!TAddress.Write(c, op, TWidth.Bytes, out uint linear))
            return null;
        byte* host = Access.WritePointer(c, linear, TWidth.Bytes);
        if (host != null)
        {
            TWidth.Poke(host, TOp.Apply<TWidth>(c, TWidth.Peek(host)));
            return op + 1;
        }

        if (!Access.ProbeWrite(c, op, linear, TWidth.Bytes) || !TWidth.Load(c, op, linear, out uint a))
            return null;
        TWidth.Store(c, op, linear, TOp.Apply<TWidth>(c, a));
        return op + 1;
    }
}
