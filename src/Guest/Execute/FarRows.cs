// Rows of the instructions that go through gates and tables: INT, INTO, IRET, far CALL, JMP and RET, SYSENTER and SYSEXIT.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>Software interrupts and far transfers. The checks are in <see cref="Processor"/>.</summary>
internal static unsafe class FarRows
{
    public static void AddTo(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Int_imm8, (BlockBuilder b, in Instruction i) => Interrupt(b, i, i.Immediate8, &SoftwareInterrupt));
        OpTable.Add(rows, Code.Int3, (BlockBuilder b, in Instruction i) => Interrupt(b, i, Vectors.Breakpoint, &SoftwareInterrupt));
        OpTable.Add(rows, Code.Into, (BlockBuilder b, in Instruction i) => b.Append(i)->Run = &Into);
        OpTable.Add(rows, Code.Int1, (BlockBuilder b, in Instruction i) => Interrupt(b, i, Vectors.Debug, &DebugTrap));
        OpTable.Add(rows, Code.Ud2, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Ud0_r16_rm16, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Ud0_r32_rm32, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Ud1_r16_rm16, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Ud1_r32_rm32, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Vmcall, (BlockBuilder b, in Instruction i) => b.Undefined(i));
        OpTable.Add(rows, Code.Iretw, (BlockBuilder b, in Instruction i) => Last(b, i, &Iret<Width16>));
        OpTable.Add(rows, Code.Iretd, (BlockBuilder b, in Instruction i) => Last(b, i, &Iret<Width32>));
        OpTable.Add(rows, Code.Retfw, Return<Width16>);
        OpTable.Add(rows, Code.Retfw_imm16, Return<Width16>);
        OpTable.Add(rows, Code.Retfd, Return<Width32>);
        OpTable.Add(rows, Code.Retfd_imm16, Return<Width32>);
        OpTable.Add(rows, Code.Jmp_ptr1616, (BlockBuilder b, in Instruction i) => Direct(b, i, &JumpDirect));
        OpTable.Add(rows, Code.Jmp_ptr1632, (BlockBuilder b, in Instruction i) => Direct(b, i, &JumpDirect));
        OpTable.Add(rows, Code.Call_ptr1616, (BlockBuilder b, in Instruction i) => Direct(b, i, &CallDirect<Width16>));
        OpTable.Add(rows, Code.Call_ptr1632, (BlockBuilder b, in Instruction i) => Direct(b, i, &CallDirect<Width32>));
        OpTable.Add(rows, Code.Jmp_m1616, (BlockBuilder b, in Instruction i) => Indirect(b, i, &JumpIndirect<Width16>));
        OpTable.Add(rows, Code.Jmp_m1632, (BlockBuilder b, in Instruction i) => Indirect(b, i, &JumpIndirect<Width32>));
        OpTable.Add(rows, Code.Call_m1616, (BlockBuilder b, in Instruction i) => Indirect(b, i, &CallIndirect<Width16>));
        OpTable.Add(rows, Code.Call_m1632, (BlockBuilder b, in Instruction i) => Indirect(b, i, &CallIndirect<Width32>));
        OpTable.Add(rows, Code.Sysenter, (BlockBuilder b, in Instruction i) => Last(b, i, &Sysenter));
        OpTable.Add(rows, Code.Sysexitd, (BlockBuilder b, in Instruction i) => Last(b, i, &Sysexit));
    }

    private static Op* Last(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Run = run;
        b.End();
        return op;
    }

    private static void Interrupt(BlockBuilder b, in Instruction i, byte vector, delegate*<CpuState*, Op*, Op*> run) =>
        Last(b, i, run)->Imm = vector;

    private static Op* SoftwareInterrupt(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index + 1;
        if ((EngineState.Of(c)->Mode & ModeBits.SingleStep) == 0 && Processor.Of(c).TryCallAgain((byte)op->Imm, op->Next))
            return GoOn(c);
        c->Eip = op->Next;
        EngineState.Of(c)->Temp = op->Eip;
        EngineState.Of(c)->FaultVector = op->Imm;
        EngineState.Of(c)->Exit = ExitKind.SoftwareInterrupt;
        return null;
    }

    /// <summary>INT1 (F1): #DB after the instruction, without the gate's DPL being checked.</summary>
    private static Op* DebugTrap(CpuState* c, Op* op)
    {
        Processor.Fault(c, op, Vectors.Debug);
        EngineState.Of(c)->Budget--;
        c->Eip = op->Next;
        EngineState.Of(c)->FaultCause = TrapCause.Trap;
        return null;
    }

    private static Op* Into(CpuState* c, Op* op)
    {
        if (Flags.Overflow(c) == 0)
            return op + 1;
        SoftwareInterrupt(c, op);
        EngineState.Of(c)->FaultVector = Vectors.Overflow;
        return null;
    }

    /// <summary>IRET within protected mode; the frame is read from its far end, as processors do, which shows in CR2. With NT set it would
    /// be a task return, which ends in #TS: there is no task to return to.</summary>
    private static Op* Iret<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if ((c->FlagsOther & EFlags.NestedTask) != 0)
            return Processor.Fault(c, op, Vectors.InvalidTss);
        uint w = TWidth.Bytes;
        if (w == 4 && (EngineState.Of(c)->Mode & ModeBits.SingleStep) == 0 && Processor.Of(c).TryReturnAgain())
        {
            EngineState.Of(c)->Budget -= op->Index + 1;
            return GoOn(c);
        }

        if (!AnyStack.Peek<TWidth>(c, op, 2 * w, out uint image) || !AnyStack.Peek<Width16>(c, op, w, out uint cs)
            || !AnyStack.Peek<TWidth>(c, op, 0, out uint eip))
            return null;
        var p = Processor.Of(c);
        if (w == 2)
            image |= Flags.All(c) & 0xffff0000;
        return Finish(c, op, p.ReturnFar(op, (ushort)cs, eip, 3 * w, 0, w == 4, image));
    }

    /// <summary>To the block at EIP in another ring, unless the run loop has to look at something first.</summary>
    private static Op* GoOn(CpuState* c)
    {
        var e = EngineState.Of(c);
        return e->Budget > 0 & e->Poll == 0 & (e->Mode & (ModeBits.SingleStep | ModeBits.FlatCs)) == ModeBits.FlatCs
            & (c->FlagsOther & EFlags.Resume) == 0
            ? Processor.Of(c).Blocks.Find(c->Eip)
            : null;
    }

    private static void Return<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth => Last(b, i, &ReturnFar<TWidth>)->Imm = i.OpCount > 0 ? i.Immediate16 : 0u;

    private static Op* ReturnFar<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint w = TWidth.Bytes;
        if (!AnyStack.Peek<Width16>(c, op, w, out uint cs) || !AnyStack.Peek<TWidth>(c, op, 0, out uint eip))
            return null;
        return Finish(c, op, Processor.Of(c).ReturnFar(op, (ushort)cs, eip, 2 * w, op->Imm, w == 4, null));
    }

    private static void Direct(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = Last(b, i, run);
        op->Imm = i.FarBranchSelector;
        op->Disp = (int)(i.Op0Kind == OpKind.FarBranch16 ? i.FarBranch16 : i.FarBranch32);
    }

    private static Op* JumpDirect(CpuState* c, Op* op) => Finish(c, op, Processor.Of(c).JumpFar((ushort)op->Imm, (uint)op->Disp));

    private static Op* CallDirect<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth => Finish(c, op, Processor.Of(c)
            .CallFar((ushort)op->Imm, (uint)op->Disp, op->Next, TWidth.Bytes == 4));

    private static void Indirect(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        b.Memory(op, i);
        op->Run = run;
        b.End();
    }

    private static bool LoadPointer<TWidth>(CpuState* c, Op* op, out uint offset, out uint selector)
        where TWidth : struct, IWidth
    {
        selector = offset = 0;
        return Segmented.Read(c, op, TWidth.Bytes + 2, out uint linear) && TWidth.Load(c, op, linear, out offset)
            && Width16.Load(c, op, linear + TWidth.Bytes, out selector);
    }

    private static Op* JumpIndirect<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth =>
        LoadPointer<TWidth>(c, op, out uint offset, out uint selector) ? Finish(c, op, Processor.Of(c).JumpFar((ushort)selector, offset))
            : null;

    private static Op* CallIndirect<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth =>
        LoadPointer<TWidth>(c, op, out uint offset, out uint selector)
            ? Finish(c, op, Processor.Of(c).CallFar((ushort)selector, offset, op->Next, TWidth.Bytes == 4))
            : null;

    /// <summary>Intel SDM vol. 2, SYSENTER. With SYSENTER_CS null, as under lguest, #GP(0).</summary>
    private static Op* Sysenter(CpuState* c, Op* op)
    {
        var p = Processor.Of(c);
        if ((c->SysenterCs & 0xfffc) == 0 || p.HostOwnsRing0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        c->FlagsOther &= ~(EFlags.Interrupt | EFlags.Resume);
        p.SetFlatSegment(SegmentRegister.Cs, (ushort)(c->SysenterCs & 0xfffc), true, 0);
        p.SetFlatSegment(SegmentRegister.Ss, (ushort)((c->SysenterCs & 0xfffc) + 8), false, 0);
        c->Cpl = 0;
        c->Gpr[Esp] = c->SysenterEsp;
        c->Eip = c->SysenterEip;
        return Finish(c, op, true);
    }

    private static Op* Sysexit(CpuState* c, Op* op)
    {
        if ((c->SysenterCs & 0xfffc) == 0 || c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        var p = Processor.Of(c);
        p.SetFlatSegment(SegmentRegister.Cs, (ushort)(((c->SysenterCs & 0xfffc) + 16) | 3), true, 3);
        p.SetFlatSegment(SegmentRegister.Ss, (ushort)(((c->SysenterCs & 0xfffc) + 24) | 3), false, 3);
        c->Cpl = 3;
        c->Gpr[Esp] = c->Gpr[Ecx];
        c->Eip = c->Gpr[Edx];
        return Finish(c, op, true);
    }

    /// <summary>Settles the budget and hands over to the run loop, which finds the new EIP, or the fault, in the state.</summary>
    private static Op* Finish(CpuState* c, Op* op, bool done)
    {
        if (!done)
            return Processor.Abandon(c, op);
        Processor.Of(c).RefreshMode();
        EngineState.Of(c)->Budget -= op->Index + 1;
        return null;
    }
}
