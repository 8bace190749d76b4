// Which instructions and which encodings of them may occur at all. Prefixes are where processors and decoders like to differ, so only those
// few combinations pass that mean the same everywhere.
using Iced.Intel;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

internal sealed partial class CodeVerifier
{
    /// <summary>Numbers of the registers that have a meaning of their own.</summary>
    private const int Rcx = 1;
    private const int Rdx = 2;
    private const int Rsp = 4;
    private const int R8 = 8;
    private const int R9 = 9;
    private const int R10 = 10;
    private const int R11 = 11;
    private const int R12 = 12;
    private const int R13 = 13;
    private const int R14 = 14;

    /// <summary>Instructions that may be the last element of a lock.</summary>
    private static bool MayBeLocked(Mnemonic mnemonic) => mnemonic is Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb
        or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Not or Mnemonic.Neg or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Xchg
        or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc;

    private static bool IsKnown(in Instruction i) => UnitOf(i) != HostUnits.None || IsGeneral(i);

    private static bool IsGeneral(in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp => true,
        Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Bsf or Mnemonic.Bsr => true,
        Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test or Mnemonic.Not => true,
        Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Lea or Mnemonic.Xchg => true,
        Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cwd or Mnemonic.Cdq or Mnemonic.Cqo => true,
        Mnemonic.Clc or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Lahf or Mnemonic.Sahf => true,
        Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar => true,
        Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr => true,
        Mnemonic.Shld or Mnemonic.Shrd or Mnemonic.Mul or Mnemonic.Imul or Mnemonic.Div or Mnemonic.Idiv => true,
        Mnemonic.Jmp or Mnemonic.Jrcxz or Mnemonic.Jecxz => true,

        // With a number in a register these reach far beyond their operand.
        Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc => i.Op0Kind == OpKind.Register || i.Op1Kind == OpKind.Immediate8,
        Mnemonic.Bswap => i.Code == Code.Bswap_r32,
        Mnemonic.Nop => i.Code == Code.Nopd,
        Mnemonic.Pause => true,
        Mnemonic.Rorx => i.Code == Code.VEX_Rorx_r32_rm32_imm8,
        Mnemonic.Shlx => i.Code == Code.VEX_Shlx_r32_rm32_r32,
        Mnemonic.Shrx => i.Code is Code.VEX_Shrx_r32_rm32_r32 or Code.VEX_Shrx_r64_rm64_r64,
        _ => i.IsJccShortOrNear || IsConditional(i.Mnemonic),
    };

