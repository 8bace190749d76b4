// Rows and handlers that move data and touch no flags: MOV, MOVZX, MOVSX, LEA, XCHG, BSWAP, PUSH, POP, CBW and its kin, NOP. The file is
// long because a row and its handler are best read side by side.
using System.Buffers.Binary;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>Data movement between general registers, memory and the stack. Segment registers live elsewhere.</summary>
internal static unsafe class MoveRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Width<Width8>(rows, 8);
        Width<Width16>(rows, 16);
        Width<Width32>(rows, 32);
        OpTable.Add(rows, Code.Mov_AL_moffs8, ToReg<Width8>);
        OpTable.Add(rows, Code.Mov_AX_moffs16, ToReg<Width16>);
        OpTable.Add(rows, Code.Mov_EAX_moffs32, ToReg<Width32>);
        OpTable.Add(rows, Code.Mov_moffs8_AL, ToRm<Width8>);
        OpTable.Add(rows, Code.Mov_moffs16_AX, ToRm<Width16>);
        OpTable.Add(rows, Code.Mov_moffs32_EAX, ToRm<Width32>);
        Extensions(rows);
        StackForms(rows);
        OpTable.Add(rows, Code.Lea_r16_m, Lea<Width16>);
        OpTable.Add(rows, Code.Lea_r32_m, Lea<Width32>);
        OpTable.Add(rows, Code.Xchg_r16_AX, Exchange<Width16>);
        OpTable.Add(rows, Code.Xchg_r32_EAX, Exchange<Width32>);
        OpTable.Add(rows, Code.Bswap_r32, (BlockBuilder b, in Instruction i) => Register(b, i, &Bswap32));
        OpTable.Add(rows, Code.Bswap_r16, (BlockBuilder b, in Instruction i) => Register(b, i, &Bswap16));
        Plain(rows, Code.Cbw, &Cbw);
        Plain(rows, Code.Cwde, &Cwde);
        Plain(rows, Code.Cwd, &Cwd);
        Plain(rows, Code.Cdq, &Cdq);
        foreach (var code in (Code[])[Code.Nopw, Code.Nopd, Code.Nop_rm16, Code.Nop_rm32, Code.Pause])
            Plain(rows, code, &Nop);
        // Opcodes that the Pentium Pro set aside for hints; compilers use them (ENDBR32 marks branch targets) and count on their doing
        // nothing.
        foreach (string opcode in (string[])["0F0D", "0F18", "0F19", "0F1A", "0F1B", "0F1C", "0F1D", "0F1E", "0F1F"])
        {
            OpTable.Add(rows, $"Reservednop_rm16_r16_{opcode}", (BlockBuilder b, in Instruction i) => b.Append(i)->Run = &Nop);
            OpTable.Add(rows, $"Reservednop_rm32_r32_{opcode}", (BlockBuilder b, in Instruction i) => b.Append(i)->Run = &Nop);
        }
    }

    private static void Width<TWidth>(Emitter?[] rows, int bits)
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"Mov_rm{bits}_r{bits}", ToRm<TWidth>);
        OpTable.Add(rows, $"Mov_r{bits}_rm{bits}", ToReg<TWidth>);
        OpTable.Add(rows, $"Mov_r{bits}_imm{bits}", Immediate<TWidth>);
        OpTable.Add(rows, $"Mov_rm{bits}_imm{bits}", Immediate<TWidth>);
        OpTable.Add(rows, $"Xchg_rm{bits}_r{bits}", Exchange<TWidth>);
    }

    private static void Extensions(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Movzx_r16_rm8, Extend<Width8, Width16, Unsigned>);
        OpTable.Add(rows, Code.Movzx_r32_rm8, Extend<Width8, Width32, Unsigned>);
        OpTable.Add(rows, Code.Movzx_r16_rm16, Extend<Width16, Width16, Unsigned>);
        OpTable.Add(rows, Code.Movzx_r32_rm16, Extend<Width16, Width32, Unsigned>);
        OpTable.Add(rows, Code.Movsx_r16_rm8, Extend<Width8, Width16, Signed>);
        OpTable.Add(rows, Code.Movsx_r32_rm8, Extend<Width8, Width32, Signed>);
        OpTable.Add(rows, Code.Movsx_r16_rm16, Extend<Width16, Width16, Signed>);
        OpTable.Add(rows, Code.Movsx_r32_rm16, Extend<Width16, Width32, Signed>);
    }

    private static void StackForms(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Push_r16, Push<Width16>);
        OpTable.Add(rows, Code.Push_r32, Push<Width32>);
        OpTable.Add(rows, Code.Push_rm16, Push<Width16>);
        OpTable.Add(rows, Code.Push_rm32, Push<Width32>);
        OpTable.Add(rows, Code.Push_imm16, Push<Width16>);
        OpTable.Add(rows, Code.Pushd_imm32, Push<Width32>);
        OpTable.Add(rows, Code.Pushw_imm8, Push<Width16>);
        OpTable.Add(rows, Code.Pushd_imm8, Push<Width32>);
        OpTable.Add(rows, Code.Pop_r16, Pop<Width16>);
        OpTable.Add(rows, Code.Pop_r32, Pop<Width32>);
        OpTable.Add(rows, Code.Pop_rm16, Pop<Width16>);
        OpTable.Add(rows, Code.Pop_rm32, Pop<Width32>);
    }

    /// <summary>A row for an instruction whose operands are all implied.</summary>
    public static void Plain(Emitter?[] rows, Code code, delegate*<CpuState*, Op*, Op*> run) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) => b.Append(i)->Run = run);

    private static void Register(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->B = BlockBuilder.Operand(i.Op0Register);
        op->Run = run;
    }

    private static void ToRm<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &RegReg<TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &MemReg<TWidth, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &MemReg<TWidth, FlatBase>
            : &MemReg<TWidth, Flat>;
    }

    private static void ToReg<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->A = BlockBuilder.Operand(i.Op1Register);
            op->Run = &RegReg<TWidth>;
            return;
        }

        op->A = BlockBuilder.Operand(i.Op0Register);
        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &RegMem<TWidth, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &RegMem<TWidth, FlatBase>
            : &RegMem<TWidth, Flat>;
    }

    private static void Immediate<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Imm = (uint)i.GetImmediate(1) & TWidth.Mask;
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &RegImm<TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &MemImm<TWidth, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &MemImm<TWidth, FlatBase>
            : &MemImm<TWidth, Flat>;
    }

    private static Op* RegReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        TWidth.Set(c, op->B, TWidth.Get(c, op->A));
        return op + 1;
    }

    private static Op* RegImm<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        TWidth.Set(c, op->B, op->Imm);
        return op + 1;
    }

    private static Op* RegMem<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TWidth.Bytes, out uint linear) || !TWidth.Load(c, op, linear, out uint value))
            return null;
        TWidth.Set(c, op->A, value);
        return op + 1;
    }

    private static Op* MemReg<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress =>
        TAddress.Write(c, op, TWidth.Bytes, out uint linear) && TWidth.Store(c, op, linear, TWidth.Get(c, op->A)) ? op + 1 : null;

    private static Op* MemImm<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress =>
        TAddress.Write(c, op, TWidth.Bytes, out uint linear) && TWidth.Store(c, op, linear, op->Imm) ? op + 1 : null;

    private interface ISignedness
    {
        static abstract bool IsSigned { get; }
    }

    private readonly struct Signed : ISignedness
    {
        public static bool IsSigned => true;
    }

    private readonly struct Unsigned : ISignedness
    {
        public static bool IsSigned => false;
    }

    private static void Extend<TFrom, TTo, TSign>(BlockBuilder b, in Instruction i)
        where TFrom : struct, IWidth
        where TTo : struct, IWidth
        where TSign : struct, ISignedness
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        if (i.Op1Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op1Register);
            op->Run = &ExtendReg<TFrom, TTo, TSign>;
            return;
        }

        b.Memory(op, i);
        op->Run = !b.IsFlat(i) ? &ExtendMem<TFrom, TTo, TSign, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &ExtendMem<TFrom, TTo, TSign, FlatBase>
            : &ExtendMem<TFrom, TTo, TSign, Flat>;
    }

    private static Op* ExtendReg<TFrom, TTo, TSign>(CpuState* c, Op* op)
        where TFrom : struct, IWidth
        where TTo : struct, IWidth
        where TSign : struct, ISignedness
    {
        uint value = TFrom.Get(c, op->B);
        TTo.Set(c, op->A, TSign.IsSigned ? TFrom.Widen(value) : value);
        return op + 1;
    }

    private static Op* ExtendMem<TFrom, TTo, TSign, TAddress>(CpuState* c, Op* op)
        where TFrom : struct, IWidth
        where TTo : struct, IWidth
        where TSign : struct, ISignedness
        where TAddress : struct, IAddress
    {
        if (!TAddress.Read(c, op, TFrom.Bytes, out uint linear) || !TFrom.Load(c, op, linear, out uint value))
            return null;
        TTo.Set(c, op->A, TSign.IsSigned ? TFrom.Widen(value) : value);
        return op + 1;
    }

    private static void Lea<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op0Register);
        b.Memory(op, i);
        op->Run = &LeaHandler<TWidth>;
    }

    private static Op* LeaHandler<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        TWidth.Set(c, op->A, Segmented.Offset(c, op));
        return op + 1;
    }

    private static void Exchange<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->A = BlockBuilder.Operand(i.Op1Register);
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Run = &ExchangeReg<TWidth>;
            return;
        }

        b.Memory(op, i);
        op->Run = b.IsFlat(i) ? &ExchangeMem<TWidth, Flat> : &ExchangeMem<TWidth, Segmented>;
    }

    private static Op* ExchangeReg<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint a = TWidth.Get(c, op->A);
        TWidth.Set(c, op->A, TWidth.Get(c, op->B));
        TWidth.Set(c, op->B, a);
        return op + 1;
    }

    private static Op* ExchangeMem<TWidth, TAddress>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
    {
        if (!TAddress.Write(c, op, TWidth.Bytes, out uint linear) || !Access.ProbeWrite(c, op, linear, TWidth.Bytes)
            || !TWidth.Load(c, op, linear, out uint old) || !TWidth.Store(c, op, linear, TWidth.Get(c, op->A)))
            return null;
        TWidth.Set(c, op->A, old);
        return op + 1;
    }

    private static void Push<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        switch (i.Op0Kind)
        {
            case OpKind.Register:
                op->A = BlockBuilder.Operand(i.Op0Register);
                op->Run = b.FlatStack ? &PushReg<TWidth, FlatStack> : &PushReg<TWidth, AnyStack>;
                break;
            case OpKind.Memory:
                b.Memory(op, i);
                op->Run = b.IsFlat(i) && b.FlatStack ? &PushMem<TWidth, Flat, FlatStack> : &PushMem<TWidth, Segmented, AnyStack>;
                break;
            default:
                op->Imm = (uint)i.GetImmediate(0);
                op->Run = b.FlatStack ? &PushImm<TWidth, FlatStack> : &PushImm<TWidth, AnyStack>;
                break;
        }
    }

    private static Op* PushReg<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack => TStack.Push<TWidth>(c, op, TWidth.Get(c, op->A)) ? op + 1 : null;

    private static Op* PushImm<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack => TStack.Push<TWidth>(c, op, op->Imm) ? op + 1 : null;

    private static Op* PushMem<TWidth, TAddress, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
        where TStack : struct, IStack =>
        TAddress.Read(c, op, TWidth.Bytes, out uint linear) && TWidth.Load(c, op, linear, out uint value)
            && TStack.Push<TWidth>(c, op, value)
            ? op + 1
            : null;

    private static void Pop<TWidth>(BlockBuilder b, in Instruction i)
        where TWidth : struct, IWidth
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        if (i.Op0Kind == OpKind.Register)
        {
            op->A = BlockBuilder.Operand(i.Op0Register);
            op->Run = b.FlatStack ? &PopReg<TWidth, FlatStack> : &PopReg<TWidth, AnyStack>;
            return;
        }

        b.Memory(op, i);
        op->Run = b.IsFlat(i) && b.FlatStack ? &PopMem<TWidth, Flat, FlatStack> : &PopMem<TWidth, Segmented, AnyStack>;
    }

    private static Op* PopReg<TWidth, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TStack : struct, IStack
    {
        if (!TStack.Peek<TWidth>(c, op, 0, out uint value))
            return null;
        TStack.Adjust(c, TWidth.Bytes);
        TWidth.Set(c, op->A, value);
        return op + 1;
    }

    /// <summary>An address based on ESP is formed after the stack pointer has moved; if the store faults it moves back.</summary>
    private static Op* PopMem<TWidth, TAddress, TStack>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
        where TAddress : struct, IAddress
        where TStack : struct, IStack
    {
        if (!TStack.Peek<TWidth>(c, op, 0, out uint value))
            return null;
        TStack.Adjust(c, TWidth.Bytes);
        if (TAddress.Write(c, op, TWidth.Bytes, out uint linear) && TWidth.Store(c, op, linear, value))
            return op + 1;
        TStack.Adjust(c, 0 - TWidth.Bytes);
        return null;
    }

    private static Op* Bswap32(CpuState* c, Op* op)
    {
        Width32.Set(c, op->B, BinaryPrimitives.ReverseEndianness(Width32.Get(c, op->B)));
        return op + 1;
    }

    /// <summary>Undefined by the manual; processors clear the low word.</summary>
    private static Op* Bswap16(CpuState* c, Op* op)
    {
        Width16.Set(c, op->B, 0);
        return op + 1;
    }

    private static Op* Cbw(CpuState* c, Op* op)
    {
        Width16.Set(c, 0, Width8.Widen(Width8.Get(c, 0)));
        return op + 1;
    }

    private static Op* Cwde(CpuState* c, Op* op)
    {
        c->Gpr[Eax] = Width16.Widen(c->Gpr[Eax]);
        return op + 1;
    }

    private static Op* Cwd(CpuState* c, Op* op)
    {
        Width16.Set(c, 8, (uint)((short)c->Gpr[Eax] >> 15));
        return op + 1;
    }

    private static Op* Cdq(CpuState* c, Op* op)
    {
        c->Gpr[Edx] = (uint)((int)c->Gpr[Eax] >> 31);
        return op + 1;
    }

    private static Op* Nop(CpuState* c, Op* op) => op + 1;
}
