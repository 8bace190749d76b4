// What the translator knows of single instructions: which it takes, and what each becomes. Whatever is not here is left to the interpreter.
// The file is long because it is one list: what an instruction needs, and what it leaves behind in the flags, is decided form by form.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
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

    /// <summary>Whether an instruction is worth a try.</summary>
    private bool Supports(in Instruction i)
    {
        if (i.HasRepPrefix || i.HasRepnePrefix || !HasPlainOperands(i))
            return false;
        switch (i.Mnemonic)
        {
            case Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.Inc or Mnemonic.Dec
                or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Lea or Mnemonic.Xchg
                or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cwd or Mnemonic.Cdq or Mnemonic.Nop
                or Mnemonic.Reservednop or Mnemonic.Clc or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Lahf or Mnemonic.Sahf:
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
                    && (_host.DoubleShifts || (i.Op2Kind != OpKind.Register && (i.Immediate8 & 31) != 0));
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

    /// <summary>What the manuals leave open of shifts and rotations by more than one place is for 32 bits as <see cref="HostFlags"/> has
    /// tried; narrower ones and rotations through CF were compared on AMD's processors alone, and elsewhere are interpreted.</summary>
    private bool IsTriedShift(in Instruction i)
    {
        if (_host.IsAmd || (i.Op1Kind == OpKind.Immediate8 && i.Immediate8 == 1))
            return true;
        int size = i.Op0Kind == OpKind.Memory ? i.MemorySize.GetSize() : i.Op0Register.GetSize();
        return size == 4 && i.Mnemonic is not (Mnemonic.Rcl or Mnemonic.Rcr);
    }

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
            if (kind == OpKind.Memory && i.Mnemonic != Mnemonic.Lea && i.Mnemonic is not (Mnemonic.Nop or Mnemonic.Reservednop)
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
        switch (i.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Reservednop:
                return Emitted.Yes;
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
                _taken.Add(new TakenBranch((nint)_op, _writer.JumpForward(), i.NearBranch32, _adjustDirty));
                return Emitted.Yes;
            case Mnemonic.Loop:
                _writer.Lea32(Rcx, Rcx, -1);
                _writer.Bytes(0x67, 0xe3, 5); // jecxz over the branch
                _taken.Add(new TakenBranch((nint)_op, _writer.JumpForward(), i.NearBranch32, _adjustDirty));
                return Emitted.Yes;
            case Mnemonic.Lea:
                return EmitLea(i);
            case Mnemonic.Div or Mnemonic.Idiv:
                EmitDivide(i);
                return Emitted.Yes;
        }

        if (i.IsJccShort || i.IsJccNear)
        {
            _taken.Add(new TakenBranch((nint)_op, _writer.JumpForwardIf(ConditionOf(i.ConditionCode)), i.NearBranch32, _adjustDirty));
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
        int memory = -1;
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) == OpKind.Memory)
                memory = k;
            else if (i.GetOpKind(k) == OpKind.Register)
                i.SetOpRegister(k, Renamed(i.GetOpRegister(k)));
        }

        if (i.Mnemonic == Mnemonic.Lahf)
            ClearAdjust();
        if (memory >= 0)
        {
            EmitAddress(original);
            EmitCheck(i.MemorySize.GetSize(), memory == 0 && !OnlyReads(i.Mnemonic));
            i.MemoryBase = Register.R10;
            i.MemoryIndex = Register.R8;
            i.MemoryIndexScale = 1;
            i.MemoryDisplacement64 = 0;
            i.MemoryDisplSize = 0;
        }

        return EmitWithFlags(i);
    }

    /// <summary>Encodes, and puts right what the host does to undefined flags, where it can be seen.</summary>
    private Emitted EmitWithFlags(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar when !_host.Shifts:
                return i.Op1Kind == OpKind.Register ? EmitShiftByCl(i) : EmitShift(i);
            case Mnemonic.Mul or Mnemonic.Imul when !_host.Multiplications:
                return EmitMultiply(i);
            case Mnemonic.Shld or Mnemonic.Shrd when !_host.DoubleShifts:
                return EmitDoubleShift(i);
            case Mnemonic.Bsf or Mnemonic.Bsr:
                return EmitScan(i);
        }

        if (!_writer.TryEncode(i))
            return Emitted.No;
        if (Settles(i, RflagsBits.AF))
            _adjustDirty = false;
        return Emitted.Yes;
    }

    private Emitted EmitShift(in Instruction i)
    {
        if (!_writer.TryEncode(i))
            return Emitted.No;
        if ((i.Immediate8 & 31) != 0 || i.Op1Kind != OpKind.Immediate8)
            _adjustDirty = true;
        return Emitted.Yes;
    }

    /// <summary>A count of zero leaves all flags alone; any other clears AF.</summary>
    private Emitted EmitShiftByCl(in Instruction i)
    {
        if (_adjustDirty || !IsVisible(RflagsBits.AF))
            return _writer.TryEncode(i) ? Emitted.Yes : Emitted.No;
        _writer.Set32(R11, 1);
        _writer.ShiftLeft32(R11, R11, Rcx);
        _writer.Lea32(R11, R11, -1);
        if (!_writer.TryEncode(i))
            return Emitted.No;
        _writer.Exchange64(Rcx, R11);
        uint none = _writer.SkipIfRcxIsZero();
        _writer.Exchange64(Rcx, R11);
        EntryStubs.EmitClearAdjust(_writer);
        uint done = _writer.Skip();
        _writer.LandHere(none);
        _writer.Move64(Rcx, R11);
        _writer.LandHere(done);
        return Emitted.Yes;
    }

    private Emitted EmitMultiply(in Instruction i)
    {
        if (!_writer.TryEncode(i))
            return Emitted.No;
        if (!IsVisible(RflagsBits.SF | RflagsBits.ZF | RflagsBits.PF | RflagsBits.AF))
            return Emitted.Yes;
        int size = i.OpCount > 1 ? i.Op0Register.GetSize() : i.Op0Kind == OpKind.Memory ? i.MemorySize.GetSize() : i.Op0Register.GetSize();
        var low = i.OpCount > 1 ? i.Op0Register.GetFullRegister32() : Register.EAX;
        _writer.Bytes(0x41, 0x0f, 0x90, 0xc0); // seto r8b
        var test = Instruction.Create(
            size == 4 ? Code.Test_rm32_r32 : size == 2 ? Code.Test_rm16_r16 : Code.Test_rm8_r8,
            Narrow(low, size), Narrow(low, size));
        if (!_writer.TryEncode(test))
            return Emitted.No;
        _writer.Move64(R11, Rax);
        _writer.Bytes(0x9f); // lahf
        _writer.Bytes(0x44, 0x88, 0xc0); // mov al, r8b
        _writer.Bytes(0x08, 0xc4); // or ah, al: CF
        EntryStubs.EmitRestoreFlags(_writer);
        _writer.Move64(Rax, R11);
        _adjustDirty = false;
        return Emitted.Yes;
    }

    /// <summary>ZF alone changes; what the host does to the other flags differs from one to the next.</summary>
    private Emitted EmitScan(in Instruction i)
    {
        if (!IsVisible(RflagsBits.OF | RflagsBits.SF | RflagsBits.AF | RflagsBits.PF | RflagsBits.CF))
            return _writer.TryEncode(i) ? Emitted.Yes : Emitted.No;
        _writer.Move64(R11, Rax);
        _writer.Bytes(0x9f); // lahf
        _writer.Bytes(0x0f, 0x90, 0xc0); // seto al
        _writer.Store32(Rax, R14, StateOffsets.Temp);
        _writer.Move64(Rax, R11);
        if (!_writer.TryEncode(i))
            return Emitted.No;
        _writer.Bytes(0x41, 0x0f, 0x94, 0xc0); // setz r8b
        _writer.Bytes(0x45, 0x0f, 0xb6, 0xc0); // movzx r8d, r8b
        _writer.Bytes(0x41, 0xc1, 0xe0, 14); // shl r8d, 14: ZF in AH
        _writer.Move64(R11, Rax);
        _writer.Load32(Rax, R14, StateOffsets.Temp);
        _writer.Bytes(0x80, 0xe4, 0xbf); // and ah, ~ZF
        _writer.Bytes(0x44, 0x09, 0xc0); // or eax, r8d
        EntryStubs.EmitRestoreFlags(_writer);
        _writer.Move64(Rax, R11);
        return Emitted.Yes;
    }

    private static Register Narrow(Register register, int size) => size switch
    {
        4 => register,
        2 => register == Register.R15D ? Register.R15W : register - Register.EAX + Register.AX,
        _ => Register.AL,
    };

    private Emitted EmitDoubleShift(in Instruction i)
    {
        if (!IsVisible(RflagsBits.OF | RflagsBits.AF))
            return _writer.TryEncode(i) ? Emitted.Yes : Emitted.No;
        var to = HostOf(i.Op0Register);
        _writer.Move32(R8, to);
        if (!_writer.TryEncode(i))
            return Emitted.No;
        _writer.Move64(R11, Rax);
        _writer.Bytes(0x9f); // lahf
        var result = to == Rax ? R11 : to;
        _writer.Bytes((byte)(0x44 | ((int)result >= 8 ? 1 : 0)), 0x33, (byte)(0xc0 | ((int)result & 7))); // xor r8d, result
        _writer.Bytes(0x41, 0xc1, 0xe8, 31); // shr r8d, 31
        _writer.Bytes(0x44, 0x88, 0xc0); // mov al, r8b
        _writer.Bytes(0x80, 0xe4, 0xef); // and ah, ~AF
        EntryStubs.EmitRestoreFlags(_writer);
        _writer.Move64(Rax, R11);
        _adjustDirty = false;
        return Emitted.Yes;
    }

    /// <summary>Whether flags that this instruction leaves as the host likes can be seen before later ones set them: by an instruction that
    /// reads them, or wherever the interpreter may take over.</summary>
    private bool IsVisible(RflagsBits flags)
    {
        for (int k = _at + 1; k < _count; k++)
        {
            ref var i = ref _instructions[k];
            if (!_translatable[k] || i.FlowControl != FlowControl.Next || (i.RflagsRead & flags) != 0)
                return true;
            if (i.Mnemonic is Mnemonic.Push or Mnemonic.Pop or Mnemonic.Leave or Mnemonic.Div or Mnemonic.Idiv)
                return true;
            for (int o = 0; o < i.OpCount; o++)
            {
                if (i.GetOpKind(o) == OpKind.Memory && i.Mnemonic != Mnemonic.Lea)
                    return true;
            }

            foreach (var flag in _statusFlags)
            {
                if (Settles(i, flag))
                    flags &= ~flag;
            }

            if (flags == 0)
                return false;
        }

        return true;
    }

    /// <summary>Whether an instruction leaves a flag as the interpreter leaves it, whatever it was before.</summary>
    private static bool Settles(in Instruction i, RflagsBits flag)
    {
        if (i.Mnemonic is Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test)
            return true;
        if (i.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Shld or Mnemonic.Shrd
            or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr)
            return false;
        return ((i.RflagsWritten | i.RflagsCleared | i.RflagsSet) & flag) != 0;
    }

    private static readonly RflagsBits[] _statusFlags =
        [RflagsBits.OF, RflagsBits.SF, RflagsBits.ZF, RflagsBits.AF, RflagsBits.PF, RflagsBits.CF];

    private static bool OnlyReads(Mnemonic mnemonic) =>
        mnemonic is Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Bt or Mnemonic.Mul or Mnemonic.Imul
            or Mnemonic.Bsf or Mnemonic.Bsr;

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