    private static bool IsConditional(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Seto or Mnemonic.Setno or Mnemonic.Setb or Mnemonic.Setae or Mnemonic.Sete or Mnemonic.Setne or Mnemonic.Setbe
        or Mnemonic.Seta or Mnemonic.Sets or Mnemonic.Setns or Mnemonic.Setp or Mnemonic.Setnp or Mnemonic.Setl or Mnemonic.Setge
        or Mnemonic.Setle or Mnemonic.Setg
        or Mnemonic.Cmovo or Mnemonic.Cmovno or Mnemonic.Cmovb or Mnemonic.Cmovae or Mnemonic.Cmove or Mnemonic.Cmovne or Mnemonic.Cmovbe
        or Mnemonic.Cmova or Mnemonic.Cmovs or Mnemonic.Cmovns or Mnemonic.Cmovp or Mnemonic.Cmovnp or Mnemonic.Cmovl or Mnemonic.Cmovge
        or Mnemonic.Cmovle or Mnemonic.Cmovg;

    /// <summary>What is wrong with an instruction wherever it stands.</summary>
    private string? EncodingFault(ReadOnlySpan<byte> bytes, in Instruction i)
    {
        if (!IsKnown(i))
            return "not on the list of instructions";
        if (PrefixFault(bytes, i) is { } rule)
            return rule;
        for (int k = 0; k < i.OpCount; k++)
        {
            var kind = i.GetOpKind(k);
            if (kind == OpKind.Register && UnitOf(i) != HostUnits.None && IsUnitRegister(i.GetOpRegister(k)))
                continue;
            if (kind == OpKind.Register && (!i.GetOpRegister(k).IsGPR() || NumberOf(i.GetOpRegister(k)) == Rsp))
                return "a register that emitted code must not touch";
            if (kind == OpKind.Memory && IsInWindow(i) && !i.IsIPRelativeMemoryOperand)
                continue;
            if (kind == OpKind.Memory && (i.IsIPRelativeMemoryOperand || i.MemoryBase == Register.None || !i.MemoryBase.IsGPR64()
                || (i.MemoryIndex != Register.None && !i.MemoryIndex.IsGPR64())) && i.Mnemonic != Mnemonic.Lea)
                return "a memory operand without a base in a 64-bit register";
            if (kind == OpKind.Memory && (i.IsIPRelativeMemoryOperand || i.MemoryBase == Register.RSP))
                return "an address of the host's code or stack";
        }

        return null;
    }

    /// <summary>Whether an instruction's memory operand is in the window. GS and addresses of 32 bits always come together: the one without
    /// the other would reach anything.</summary>
    private static bool IsInWindow(in Instruction i) => i.SegmentPrefix == Register.GS;

    private string? PrefixFault(ReadOnlySpan<byte> bytes, in Instruction i)
    {
        bool wide = false, narrow = false, locked = false, shortAddress = false, window = false, named = false;
        bool unit = UnitOf(i) != HostUnits.None;
        int name = 0;
        int at = i.Code == Code.Pause && bytes.Length == 2 ? 1 : 0; // its first byte is the prefix that makes it
        for (; IsPrefix(bytes[at]); at++)
        {
            ref bool seen = ref locked;
            switch (bytes[at])
            {
                case 0x66 or 0xf2 or 0xf3 when unit:
                    seen = ref named;
                    name = bytes[at];
                    break;
                case 0x66:
                    seen = ref narrow;
                    break;
                case 0x67:
                    seen = ref shortAddress;
                    break;
                case 0x65:
                    seen = ref window;
                    break;
                case 0xf0:
                    break;
                default:
                    return "a segment or repeat prefix";
            }

            if (seen)
                return "a prefix twice";
            seen = true;
        }

        bool extended = (bytes[at] & 0xf0) == 0x40;
        if (extended)
        {
            wide = (bytes[at] & 8) != 0;
            at++;
            if (IsPrefix(bytes[at]) || (bytes[at] & 0xf0) == 0x40)
                return "a prefix behind a REX prefix";
        }

        if (bytes[at] is 0xc4 or 0xc5 && (at > 0 || i.Encoding != EncodingKind.VEX))
            return "a prefix in front of a VEX prefix";
        if (i.Encoding is not (EncodingKind.Legacy or EncodingKind.VEX))
            return "an encoding of its own kind";
        if (window && WindowFault(i, shortAddress) is { } rule)
            return rule;
        if (shortAddress && !window && (i.Code != Code.Jecxz_rel8_64 || extended))
            return "an address size prefix";
        if (unit)
            return locked ? "a lock prefix where there is nothing to lock" : UnitPrefixFault(i, name, wide);
        if (narrow && (wide || i.FlowControl != FlowControl.Next || !IsNarrow(i)))
            return "an operand size prefix without a 16-bit operand";
        if (i.FlowControl != FlowControl.Next && wide)
            return "a REX prefix on a branch";
        if (locked && (!MayBeLocked(i.Mnemonic) || i.Op0Kind != OpKind.Memory))
            return "a lock prefix where there is nothing to lock";
        return null;
    }

    /// <summary>What is wrong with an operand by GS. With 32-bit addresses it begins within 4 GiB of the window's start, and every
    /// operand on the list is shorter than the room behind them.</summary>
    private string? WindowFault(in Instruction i, bool shortAddress)
    {
        if (!_context.HasWindow)
            return "GS in a block without a window";
        if (!shortAddress || i.SegmentPrefix != Register.GS)
            return "an address of 64 bits in the window";
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) == OpKind.Memory)
                return i.Mnemonic == Mnemonic.Lea ? "GS where no memory is" : null;
        }

        return "GS where no memory is";
    }

    private static bool IsPrefix(byte b) =>
        b is 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65 or 0x66 or 0x67 or 0xf0 or 0xf2 or 0xf3;

    private static bool IsNarrow(in Instruction i)
    {
        for (int k = 0; k < i.OpCount; k++)
        {
            var kind = i.GetOpKind(k);
            if (kind == OpKind.Register ? i.GetOpRegister(k).IsGPR16() : kind == OpKind.Memory && i.MemorySize.GetSize() == 2)
                return true;
        }

        return i.Mnemonic is Mnemonic.Cbw or Mnemonic.Cwd;
    }

    private static int NumberOf(Register register) => register.GetFullRegister() - Register.RAX;
}
