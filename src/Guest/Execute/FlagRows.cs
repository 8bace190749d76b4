// Instructions about the flags themselves, the decimal adjustments, and the small relics of the 8086 and 80186: XLAT, ENTER, LEAVE, PUSHA,
// POPA, BOUND.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>CLC STC CMC CLD STD LAHF SAHF SALC, AAA AAS AAM AAD DAA DAS, XLAT ENTER LEAVE PUSHA POPA BOUND.</summary>
internal static unsafe class FlagRows
{
    public static void AddTo(Emitter?[] rows)
    {
        MoveRows.Plain(rows, Code.Clc, &Clc);
        MoveRows.Plain(rows, Code.Stc, &Stc);
        MoveRows.Plain(rows, Code.Cmc, &Cmc);
        MoveRows.Plain(rows, Code.Cld, &Cld);
        MoveRows.Plain(rows, Code.Std, &Std);
        MoveRows.Plain(rows, Code.Lahf, &Lahf);
        MoveRows.Plain(rows, Code.Sahf, &Sahf);
        MoveRows.Plain(rows, Code.Salc, &Salc);
        MoveRows.Plain(rows, Code.Aaa, &Aaa);
        MoveRows.Plain(rows, Code.Aas, &Aas);
        MoveRows.Plain(rows, Code.Daa, &Daa);
        MoveRows.Plain(rows, Code.Das, &Das);
        OpTable.Add(rows, Code.Aam_imm8, (BlockBuilder b, in Instruction i) => WithImmediate(b, i, &Aam));
        OpTable.Add(rows, Code.Aad_imm8, (BlockBuilder b, in Instruction i) => WithImmediate(b, i, &Aad));
        OpTable.Add(rows, Code.Xlat_m8, Xlat);
        OpTable.Add(rows, Code.Leavew, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &Leave<Width16>);
        OpTable.Add(rows, Code.Leaved, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &Leave<Width32>);
        OpTable.Add(rows, Code.Enterw_imm16_imm8, (BlockBuilder b, in Instruction i) => EmitEnter(b, i, &Enter<Width16>));
        OpTable.Add(rows, Code.Enterd_imm16_imm8, (BlockBuilder b, in Instruction i) => EmitEnter(b, i, &Enter<Width32>));
        OpTable.Add(rows, Code.Pushaw, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &PushAll<Width16>);
        OpTable.Add(rows, Code.Pushad, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &PushAll<Width32>);
        OpTable.Add(rows, Code.Popaw, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &PopAll<Width16>);
        OpTable.Add(rows, Code.Popad, (BlockBuilder b, in Instruction i) => OnStack(b, i)->Run = &PopAll<Width32>);
        OpTable.Add(rows, Code.Bound_r16_m1616, (BlockBuilder b, in Instruction i) => EmitBound(b, i, &Bound<Width16>));
        OpTable.Add(rows, Code.Bound_r32_m3232, (BlockBuilder b, in Instruction i) => EmitBound(b, i, &Bound<Width32>));
    }

    private static Op* OnStack(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        return op;
    }

    private static Op* Clc(CpuState* c, Op* op)
    {
        Flags.SetCarry(c, 0);
        return op + 1;
    }

    private static Op* Stc(CpuState* c, Op* op)
    {
        Flags.SetCarry(c, 1);
        return op + 1;
    }

    private static Op* Cmc(CpuState* c, Op* op)
    {
        Flags.SetCarry(c, Flags.Carry(c) ^ 1);
        return op + 1;
    }

    private static Op* Cld(CpuState* c, Op* op)
    {
        c->FlagsOther &= ~EFlags.Direction;
        return op + 1;
    }

    private static Op* Std(CpuState* c, Op* op)
    {
        c->FlagsOther |= EFlags.Direction;
        return op + 1;
    }

    private static Op* Lahf(CpuState* c, Op* op)
    {
        Width8.Set(c, 1, (Flags.Status(c) & 0xd5) | 2);
        return op + 1;
    }

