// Rows of the instructions that read and load segment registers, and of those that ask about descriptors.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>MOV, PUSH and POP of segment registers, LDS and its kin, LAR, LSL, VERR, VERW, ARPL.</summary>
internal static unsafe class SegmentRows
{
    public static void AddTo(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Mov_rm16_Sreg, (BlockBuilder b, in Instruction i) => Read<Width16>(b, i));
        OpTable.Add(rows, Code.Mov_r32m16_Sreg, (BlockBuilder b, in Instruction i) => Read<Width32>(b, i));
        OpTable.Add(rows, Code.Mov_Sreg_rm16, Load);
        OpTable.Add(rows, Code.Mov_Sreg_r32m16, Load);
        foreach (string register in (string[])["CS", "DS", "ES", "SS", "FS", "GS"])
        {
            OpTable.Add(rows, $"Pushw_{register}", (BlockBuilder b, in Instruction i) => Push<Width16>(b, i));
            OpTable.Add(rows, $"Pushd_{register}", (BlockBuilder b, in Instruction i) => Push<Width32>(b, i));
            if (register == "CS")
                continue;
            OpTable.Add(rows, $"Popw_{register}", (BlockBuilder b, in Instruction i) => Pop<Width16>(b, i));
            OpTable.Add(rows, $"Popd_{register}", (BlockBuilder b, in Instruction i) => Pop<Width32>(b, i));
        }

        foreach ((string name, var register) in (
            (string, SegmentRegister)[])[("Lds", SegmentRegister.Ds), ("Les", SegmentRegister.Es), ("Lss", SegmentRegister.Ss),
            ("Lfs", SegmentRegister.Fs), ("Lgs", SegmentRegister.Gs)])
        {
            OpTable.Add(rows, $"{name}_r16_m1616", (BlockBuilder b, in Instruction i) => Pointer<Width16>(b, i, register));
            OpTable.Add(rows, $"{name}_r32_m1632", (BlockBuilder b, in Instruction i) => Pointer<Width32>(b, i, register));
        }

