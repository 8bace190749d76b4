// Loads, stores, exchanges and constants: how numbers get onto the x87 stack and off it.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute.Integer;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>Data transfer (Intel SDM vol. 1, 8.3.3 and 8.3.4).</summary>
internal static unsafe class X87Move
{
    private const uint TenBytes = 10;

    /// <summary>FLD and FILD from memory.</summary>
    public static Op* Load<TSource, TAddress>(CpuState* c, Op* op)
        where TSource : struct, IX87Source
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!TAddress.Read(c, op, TSource.Bytes, out uint linear) || !TSource.Load(c, op, linear, out ulong raw))
            return null;
        var context = X87Stack.Start(c);
        uint top = (X87Stack.Top(c) - 1) & 7;
        uint tags = X87Stack.Tags(c);
        if (((tags >> (int)top) & 1) != 0)
            return PushOverflow(c, op);
        var value = TSource.Fetch(raw, ref context);
        // A denormal is pushed even if #D is unmasked.
        if (context.Unmasked(X87Context.Invalid))
            return X87Stack.Finish(c, op, context);
        X87Stack.Write(X87Stack.Slot(c, top), value);
        X87Stack.Tags(c) = (byte)(tags | (1u << (int)top));
        return X87Stack.FinishAt(c, op, context, top);
    }

    public static Op* LoadExtended<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress =>
        LoadTen<TAddress>(c, op, out ulong low, out uint high) ? PushExact(c, op, new Float80(low, (ushort)high)) : Leave(c, op);

    public static Op* LoadDecimal<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress =>
        LoadTen<TAddress>(c, op, out ulong low, out uint high) ? PushExact(c, op, X87Decimal.Load(low, (ushort)high)) : Leave(c, op);

    /// <summary>FLD ST(i).</summary>
    public static Op* LoadRegister(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!X87Stack.IsEmpty(c, op->Extra))
            return PushExact(c, op, X87Stack.Get(c, op->Extra));
        var context = X87Stack.Start(c);
        if (X87Stack.Underflow(ref context))
            X87Stack.Push(c, Float80.Indefinite);
        return X87Stack.Finish(c, op, context);
    }

    /// <summary>FLD1, FLDZ, FLDPI and so on; the number of the constant, as the opcode has it, is in <see cref="Op.Extra"/>.</summary>
    public static Op* LoadConstant(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        uint rounding = X87Stack.Start(c).Rounding;
        return PushExact(c, op, op->Extra switch
        {
            0 => Float80.One,
            1 => X87Constants.Log2Of10(rounding),
            2 => X87Constants.Log2OfE(rounding),
            3 => X87Constants.Pi(rounding),
            4 => X87Constants.Log10Of2(rounding),
            5 => X87Constants.NaturalLogOf2(rounding),
            _ => default,
        });
    }

    /// <summary>FST, FSTP, FIST and FISTP to memory.</summary>
    public static Op* Store<TTarget, TPop, TAddress>(CpuState* c, Op* op)
        where TTarget : struct, IX87Target
        where TPop : struct, IX87Pop
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        var value = TopOrIndefinite(c, ref context);
        uint emptiness = context.Status;
        ulong raw = TTarget.Convert(value, ref context);
        // An empty register has nothing else to say than that it was empty.
        if (emptiness != 0)
            context.Status = emptiness;
        // What is not stored does not even look at its address.
        if (!IsWithheld(context))
        {
            if (!TAddress.Write(c, op, TTarget.Bytes, out uint linear) || !TTarget.Store(c, op, linear, raw))
                return null;
            if (TPop.Count != 0)
            {
                uint top = X87Stack.Top(c);
                X87Stack.Tags(c) &= (byte)~(1u << (int)top);
                return X87Stack.FinishAt(c, op, context, top + 1);
            }
        }

        return X87Stack.Finish(c, op, context);
    }

    /// <summary>FSTP m80: every bit as it is.</summary>
    public static Op* StoreExtended<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        var value = TopOrIndefinite(c, ref context);
        return StoreTen<TAddress>(c, op, value.Significand, value.SignExponent, context);
    }

    /// <summary>FBSTP.</summary>
    public static Op* StoreDecimal<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        (ulong low, ushort high) = X87Decimal.Store(TopOrIndefinite(c, ref context), ref context);
        return StoreTen<TAddress>(c, op, low, high, context);
    }

    /// <summary>FST ST(i) and FSTP ST(i).</summary>
    public static Op* StoreRegister<TPop>(CpuState* c, Op* op)
        where TPop : struct, IX87Pop
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (X87Stack.IsEmpty(c, 0))
            return X87Missing.Into<TPop>(c, op, op->Extra, X87Context.C1);
        X87Stack.Set(c, op->Extra, X87Stack.Get(c, 0));
        if (TPop.Count != 0)
            X87Stack.Pop(c);
        return X87Stack.Finish(c, op, X87Stack.Start(c));
    }

    /// <summary>The alias D9 D8+i of FSTP: an empty ST(0) is not missed, and nothing is stored then.</summary>
    public static Op* StoreRegisterIfAny(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!X87Stack.IsEmpty(c, 0))
            X87Stack.Set(c, op->Extra, X87Stack.Get(c, 0));
        X87Stack.Pop(c);
        return X87Stack.Finish(c, op, X87Stack.Start(c));
    }

    public static Op* Exchange(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        uint index = op->Extra;
        bool emptyTop = X87Stack.IsEmpty(c, 0), emptyOther = X87Stack.IsEmpty(c, index);
        if ((emptyTop || emptyOther) && !X87Stack.Underflow(ref context))
            return X87Stack.Finish(c, op, context);
        var top = emptyTop ? Float80.Indefinite : X87Stack.Get(c, 0);
        X87Stack.Set(c, 0, emptyOther ? Float80.Indefinite : X87Stack.Get(c, index));
        X87Stack.Set(c, index, top);
        return X87Stack.Finish(c, op, context);
    }

    /// <summary>FCMOVcc. An empty register is missed whether or not the condition holds.</summary>
    public static Op* Conditional<TCondition>(CpuState* c, Op* op)
        where TCondition : struct, ICondition
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (X87Stack.IsEmpty(c, 0) || X87Stack.IsEmpty(c, op->Extra))
            return X87Missing.Into<KeepStack>(c, op, 0, X87Context.C1);
        if (TCondition.Holds(c))
            X87Stack.Set(c, 0, X87Stack.Get(c, op->Extra));
        return X87Stack.Finish(c, op, X87Stack.Start(c), 0);
    }

    private static Float80 TopOrIndefinite(CpuState* c, ref X87Context context)
    {
        if (!X87Stack.IsEmpty(c, 0))
            return X87Stack.Get(c, 0);
        X87Stack.Underflow(ref context);
        return Float80.Indefinite;
    }

    private static bool IsWithheld(in X87Context context) =>
        context.Unmasked(X87Context.Invalid | X87Context.Overflow | X87Context.Underflow);

    private static Op* PushExact(CpuState* c, Op* op, Float80 value)
    {
        if (!X87Stack.IsEmpty(c, 7))
            return PushOverflow(c, op);
        X87Stack.Push(c, value);
        return X87Stack.Finish(c, op, X87Stack.Start(c));
    }

    private static Op* PushOverflow(CpuState* c, Op* op)
    {
        var context = X87Stack.Start(c);
        if (X87Stack.Overflow(ref context))
            X87Stack.Push(c, Float80.Indefinite);
        return X87Stack.Finish(c, op, context);
    }

    /// <summary>False when the coprocessor is blocked or the operand faults; <see cref="Leave"/> then tells which.</summary>
    private static bool LoadTen<TAddress>(CpuState* c, Op* op, out ulong low, out uint high)
        where TAddress : struct, IAddress
    {
        low = high = 0;
        return !X87Stack.IsBlocked(c)
            && TAddress.Read(c, op, TenBytes, out uint linear)
            && Access.Load64(c, op, linear, out low)
            && Access.Load16(c, op, linear + 8, out high);
    }

    private static Op* Leave(CpuState* c, Op* op) => X87Stack.IsBlocked(c) ? X87Stack.Trap(c, op) : null;

    /// <summary>Two stores, as processors do it: a fault of the second leaves the first in memory.</summary>
    private static Op* StoreTen<TAddress>(CpuState* c, Op* op, ulong low, ushort high, in X87Context context)
        where TAddress : struct, IAddress
    {
        if (!IsWithheld(context))
        {
            if (!TAddress.Write(c, op, TenBytes, out uint linear)
                || !Access.Store64(c, op, linear, low)
                || !Access.Store16(c, op, linear + 8, high))
                return null;
            X87Stack.Pop(c);
        }

        return X87Stack.Finish(c, op, context);
    }
}
