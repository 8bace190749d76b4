// Rows and handlers of the near branches: Jcc, JMP, CALL, RET, LOOP, JECXZ, and the other users of a condition, SETcc and CMOVcc.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute.Integer;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>Near control transfers (far ones change segments and live with those).</summary>
internal static unsafe class BranchRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Condition<IfO>(rows, "o", "no");
        Condition<IfB>(rows, "b", "ae");
        Condition<IfE>(rows, "e", "ne");
        Condition<IfBe>(rows, "be", "a");
        Condition<IfS>(rows, "s", "ns");
        Condition<IfP>(rows, "p", "np");
        Condition<IfL>(rows, "l", "ge");
        Condition<IfLe>(rows, "le", "g");
        foreach (string form in (string[])["rel8_16", "rel8_32", "rel16", "rel32_32"])
            OpTable.Add(rows, $"Jmp_{form}", Jump);
        OpTable.Add(rows, Code.Jmp_rm16, (BlockBuilder b, in Instruction i) => Indirect<Width16>(b, i, false));
        OpTable.Add(rows, Code.Jmp_rm32, (BlockBuilder b, in Instruction i) => Indirect<Width32>(b, i, false));
        OpTable.Add(rows, Code.Call_rm16, (BlockBuilder b, in Instruction i) => Indirect<Width16>(b, i, true));
        OpTable.Add(rows, Code.Call_rm32, (BlockBuilder b, in Instruction i) => Indirect<Width32>(b, i, true));
        OpTable.Add(rows, Code.Call_rel16, Call<Width16>);
        OpTable.Add(rows, Code.Call_rel32_32, Call<Width32>);
        OpTable.Add(rows, Code.Retnw, Return<Width16>);
        OpTable.Add(rows, Code.Retnw_imm16, Return<Width16>);
        OpTable.Add(rows, Code.Retnd, Return<Width32>);
        OpTable.Add(rows, Code.Retnd_imm16, Return<Width32>);
        foreach (int operand in (int[])[16, 32])
        {
            foreach ((string counter, byte width) in ((string, byte)[])[("CX", 2), ("ECX", 4)])
            {
                string letter = counter == "CX" ? "cx" : "ecx";
                OpTable.Add(rows, $"J{letter}z_rel8_{operand}", (BlockBuilder b, in Instruction i) => Count(b, i, width, &CountZero));
                OpTable.Add(rows, $"Loop_rel8_{operand}_{counter}", (BlockBuilder b, in Instruction i) => Count(b, i, width, &LoopAlways));
                OpTable.Add(rows, $"Loope_rel8_{operand}_{counter}", (BlockBuilder b, in Instruction i) =>
                    Count(b, i, width, &LoopWhileZero));
                OpTable.Add(rows, $"Loopne_rel8_{operand}_{counter}", (BlockBuilder b, in Instruction i) =>
                    Count(b, i, width, &LoopWhileNotZero));
            }
        }
    }

    private static void Condition<TCondition>(Emitter?[] rows, string name, string opposite)
        where TCondition : struct, ICondition
    {
        OneCondition<TCondition>(rows, name);
        OneCondition<Not<TCondition>>(rows, opposite);
    }

    private static void OneCondition<TCondition>(Emitter?[] rows, string name)
        where TCondition : struct, ICondition
    {
        foreach (string form in (string[])["rel8_16", "rel8_32", "rel16", "rel32_32"])
            OpTable.Add(rows, $"J{name}_{form}", Branch<TCondition>);
        OpTable.Add(rows, $"Set{name}_rm8", Set<TCondition>);
        OpTable.Add(rows, $"Cmov{name}_r16_rm16", Move<TCondition, Width16>);
        OpTable.Add(rows, $"Cmov{name}_r32_rm32", Move<TCondition, Width32>);
    }

    private static void Branch<TCondition>(BlockBuilder b, in Instruction i)
        where TCondition : struct, ICondition
    {
        var op = b.Append(i);
        op->Run = &JumpIf<TCondition>;
        b.Link(op, (uint)i.NearBranchTarget);
    }

    private static Op* JumpIf<TCondition>(CpuState* c, Op* op)
        where TCondition : struct, ICondition => TCondition.Holds(c) ? Links.Leave(c, op, op->Target) : op + 1;

    private static void Set<TCondition>(BlockBuilder b, in Instruction i)
        where TCondition : struct, ICondition
    {
        var op = b.Append(i);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &SetReg<TCondition>;
            return;
        }

        b.Memory(op, i);
        op->Run = b.IsFlat(i) ? &SetMem<TCondition, Flat> : &SetMem<TCondition, Segmented>;
    }

    private static Op* SetReg<TCondition>(CpuState* c, Op* op)
        where TCondition : struct, ICondition
    {
        Width8.Set(c, op->B, TCondition.Holds(c) ? 1u : 0u);
        return op + 1;
    }

    private static Op* SetMem<TCondition, TAddress>(CpuState* c, Op* op)
        where TCondition : struct, ICondition
        where TAddress : struct, IAddress =>
        TAddress.Write(c, op, 1, out uint linear) && Width8.Store(c, op, linear, TCondition.Holds(c) ? 1u : 0u) ? op + 1 : null;

    private static void Move<TCondition, TWidth>(BlockBuilder b, in Instruction i)
        where TCondition : struct, ICondition
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op1Register);
            op->Run = &MoveReg<TCondition, TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = b.IsFlat(i) ? &MoveMem<TCondition, TWidth, Flat> : &MoveMem<TCondition, TWidth, Segmented>;
    }

    private static Op* MoveReg<TCondition, TWidth>(CpuState* c, Op* op)
        where TCondition : struct, ICondition
        where TWidth : struct, IWidth
    {
        if (TCondition.Holds(c))
            TWidth.Set(c, op->A, TWidth.Get(c, op->B));
        return op + 1;
    }

    /// <summary>The memory operand is read, and may fault, whether the condition holds or not.</summary>
    private static Op* MoveMem<TCondition, TWidth, TAddress>(CpuState* c, Op* op)
        where TCondition : struct, ICondition
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        if (TCondition.Holds(c))
            TWidth.Set(c, op->A, value);
        return op + 1;
    }

    private static void Jump(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        op->Run = &JumpAlways;
        b.Link(op, (uint)i.NearBranchTarget);
        b.End();
    }

    private static Op* JumpAlways(CpuState* c, Op* op) => Links.Leave(c, op, op->Target);

    private static void Call<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Run = b.FlatStack ? &CallDirect<TWidth, FlatStack> : &CallDirect<TWidth, AnyStack>;
        b.Link(op, (uint)i.NearBranchTarget);
        b.End();
    }

    private static Op* CallDirect<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack => TStack.Push<TWidth>(c, op, op->Next) ? Links.Leave(c, op, op->Target) : null;

    private static void Indirect<TWidth>(BlockBuilder b, in Instruction i, bool call)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        b.End();
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = !call ? &JumpReg<TWidth> : b.FlatStack ? &CallReg<TWidth, FlatStack> : &CallReg<TWidth, AnyStack>;
            return;
        }

        b.Memory(op, i);
        if (call)
            op->Run = b.IsFlat(i) && b.FlatStack ? &CallMem<TWidth, Flat, FlatStack> : &CallMem<TWidth, Segmented, AnyStack>;
        else
            op->Run = b.IsFlat(i) ? &JumpMem<TWidth, Flat> : &JumpMem<TWidth, Segmented>;
    }

    private static Op* JumpReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth => Links.LeaveTo(c, op, TWidth.Get(c, op->B));

    private static Op* JumpMem<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress =>
        TAddress.Read(c, op, TWidth.Bytes, out uint linear) && TWidth.Load(c, op, linear, out uint eip) ? Links.LeaveTo(c, op, eip) : null;

    private static Op* CallReg<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack
    {
        uint eip = TWidth.Get(c, op->B);
        return TStack.Push<TWidth>(c, op, op->Next) ? Links.LeaveTo(c, op, eip) : null;
    }

    private static Op* CallMem<TWidth, TAddress, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
        where TStack : struct, IStack =>
        TAddress.Read(c, op, TWidth.Bytes, out uint linear) && TWidth.Load(c, op, linear, out uint eip)
            && TStack.Push<TWidth>(c, op, op->Next)
            ? Links.LeaveTo(c, op, eip)
            : null;

    private static void Return<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Imm = TWidth.Bytes + (i.OpCount > 0 ? i.Immediate16 : 0u);
        op->Run = b.FlatStack ? &ReturnNear<TWidth, FlatStack> : &ReturnNear<TWidth, AnyStack>;
        b.End();
    }

    private static Op* ReturnNear<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack
    {
        if (!TStack.Peek<TWidth>(c, op, 0, out uint eip))
            return null;
        TStack.Adjust(c, op->Imm);
        return Links.LeaveTo(c, op, eip);
    }

    private static void Count(BlockBuilder b, in Instruction i, byte width, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Extra = width;
        op->Run = run;
        b.Link(op, (uint)i.NearBranchTarget);
    }

    private static Op* CountZero(CpuState* c, Op* op) =>
        (op->Extra == 2 ? (ushort)c->Gpr[Ecx] : c->Gpr[Ecx]) == 0 ? Links.Leave(c, op, op->Target) : op + 1;

    private static Op* LoopAlways(CpuState* c, Op* op) => Decrement(c, op) != 0 ? Links.Leave(c, op, op->Target) : op + 1;

    private static Op* LoopWhileZero(CpuState* c, Op* op) => Decrement(c, op) != 0 && Flags.IsZero(c) ? Links.Leave(c, op, op->Target) : op
        + 1;

    private static Op* LoopWhileNotZero(CpuState* c, Op* op) => Decrement(c, op) != 0 && !Flags.IsZero(c) ? Links.Leave(c, op, op->Target)
        : op + 1;

    private static uint Decrement(CpuState* c, Op* op) => op->Extra == 2 ? --*(ushort*)&c->Gpr[Ecx] : --c->Gpr[Ecx];
}
