// What the translator knows of single instructions: which it takes, and what each becomes. Whatever is not here is left to the interpreter.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    private enum Emitted
    {
        Yes,

        /// <summary>The instruction does not go on to the next one.</summary>
        Ends,

        /// <summary>It has no form here after all: the interpreter does it.</summary>
        No,
    }

    /// <summary>Takes away a prefix that repeats nothing, and must not reach the host, to which it may mean something: ENDBR32, at the head
    /// of each function that was compiled for control-flow enforcement, is a hint to this processor, TZCNT is BSF, and REP RET and BND JMP
    /// are RET and JMP.</summary>
    private static void DropIdleRepeat(ref Instruction i)
    {
        if (i.IsStringInstruction)
            return;
        i.HasRepPrefix = false;
        i.HasRepnePrefix = false;
    }

    /// <summary>Whether an instruction is worth a try.</summary>
    private bool Supports(in Instruction i)
    {
        if (i.HasRepPrefix || i.HasRepnePrefix)
            return false;
        if (IsSingleString(i))
            return true;
        if (UnitsOf(i) != HostUnits.None)
            return HasFlatOperand(i);
        if (IsSegmentMove(i))
            return true;
        if (!HasPlainOperands(i))
            return false;
        if (IsHint(i.Mnemonic))
            return true;
        switch (i.Mnemonic)
        {
            case Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.Inc or Mnemonic.Dec
                or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Lea or Mnemonic.Xchg
                or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cwd or Mnemonic.Cdq
                or Mnemonic.Pause or Mnemonic.Cld or Mnemonic.Movnti or Mnemonic.Sfence or Mnemonic.Lfence or Mnemonic.Clc
                or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Lahf or Mnemonic.Sahf:
                return true;
            case Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test:
                return _host.Logic;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                return (_host.Shifts || i.Op0Kind == OpKind.Register || i.Op1Kind != OpKind.Register) && IsTriedShift(i);
            case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
                return _host.Rotates && IsTriedShift(i);
            case Mnemonic.Bt:
                return _host.BitTests && (i.Op0Kind == OpKind.Register || i.Op1Kind != OpKind.Register);
            case Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc:
                return _host.BitTests && (i.Op0Kind == OpKind.Register || i.Op1Kind != OpKind.Register);
            case Mnemonic.Shld or Mnemonic.Shrd:
                return i.Op0Kind == OpKind.Register && i.Op0Register.IsGPR32()
                    && (_host.DoubleShifts || i.Op2Kind == OpKind.Register || (i.Immediate8 & 31) != 0);
            case Mnemonic.Mul or Mnemonic.Imul:
                return true;
            case Mnemonic.Bsf or Mnemonic.Bsr:
                return _host.ScansKeep && i.Code is Code.Bsf_r32_rm32 or Code.Bsr_r32_rm32;
            case Mnemonic.Div or Mnemonic.Idiv:
                return i.Code is Code.Div_rm32 or Code.Idiv_rm32;
            case Mnemonic.Bswap:
                return i.Code == Code.Bswap_r32;
            case Mnemonic.Push:
                return FlatStack && i.Code is Code.Push_r32 or Code.Push_rm32 or Code.Pushd_imm32 or Code.Pushd_imm8;
            case Mnemonic.Pop:
                return FlatStack && i.Op0Kind == OpKind.Register && i.Code is Code.Pop_r32 or Code.Pop_rm32;
            case Mnemonic.Leave:
                return FlatStack && i.Code == Code.Leaved;
            case Mnemonic.Call:
                return FlatStack && i.Code is Code.Call_rel32_32 or Code.Call_rm32;
            case Mnemonic.Ret:
                return FlatStack && i.Code is Code.Retnd or Code.Retnd_imm16;
            case Mnemonic.Jmp:
                return i.Code is Code.Jmp_rel8_32 or Code.Jmp_rel32_32 or Code.Jmp_rm32;
            case Mnemonic.Jecxz:
                return i.Code == Code.Jecxz_rel8_32;
            case Mnemonic.Loop:
                return i.Code == Code.Loop_rel8_32_ECX;
            default:
                return i.IsJccShort || i.IsJccNear
                    ? i.Op0Kind == OpKind.NearBranch32
                    : i.ConditionCode != ConditionCode.None && i.FlowControl == FlowControl.Next;
        }
    }

    /// <summary>What does nothing, and reaches no memory even if it has an operand there.</summary>
    private static bool IsHint(Mnemonic mnemonic) => mnemonic is Mnemonic.Nop or Mnemonic.Reservednop or Mnemonic.Prefetchnta
        or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2;

    private bool FlatStack => (_mode & (ModeBits.FlatSs | ModeBits.Stack32)) == (ModeBits.FlatSs | ModeBits.Stack32);

    /// <summary>General registers, immediates, and memory in a segment that is flat in this mode, by a 32-bit address. FS and GS count as
    /// flat here: what they add is looked at when the code runs.</summary>
    private bool HasPlainOperands(in Instruction i)
    {
        for (int k = 0; k < i.OpCount; k++)
        {
            var kind = i.GetOpKind(k);
            if (kind == OpKind.Register && !i.GetOpRegister(k).IsGPR())
                return false;
            if (kind is >= OpKind.MemorySegSI and <= OpKind.MemoryESRDI or OpKind.FarBranch16 or OpKind.FarBranch32)
                return false;
            if (kind == OpKind.Memory && i.Mnemonic != Mnemonic.Lea && !IsHint(i.Mnemonic)
                && (BlockBuilder.IsAddress16(i) || !IsFlat(i.MemorySegment)))
                return false;
            if (kind == OpKind.Memory && i.Mnemonic == Mnemonic.Lea && BlockBuilder.IsAddress16(i))
                return false;
        }

        return true;
    }

    private bool IsFlat(Register segment) => segment switch
    {
        Register.ES => (_mode & ModeBits.FlatEs) != 0,
        Register.SS => (_mode & ModeBits.FlatSs) != 0,
        Register.DS => (_mode & ModeBits.FlatDs) != 0,
        Register.FS or Register.GS => true,
        _ => false,
    };

    private Emitted EmitInstruction(in Instruction i)
    {
        if (UnitsOf(i) != HostUnits.None)
            return EmitUnits(i);
        if (IsHint(i.Mnemonic))
            return Emitted.Yes;
        if (IsSegmentMove(i))
            return EmitSegmentMove(i);
        switch (i.Mnemonic)
        {
            case Mnemonic.Sfence or Mnemonic.Lfence:
                // Stores are seen in order: MOVNTI is done by a plain one. Loads are in order anyway.
                return Emitted.Yes;
            case Mnemonic.Pause:
                _writer.Bytes(0xf3, 0x90);
                return Emitted.Yes;
            case Mnemonic.Cld:
                EmitUnlessUp();
                return Emitted.Yes;
            case Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd
                or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd:
                return EmitString(i);
            case Mnemonic.Push:
                return EmitPush(i);
            case Mnemonic.Pop:
                return EmitPop(i);
            case Mnemonic.Leave:
                return EmitLeaveFrame();
            case Mnemonic.Call:
                return EmitCall(i);
            case Mnemonic.Ret:
                return EmitReturn(i);
            case Mnemonic.Jmp:
                return EmitJump(i);
            case Mnemonic.Jecxz:
                _writer.Bytes(0x67, 0xe3, 2, 0xeb, 5); // jecxz over the jump that goes on
                _taken.Add(new TakenBranch((nint)_op, _writer.JumpForward(), i.NearBranch32, _adjustDirty, _at));
                return Emitted.Yes;
            case Mnemonic.Loop:
                _writer.Lea32(Rcx, Rcx, -1);
                _writer.Bytes(0x67, 0xe3, 5); // jecxz over the branch
                _taken.Add(new TakenBranch((nint)_op, _writer.JumpForward(), i.NearBranch32, _adjustDirty, _at));
                return Emitted.Yes;
            case Mnemonic.Lea:
                return EmitLea(i);
            case Mnemonic.Div or Mnemonic.Idiv:
                EmitDivide(i);
                return Emitted.Yes;
        }

        if (i.IsJccShort || i.IsJccNear)
        {
            _taken.Add(new TakenBranch(
                (nint)_op, _writer.JumpForwardIf(ConditionOf(i.ConditionCode)), i.NearBranch32, _adjustDirty, _at));
            return Emitted.Yes;
        }

        return EmitPlain(i);
    }

    /// <summary>The four bits of a condition in an opcode.</summary>
    private static int ConditionOf(ConditionCode condition) => condition switch
    {
        ConditionCode.o => 0,
        ConditionCode.no => 1,
        ConditionCode.b => 2,
        ConditionCode.ae => 3,
        ConditionCode.e => 4,
        ConditionCode.ne => 5,
        ConditionCode.be => 6,
        ConditionCode.a => 7,
        ConditionCode.s => 8,
        ConditionCode.ns => 9,
        ConditionCode.p => 10,
        ConditionCode.np => 11,
        ConditionCode.l => 12,
        ConditionCode.ge => 13,
        ConditionCode.le => 14,
        _ => 15,
    };

    /// <summary>An instruction that is encoded again with other operands.</summary>
    private Emitted EmitPlain(in Instruction original)
    {
        var i = original;
        i.Code = Recode(i.Code);
        i.SegmentPrefix = Register.None;
        bool memory = false;
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) == OpKind.Memory)
                memory = true;
            else if (i.GetOpKind(k) == OpKind.Register)
                i.SetOpRegister(k, Renamed(i.GetOpRegister(k)));
        }

        if (memory && i.Mnemonic == Mnemonic.Mov && (IsHighByte(i.Op0Register) || IsHighByte(i.Op1Register)))
            return EmitHighByte(original, i);
        if (i.Mnemonic == Mnemonic.Lahf)
            ClearAdjust();
        if (memory)
            ReachMemory(original, ref i, false);
        return EmitWithFlags(i);
    }

    /// <summary>A MOV between memory and AH, CH, DH or BH, which have no names beside R8 to R15: the register is turned until the byte is
    /// its lowest. A kernel takes CS from a frame by one whenever it returns to a program.</summary>
    private Emitted EmitHighByte(in Instruction original, Instruction i)
    {
        bool loads = i.Op0Kind == OpKind.Register;
        var high = loads ? i.Op0Register : i.Op1Register;
        var whole = (HostRegister)(high - Register.AH);
        i.Code = loads ? Code.Movzx_r32_rm8 : Code.Mov_rm8_r8;
        if (loads)
            i.Op0Register = Register.R11D;
        else
            i.Op1Register = Register.R11L;
        ReachMemory(original, ref i, false);
        if (!loads)
            _writer.RotateRight32(R11, whole, 8);
        if (!TryEncode(i))
            return Emitted.No;
        if (!loads)
            return Emitted.Yes;
        _writer.RotateRight32(whole, whole, 8);
        _writer.Bytes(0x44, 0x88, (byte)(0xd8 | (int)whole)); // mov low, r11b
        _writer.RotateRight32(whole, whole, 24);
        return Emitted.Yes;
    }

    private static bool IsHighByte(Register register) => register is >= Register.AH and <= Register.BH;

    /// <summary>The form of an instruction that 64-bit mode still has.</summary>
    private static Code Recode(Code code) => code switch
    {
        Code.Inc_r32 => Code.Inc_rm32,
        Code.Inc_r16 => Code.Inc_rm16,
        Code.Dec_r32 => Code.Dec_rm32,
        Code.Dec_r16 => Code.Dec_rm16,
        Code.Mov_AL_moffs8 => Code.Mov_r8_rm8,
        Code.Mov_AX_moffs16 => Code.Mov_r16_rm16,
        Code.Mov_EAX_moffs32 => Code.Mov_r32_rm32,
        Code.Mov_moffs8_AL => Code.Mov_rm8_r8,
        Code.Mov_moffs16_AX => Code.Mov_rm16_r16,
        Code.Mov_moffs32_EAX => Code.Mov_rm32_r32,
        Code.Movnti_m32_r32 => Code.Mov_rm32_r32,
        Code.Add_rm8_imm8_82 => Code.Add_rm8_imm8,
        Code.Or_rm8_imm8_82 => Code.Or_rm8_imm8,
        Code.Adc_rm8_imm8_82 => Code.Adc_rm8_imm8,
        Code.Sbb_rm8_imm8_82 => Code.Sbb_rm8_imm8,
        Code.And_rm8_imm8_82 => Code.And_rm8_imm8,
        Code.Sub_rm8_imm8_82 => Code.Sub_rm8_imm8,
        Code.Xor_rm8_imm8_82 => Code.Xor_rm8_imm8,
        Code.Cmp_rm8_imm8_82 => Code.Cmp_rm8_imm8,
        _ => code,
    };

    private static Register Renamed(Register register) => register switch
    {
        Register.ESP => Register.R15D,
        Register.SP => Register.R15W,
        _ => register,
    };

    /// <summary>Where a 32-bit register of the Guest is.</summary>
    private static HostRegister HostOf(Register register) => register switch
    {
        Register.ESP or Register.R15D => R15,
        _ => (HostRegister)(register - Register.EAX),
    };
}