    private static Op* Sahf(CpuState* c, Op* op)
    {
        Flags.SetStatus(c, (Flags.Status(c) & EFlags.Overflow) | (Width8.Get(c, 1) & 0xd5));
        return op + 1;
    }

    /// <summary>Undocumented but everywhere: AL := CF ? 0xff : 0.</summary>
    private static Op* Salc(CpuState* c, Op* op)
    {
        Width8.Set(c, 0, 0 - Flags.Carry(c));
        return op + 1;
    }

    private static Op* Aaa(CpuState* c, Op* op) => AdjustAscii(c, op, 0x106);

    private static Op* Aas(CpuState* c, Op* op) => AdjustAscii(c, op, unchecked((uint)-0x106));

    private static Op* AdjustAscii(CpuState* c, Op* op, uint change)
    {
        uint ax = Width16.Get(c, 0);
        bool adjust = (ax & 0xf) > 9 || Flags.Adjust(c) != 0;
        if (adjust)
            ax += change;
        Width16.Set(c, 0, ax & 0xff0f);
        SetAdjusted(c, ax & 0x0f, adjust ? EFlags.Adjust | EFlags.Carry : 0);
        return op + 1;
    }

    /// <summary>SF, ZF and PF from an 8-bit result, the rest as given.</summary>
    private static void SetAdjusted(CpuState* c, uint result, uint flags)
    {
        c->FlagResult = Width8.Widen(result);
        c->FlagCarries = 0;
        Flags.SetStatus(c, (Flags.Status(c) & (EFlags.Sign | EFlags.Zero | EFlags.Parity)) | flags);
    }

    private static Op* Daa(CpuState* c, Op* op)
    {
        uint al = Width8.Get(c, 0);
        uint carry = Flags.Carry(c);
        uint result = al;
        uint flags = 0;
        if ((al & 0xf) > 9 || Flags.Adjust(c) != 0)
        {
            result += 6;
            flags |= EFlags.Adjust;
        }

        if (al > 0x99 || carry != 0)
        {
            result += 0x60;
            flags |= EFlags.Carry;
        }

        Width8.Set(c, 0, result);
        SetAdjusted(c, (byte)result, flags);
        return op + 1;
    }

    private static Op* Das(CpuState* c, Op* op)
    {
        uint al = Width8.Get(c, 0);
        uint carry = Flags.Carry(c);
        uint result = al;
        uint flags = 0;
        if ((al & 0xf) > 9 || Flags.Adjust(c) != 0)
        {
            flags |= EFlags.Adjust;
            if (al < 6 || carry != 0)
                flags |= EFlags.Carry;
            result -= 6;
        }

        if (al > 0x99 || carry != 0)
        {
            result -= 0x60;
            flags |= EFlags.Carry;
        }

        Width8.Set(c, 0, result);
        SetAdjusted(c, (byte)result, flags);
        return op + 1;
    }

    private static void WithImmediate(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Imm = i.Immediate8;
        op->Run = run;
    }

    private static Op* Aam(CpuState* c, Op* op)
    {
        if (op->Imm == 0)
            return Processor.Fault(c, op, Vectors.DivideError);
        uint al = Width8.Get(c, 0);
        Width16.Set(c, 0, ((al / op->Imm) << 8) | (al % op->Imm));
        SetAdjusted(c, al % op->Imm, 0);
        return op + 1;
    }

    private static Op* Aad(CpuState* c, Op* op)
    {
        uint ax = Width16.Get(c, 0);
        uint al = (byte)((ax & 0xff) + ((ax >> 8) * op->Imm));
        Width16.Set(c, 0, al);
        SetAdjusted(c, al, 0);
        return op + 1;
    }

    private static void Xlat(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        op->Seg = BlockBuilder.SegmentOf(i.MemorySegment);
        op->Traits = i.MemoryBase == Register.BX ? Op.Address16 : (byte)0;
        op->Run = &XlatHandler;
    }