        OpTable.Add(rows, Code.Lar_r16_rm16, (BlockBuilder b, in Instruction i) => Query(b, i, &Lar<Width16>));
        OpTable.Add(rows, Code.Lar_r32_r32m16, (BlockBuilder b, in Instruction i) => Query(b, i, &Lar<Width32>));
        OpTable.Add(rows, Code.Lsl_r16_rm16, (BlockBuilder b, in Instruction i) => Query(b, i, &Lsl<Width16>));
        OpTable.Add(rows, Code.Lsl_r32_r32m16, (BlockBuilder b, in Instruction i) => Query(b, i, &Lsl<Width32>));
        foreach (var code in (Code[])[Code.Verr_rm16, Code.Verr_r32m16])
            OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) => Query(b, i, &Verr));
        foreach (var code in (Code[])[Code.Verw_rm16, Code.Verw_r32m16])
            OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) => Query(b, i, &Verw));
        OpTable.Add(rows, Code.Arpl_rm16_r16, Arpl);
        OpTable.Add(rows, Code.Arpl_r32m16_r32, Arpl);
    }

    private static void Read<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Extra = (byte)BlockBuilder.SegmentOf(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &ReadReg<TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = &ReadMem;
    }

    private static Op* ReadReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        TWidth.Set(c, op->B, (&c->Es + op->Extra)->Selector);
        return op + 1;
    }

    private static Op* ReadMem(CpuState* c, Op* op) =>
        Segmented.Write(c, op, 2, out uint linear) && Width16.Store(c, op, linear, (&c->Es + op->Extra)->Selector) ? op + 1 : null;

    private static void Load(BlockBuilder b, in Instruction i)
    {
        var register = BlockBuilder.SegmentOf(i.Op0Register);
        if (register == SegmentRegister.Cs)
        {
            b.Undefined(i);
            return;
        }

        var op = b.Append(i);
        op->Extra = (byte)register;
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op1Register);
            op->Run = &LoadReg;
        }
        else
        {
            b.Memory(op, i);
            op->Run = &LoadMem;
        }

        EndIfModeMayChange(b, i, register);
    }

    /// <summary>FS and GS are never assumed flat, so a block can go on after a load of them. DS and ES hardly ever change that, and then
    /// the handler leaves the block.</summary>
    private static void EndIfModeMayChange(BlockBuilder b, in Instruction i, SegmentRegister register)
    {
        if (register == SegmentRegister.Ss)
            b.EndForLoop(i);
    }

    private static Op* LoadReg(CpuState* c, Op* op)
    {
        uint mode = EngineState.Of(c)->Mode;
        return Set(c, op, (ushort)Width16.Get(c, op->B), isPop: false) ? GoOn(c, op, mode) : null;
    }

    private static Op* LoadMem(CpuState* c, Op* op)
    {
        uint mode = EngineState.Of(c)->Mode;
        return Segmented.Read(c, op, 2, out uint linear) && Width16.Load(c, op, linear, out uint selector)
            && Set(c, op, (ushort)selector, isPop: false) ? GoOn(c, op, mode) : null;
    }

    /// <summary>The next operation, unless the block was decoded under another mode than that after the load.</summary>
    private static Op* GoOn(CpuState* c, Op* op, uint mode)
    {
        if (EngineState.Of(c)->Mode == mode || op->Extra == (byte)SegmentRegister.Ss)
            return op + 1;
        EngineState.Of(c)->Budget -= op->Index + 1;
        c->Eip = op->Next;
        return null;
    }

    private static bool Set(CpuState* c, Op* op, ushort selector, bool isPop)
    {
        var p = Processor.Of(c);
        if (!p.LoadSegment((SegmentRegister)op->Extra, selector))
        {
            Processor.Abandon(c, op);
            return false;
        }

        if (op->Extra == (byte)SegmentRegister.Ss)
        {
            p.RefreshMode();
            c->Shadow = 1;
            return true;
        }

        p.RememberLoad((SegmentRegister)op->Extra, isPop);
        uint bit = op->Extra switch
        {
            (byte)SegmentRegister.Ds => ModeBits.FlatDs,
            (byte)SegmentRegister.Es => ModeBits.FlatEs,
            _ => 0,
        };
        if (bit != 0 && (&c->Es + op->Extra)->IsFlatData != ((EngineState.Of(c)->Mode & bit) != 0))
            p.RefreshMode();
        return true;
    }

    private static void Push<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Extra = (byte)BlockBuilder.SegmentOf(i.Op0Register);
        op->Run = b.FlatStack ? &PushSegment<TWidth, FlatStack> : &PushSegment<TWidth, AnyStack>;
    }

    /// <summary>A 32-bit push of a segment register moves ESP by four but writes only the low word, on every processor since the
    /// Pentium.</summary>
    private static Op* PushSegment<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack
    {
        uint selector = (&c->Es + op->Extra)->Selector;
        if (TWidth.Bytes == 4)
        {
            uint offset = AnyStack.Offset(c, unchecked((uint)-4));
            if (!AnyStack.Linear(c, op, offset, 2, SegmentCache.MayWrite, out uint linear) || !Width16.Store(c, op, linear, selector))
                return null;
            TStack.Adjust(c, unchecked((uint)-4));
            return op + 1;
        }

        return TStack.Push<TWidth>(c, op, selector) ? op + 1 : null;
    }

    private static void Pop<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var register = BlockBuilder.SegmentOf(i.Op0Register);
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Extra = (byte)register;
        op->Run = b.FlatStack ? &PopSegment<TWidth, FlatStack> : &PopSegment<TWidth, AnyStack>;
        EndIfModeMayChange(b, i, register);
    }

    /// <summary>A pop reads only the selector, though the stack pointer moves by the whole operand.</summary>
    private static Op* PopSegment<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack
    {
        bool wasBig = c->Ss.IsBig;
        uint mode = EngineState.Of(c)->Mode;
        if (!TStack.Peek<Width16>(c, op, 0, out uint selector) || !Set(c, op, (ushort)selector, isPop: true))
            return null;
        if (wasBig)
            c->Gpr[Esp] += TWidth.Bytes;
        else
            *(ushort*)&c->Gpr[Esp] += (ushort)TWidth.Bytes;
        return GoOn(c, op, mode);
    }

    private static void Pointer<TWidth>(BlockBuilder b, in Instruction i, SegmentRegister register)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        b.Memory(op, i);
        op->Extra = (byte)register;
        op->Run = &LoadPointer<TWidth>;
        if (register < SegmentRegister.Fs)
            b.EndForLoop(i);
    }

    private static Op* LoadPointer<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Segmented.Read(c, op, TWidth.Bytes + 2, out uint linear) || !TWidth.Load(c, op, linear, out uint offset)
            || !Width16.Load(c, op, linear + TWidth.Bytes, out uint selector) || !Set(c, op, (ushort)selector, isPop: false))
            return null;
        TWidth.Set(c, op->A, offset);
        return op + 1;
    }

    private static void Query(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        int source = i.OpCount - 1;
        if (i.OpCount == 2)
            op->A = BlockBuilder.Operand(i.Op0Register);
        op->Extra = i.GetOpKind(source) == OpKind.Register ? (byte)1 : (byte)0;
        if (op->Extra != 0)
            op->B = BlockBuilder.Operand(i.GetOpRegister(source));
        else
            b.Memory(op, i);
        op->Run = run;
    }

    private static bool Selector(CpuState* c, Op* op, out ushort selector)
    {
        uint value = 0;
        bool ok = op->Extra != 0 || (Segmented.Read(c, op, 2, out uint linear) && Width16.Load(c, op, linear, out value));
        selector = (ushort)(op->Extra != 0 ? Width16.Get(c, op->B) : value);
        return ok;
    }

    /// <summary>Reads a descriptor for a question: what would be #GP is the answer no. False only on a page fault, which is set
    /// up.</summary>
    private static bool Look(CpuState* c, Op* op, ushort selector, out ulong descriptor, out bool found)
    {
        descriptor = 0;
        found = false;
        if ((selector & ~3) == 0)
            return true;
        found = Processor.Of(c).ReadDescriptor(selector, out descriptor);
        if (found)
            return true;
        if (EngineState.Of(c)->Exit == ExitKind.Fault && EngineState.Of(c)->FaultVector == Vectors.GeneralProtection)
        {
            EngineState.Of(c)->Exit = ExitKind.Continue;
            return true;
        }

        Processor.Abandon(c, op);
        return false;
    }

    private static bool Visible(CpuState* c, ushort selector, ulong descriptor) =>
        Processor.IsConforming(descriptor) || (Processor.Dpl(descriptor) >= c->Cpl && Processor.Dpl(descriptor) >= (selector & 3));

    private static Op* Lar<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Selector(c, op, out ushort selector) || !Look(c, op, selector, out ulong descriptor, out bool found))
            return null;
        bool valid = found && Processor.Type(descriptor) is 1 or 2 or 3 or 4 or 5 or 9 or 11 or 12 or >= 16;
        bool ok = found && valid && Visible(c, selector, descriptor);
        if (ok)
            TWidth.Set(c, op->A, (uint)(descriptor >> 32) & 0x00f0ff00);
        Flags.SetZero(c, ok);
        return op + 1;
    }

    private static Op* Lsl<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!Selector(c, op, out ushort selector) || !Look(c, op, selector, out ulong descriptor, out bool found))
            return null;
        bool valid = Processor.Type(descriptor) is 1 or 2 or 3 or 9 or 11 or >= 16;
        bool ok = found && valid && Visible(c, selector, descriptor);
        if (ok)
            TWidth.Set(c, op->A, Processor.Cache(selector, descriptor).Limit);
        Flags.SetZero(c, ok);
        return op + 1;
    }

    private static Op* Verr(CpuState* c, Op* op)
    {
        if (!Selector(c, op, out ushort selector) || !Look(c, op, selector, out ulong descriptor, out bool found))
            return null;
        int type = Processor.Type(descriptor);
        bool readable = type >= 16 && ((type & 8) == 0 || (type & 2) != 0);
        Flags.SetZero(c, found && readable && Visible(c, selector, descriptor));
        return op + 1;
    }

    private static Op* Verw(CpuState* c, Op* op)
    {
        if (!Selector(c, op, out ushort selector) || !Look(c, op, selector, out ulong descriptor, out bool found))
            return null;
        Flags.SetZero(c, found && Processor.IsWritableData(descriptor) && Visible(c, selector, descriptor));
        return op + 1;
    }

    private static void Arpl(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &ArplReg;
            return;
        }

        b.Memory(op, i);
        op->Run = &ArplMem;
    }

    private static Op* ArplReg(CpuState* c, Op* op)
    {
        uint selector = Width16.Get(c, op->B);
        uint level = Width16.Get(c, op->A) & 3;
        bool raise = (selector & 3) < level;
        if (raise)
            Width16.Set(c, op->B, (selector & ~3u) | level);
        Flags.SetZero(c, raise);
        return op + 1;
    }

    private static Op* ArplMem(CpuState* c, Op* op)
    {
        if (!Segmented.Read(c, op, 2, out uint linear) || !Width16.Load(c, op, linear, out uint selector))
            return null;
        uint level = Width16.Get(c, op->A) & 3;
        bool raise = (selector & 3) < level;
        if (raise && (!Segmented.Write(c, op, 2, out linear) || !Width16.Store(c, op, linear, (selector & ~3u) | level)))
            return null;
        Flags.SetZero(c, raise);
        return op + 1;
    }
}
