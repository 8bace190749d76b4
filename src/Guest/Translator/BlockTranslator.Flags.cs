// What a translated instruction leaves in the flags that the manuals leave open: the interpreter's values, put right after the instruction
// where the host does otherwise and somebody could see it.
using Iced.Intel;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    private static readonly RflagsBits[] _statusFlags =
        [RflagsBits.OF, RflagsBits.SF, RflagsBits.ZF, RflagsBits.AF, RflagsBits.PF, RflagsBits.CF];

    /// <summary>What the manuals leave open of shifts and rotations by more than one place is for 32 bits as <see cref="HostFlags"/> has
    /// tried; narrower ones and rotations through CF were compared on AMD's processors alone, and elsewhere are interpreted.</summary>
    private bool IsTriedShift(in Instruction i)
    {
        if (_host.IsAmd || (i.Op1Kind == OpKind.Immediate8 && i.Immediate8 == 1))
            return true;
        int size = i.Op0Kind == OpKind.Memory ? i.MemorySize.GetSize() : i.Op0Register.GetSize();
        return size == 4 && i.Mnemonic is not (Mnemonic.Rcl or Mnemonic.Rcr);
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

        if (!TryEncode(i))
            return Emitted.No;
        if (Settles(i, RflagsBits.AF))
            _adjustDirty = false;
        return Emitted.Yes;
    }

    private Emitted EmitShift(in Instruction i)
    {
        if (!TryEncode(i))
            return Emitted.No;
        if ((i.Immediate8 & 31) != 0 || i.Op1Kind != OpKind.Immediate8)
            _adjustDirty = true;
        return Emitted.Yes;
    }

    /// <summary>A count of zero leaves all flags alone; any other clears AF.</summary>
    private Emitted EmitShiftByCl(in Instruction i)
    {
        if (_adjustDirty || !IsVisible(RflagsBits.AF))
            return TryEncode(i) ? Emitted.Yes : Emitted.No;
        EmitIsCountZero();
        if (!TryEncode(i))
            return Emitted.No;
        uint none = SkipIfCountIsZero();
        EntryStubs.EmitClearAdjust(_writer);
        LandHereWithCountZero(none);
        return Emitted.Yes;
    }

    private Emitted EmitMultiply(in Instruction i)
    {
        if (!TryEncode(i))
            return Emitted.No;
        if (!IsVisible(RflagsBits.SF | RflagsBits.ZF | RflagsBits.PF | RflagsBits.AF))
            return Emitted.Yes;
        int size = i.OpCount > 1 ? i.Op0Register.GetSize() : i.Op0Kind == OpKind.Memory ? i.MemorySize.GetSize() : i.Op0Register.GetSize();
        var low = i.OpCount > 1 ? i.Op0Register.GetFullRegister32() : Register.EAX;
        _writer.Bytes(0x41, 0x0f, 0x90, 0xc0); // seto r8b
        var test = Instruction.Create(
            size == 4 ? Code.Test_rm32_r32 : size == 2 ? Code.Test_rm16_r16 : Code.Test_rm8_r8,
            Narrow(low, size), Narrow(low, size));
        if (!TryEncode(test))
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
            return TryEncode(i) ? Emitted.Yes : Emitted.No;
        _writer.Move64(R11, Rax);
        _writer.Bytes(0x9f); // lahf
        _writer.Bytes(0x0f, 0x90, 0xc0); // seto al
        _writer.Store32(Rax, R14, StateOffsets.Temp);
        _writer.Move64(Rax, R11);
        if (!TryEncode(i))
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

    /// <summary>OF is the change of the sign, AF is clear; but a count of zero leaves all flags alone.</summary>
    private Emitted EmitDoubleShift(in Instruction i)
    {
        if (!IsVisible(RflagsBits.OF | RflagsBits.AF))
            return TryEncode(i) ? Emitted.Yes : Emitted.No;
        var to = HostOf(i.Op0Register);
        bool mayBeZero = i.Op2Kind == OpKind.Register;
        _writer.Move32(R8, to);
        if (mayBeZero)
            EmitIsCountZero();
        if (!TryEncode(i))
            return Emitted.No;
        uint none = mayBeZero ? SkipIfCountIsZero() : 0;
        _writer.Move64(R11, Rax);
        _writer.Bytes(0x9f); // lahf
        var result = to == Rax ? R11 : to;
        _writer.Bytes((byte)(0x44 | ((int)result >= 8 ? 1 : 0)), 0x33, (byte)(0xc0 | ((int)result & 7))); // xor r8d, result
        _writer.Bytes(0x41, 0xc1, 0xe8, 31); // shr r8d, 31
        _writer.Bytes(0x44, 0x88, 0xc0); // mov al, r8b
        _writer.Bytes(0x80, 0xe4, 0xef); // and ah, ~AF
        EntryStubs.EmitRestoreFlags(_writer);
        _writer.Move64(Rax, R11);
        if (mayBeZero)
            LandHereWithCountZero(none);
        else
            _adjustDirty = false;
        return Emitted.Yes;
    }

    /// <summary>Makes R11 zero if the count in CL is a multiple of 32, without a flag.</summary>
    private void EmitIsCountZero()
    {
        _writer.Set32(R11, 1);
        _writer.ShiftLeft32(R11, R11, Rcx);
        _writer.Lea32(R11, R11, -1);
    }

    /// <summary>Leaves out what comes next if R11 is zero. What comes next may use R11.</summary>
    private uint SkipIfCountIsZero()
    {
        _writer.Exchange64(Rcx, R11);
        uint none = _writer.SkipIfRcxIsZero();
        _writer.Exchange64(Rcx, R11);
        return none;
    }

    private void LandHereWithCountZero(uint none)
    {
        uint done = _writer.Skip();
        _writer.LandHere(none);
        _writer.Move64(Rcx, R11);
        _writer.LandHere(done);
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
            if (i.Mnemonic is Mnemonic.Push or Mnemonic.Pop or Mnemonic.Leave or Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Cld
                || IsSingleString(i) || LoadsSegment(i))
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
}