    private static Op* XlatHandler(CpuState* c, Op* op)
    {
        uint offset = c->Gpr[Ebx] + (byte)c->Gpr[Eax];
        if (op->HasAddress16)
            offset = (ushort)offset;
        if (!Segmentation.Linear(c, op, offset, 1, SegmentCache.MayRead, out uint linear) || !Width8.Load(c, op, linear, out uint value))
            return null;
        Width8.Set(c, 0, value);
        return op + 1;
    }

    private static Op* Leave<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint offset = c->Ss.IsBig ? c->Gpr[Ebp] : (ushort)c->Gpr[Ebp];
        if (!AnyStack.Linear(c, op, offset, TWidth.Bytes, SegmentCache.MayRead, out uint linear)
            || !TWidth.Load(c, op, linear, out uint ebp))
            return null;
        Processor.Of(c).SetStackPointer(offset + TWidth.Bytes);
        TWidth.Set(c, 20, ebp);
        return op + 1;
    }

    private static void EmitEnter(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = OnStack(b, i);
        op->Imm = i.Immediate16;
        op->Extra = (byte)(i.Immediate8_2nd & 31);
        op->Run = run;
    }

    /// <summary>ENTER with its display of frame pointers. ESP moves only when all has been written and the new stack top is
    /// writable.</summary>
    private static Op* Enter<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint w = TWidth.Bytes;
        uint saved = c->Gpr[Esp];
        bool ok = AnyStack.Push<TWidth>(c, op, TWidth.Get(c, 20));
        uint frame = c->Gpr[Esp];
        uint display = c->Gpr[Ebp];
        for (int level = 1; ok && level < op->Extra; level++)
        {
            display = c->Ss.IsBig ? display - w : (ushort)(display - w);
            ok = AnyStack.Linear(c, op, display, w, SegmentCache.MayRead, out uint linear) && TWidth.Load(c, op, linear, out uint pointer)
                && AnyStack.Push<TWidth>(c, op, pointer);
        }

        if (ok && op->Extra != 0)
            ok = AnyStack.Push<TWidth>(c, op, frame);
        uint top = AnyStack.Offset(c, 0 - op->Imm);
        ok = ok && AnyStack.Linear(c, op, top, w, SegmentCache.MayWrite, out uint probe) && Access.ProbeWrite(c, op, probe, w);
        if (!ok)
        {
            c->Gpr[Esp] = saved;
            return null;
        }

        TWidth.Set(c, 20, frame);
        Processor.Of(c).SetStackPointer(top);
        return op + 1;
    }

    private static Op* PushAll<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint saved = c->Gpr[Esp];
        for (int register = 0; register < 8; register++)
        {
            uint value = register == 4 ? saved : TWidth.Get(c, (byte)(register * 4));
            if (AnyStack.Push<TWidth>(c, op, value))
                continue;
            c->Gpr[Esp] = saved;
            return null;
        }

        return op + 1;
    }

    private static Op* PopAll<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint* values = stackalloc uint[8];
        for (uint n = 0; n < 8; n++)
        {
            if (!AnyStack.Peek<TWidth>(c, op, n * TWidth.Bytes, out values[n]))
                return null;
        }

        for (int n = 0; n < 8; n++)
        {
            if (n != 3)
                TWidth.Set(c, (byte)((7 - n) * 4), values[n]);
        }

        AnyStack.Adjust(c, 8 * TWidth.Bytes);
        return op + 1;
    }

    private static void EmitBound(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        b.Memory(op, i);
        op->Run = run;
    }

    private static Op* Bound<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Segmented.Read(c, op, 2 * TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint lower)
            || !TWidth.Load(c, op, linear + TWidth.Bytes, out uint upper))
            return null;
        int index = (int)TWidth.Widen(TWidth.Get(c, op->A));
        return index < (int)TWidth.Widen(lower) || index > (int)TWidth.Widen(upper) ? Processor.Fault(c, op, Vectors.BoundRange) : op + 1;
    }
}
