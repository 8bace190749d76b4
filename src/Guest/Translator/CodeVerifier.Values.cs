// What an instruction does to what is known, and what it must know to be allowed. The forms with a meaning of their own come first; for all
// others the rule is that they take numbers and make numbers.
using Iced.Intel;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Translator;

internal sealed partial class CodeVerifier
{
    /// <summary>The longest access that one test may stand for.</summary>
    private const int MostBytes = 64;

    /// <summary>The most that one instruction takes off the budget.</summary>
    private const int MostSpent = 256;

    /// <summary>A word rotated right by this has the bits that choose its entry of the soft TLB on top.</summary>
    private static readonly int _rotation = 12 + int.Log2(TlbEntry.Count);

    /// <summary>Shifted right by this they are alone.</summary>
    private static readonly int _indexShift = 32 - int.Log2(TlbEntry.Count);

    /// <summary>Of a mixed word, shifted left by the first and right by the second, exactly the offset of its jump entry is left.</summary>
    private static readonly int _jumpLeft = 32 - int.Log2(JumpEntry.Count);

    private static readonly unsafe int _jumpRight = _jumpLeft - int.Log2(sizeof(JumpEntry));

    private string? Step(in Instruction i, in InstructionInfo info, VerifierState state)
    {
        var compared = state.Compared;
        state.Compared = Compared.Nothing;
        if (Special(i, state, out string? refused) || refused != null)
            return refused;
        if (UnitOf(i) is not HostUnits.None and var unit && UnitFault(i, unit, state) is { } missing)
            return missing;
        if (StoresControl(i, state) || StoresSegment(i, state))
            return null;
        string? rule = Operands(i, info, state, out var loaded);
        if (rule != null)
            return rule;
        if (i.Mnemonic is Mnemonic.Div or Mnemonic.Idiv && !IsSafeDivision(i, state, compared))
            return "a division that may fault";
        var divisor = i.Code == Code.Cmp_rm64_imm8 && i.Op0Kind == OpKind.Register && i.GetImmediate(1) == 1
            ? state[NumberOf(i.Op0Register)]
            : default;
        if (Results(i, info, state, loaded) is { } wrong)
            return wrong;
        Compare(i, state, divisor);
        return null;
    }

    /// <summary>Forms that are known as a whole. True if this is one.</summary>
    private bool Special(in Instruction i, VerifierState state, out string? refused)
    {
        refused = null;
        var made = i.Mnemonic switch
        {
            Mnemonic.Lea => Lea(i, state),
            Mnemonic.Rorx => Rotated(Of(i.Op1Register, i.Op1Kind, state), i.Immediate8),
            Mnemonic.Not => i.Code == Code.Not_rm32 ? Complement(Of(i.Op0Register, i.Op0Kind, state)) : null,
            Mnemonic.Shlx or Mnemonic.Shrx => Shifted(i, state),
            Mnemonic.Movsxd => i.Code == Code.Movsxd_r64_rm32 && i.Op1Kind == OpKind.Register
                && !state[NumberOf(i.Op1Register)].IsHostAddress && !IsReserved(NumberOf(i.Op1Register))
                ? new Known(Holds.Divisor, Fresh(i)) : null,
            Mnemonic.Mov => Move(i, state, ref refused),
            _ => null,
        };
        if (refused != null)
            return true;
        if (made is { } value)
        {
            if (i.Mnemonic == Mnemonic.Lea && NumberOf(i.Op0Register) == R12)
                state.Spent = true; // only one form gets here, and leaves R12 the budget
            else
                refused = Set(state, NumberOf(i.Op0Register), value);
            return true;
        }

        if (i.Code == Code.Xchg_rm64_r64 && i.Op0Kind == OpKind.Register)
        {
            int a = NumberOf(i.Op0Register), b = NumberOf(i.Op1Register);
            var (first, second) = (state[a], state[b]);
            if (IsReserved(a) || IsReserved(b) || first.IsHostAddress || second.IsHostAddress)
                return false;
            (state[a], state[b]) = (second, first);
            return true;
        }

        if (i.Code == Code.Cqo)
        {
            refused = Set(state, Rdx, default);
            state.Compared = Compared.SignExtended;
            return true;
        }

        return false;
    }

    /// <summary>A segment register gets back what a load of it came to, each half in its place.</summary>
    private static bool StoresSegment(in Instruction i, VerifierState state) =>
        i.Code == Code.Mov_rm64_r64 && i.Op0Kind == OpKind.Memory && NumberOf(i.MemoryBase) == R14 && i.MemoryIndex == Register.None
        && i.SegmentPrefix == Register.None && state[NumberOf(i.Op1Register)] is { Holds: Holds.SegmentHalf, Of: var half }
        && SandboxFields.IsSegment((long)i.MemoryDisplacement64, (int)half);

    private static Known Of(Register register, OpKind kind, VerifierState state) =>
        kind == OpKind.Register ? state[NumberOf(register)] : default;

    private static Known? Complement(Known value) => value.Holds switch
    {
        Holds.Tag => value with { Holds = Holds.NotTag },
        Holds.EntryEip => value with { Holds = Holds.NotEntryEip },
        Holds.EntryKey => value with { Holds = Holds.NotEntryKey },
        _ => null,
    };

    private static Known? Rotated(Known value, int count) =>
        value.Holds != Holds.Word ? null
        : count == _rotation ? new Known(Holds.Rotated, value.Of)
        : count == JumpEntry.Turn ? new Known(Holds.Turned, value.Of)
        : null;

    private static Known? Shifted(in Instruction i, VerifierState state)
    {
        if (i.Op1Kind != OpKind.Register)
            return null;
        var value = state[NumberOf(i.Op1Register)];
        int count = NumberOf(i.Op2Register);
        if (count == R13)
        {
            // 44 is a shift by 12 of 32 bits, and of 64 bits one that leaves no more than 20.
            return (i.Code, value.Holds) switch
            {
                (Code.VEX_Shrx_r32_rm32_r32, Holds.Distance) => value with { Holds = Holds.PageTest },
                (Code.VEX_Shrx_r64_rm64_r64, Holds.BudgetLeft) => new Known(Holds.BudgetTest),
                _ => null,
            };
        }

        if (count == R9)
        {
            return i.Code == Code.VEX_Shrx_r32_rm32_r32 && value.Holds == Holds.Rotated && EntryStubs.IndexShift == _indexShift
                ? new Known(Holds.PageNumber, value.Of) : null;
        }

        long by = state[count] is { Holds: Holds.Word } known ? known.Constant : -1;
        return (i.Code, value.Holds) switch
        {
            (Code.VEX_Shlx_r32_rm32_r32, Holds.Mixed) when by == _jumpLeft => new Known(Holds.JumpBits, value.Of),
            (Code.VEX_Shrx_r32_rm32_r32, Holds.JumpBits) when by == _jumpRight => new Known(Holds.JumpOffset, value.Of),
            (Code.VEX_Shlx_r32_rm32_r32, Holds.Word) when by == AlignmentShift => new Known(Holds.AlignmentTest, value.Of),
            (Code.VEX_Shlx_r32_rm32_r32, _) when by == ControlShift && !value.IsHostAddress && !IsReserved(NumberOf(i.Op1Register)) =>
                new Known(Holds.LowByteClear),
            _ => null,
        };
    }

    private Known? Lea(in Instruction i, VerifierState state)
    {
        int at = i.MemoryBase == Register.None ? -1 : NumberOf(i.MemoryBase);
        long displacement = (long)i.MemoryDisplacement64;
        bool wide = i.Code == Code.Lea_r64_m;
        if (at == R12 && wide && i.MemoryIndex == Register.None)
        {
            bool spends = NumberOf(i.Op0Register) == R12;
            if (displacement is < 0 and >= -MostSpent)
                return new Known(spends ? Holds.Unknown : Holds.BudgetLeft);
            return null;
        }

        if (at < 0 || NumberOf(i.Op0Register) == R12)
            return null;
        var first = state[at];
        if (i.Code == Code.Lea_r32_m && i.MemoryIndex == Register.None && first.Holds == Holds.LowByteClear && displacement == EveryMask)
            return new Known(Holds.MaskedControl);
        if (i.MemoryIndex == Register.None)
            return wide && first.Holds == Holds.Divisor && displacement == 1 ? first with { Holds = Holds.DivisorPlusOne } : null;
        if (i.MemoryIndexScale != 1)
            return null;
        var second = state[NumberOf(i.MemoryIndex)];
        return Sum(first, second, displacement, wide, i) ?? Sum(second, first, displacement, wide, i);
    }

    private static Known? Sum(Known a, Known b, long displacement, bool wide, in Instruction i)
    {
        if (i.Code is not (Code.Lea_r32_m or Code.Lea_r64_m))
            return null;
        return (wide, a.Holds, b.Holds, displacement) switch
        {
            (false, Holds.PageNumber, Holds.PageNumber, 0) when a.Of == b.Of => a with { Holds = Holds.TlbIndex },
            (false, Holds.NotTag, Holds.Word, >= 1 and <= MostBytes) when a.Of == b.Of =>
                a with { Holds = Holds.Distance, Size = (int)displacement },
            (false, Holds.Turned, Holds.Word, 0) when a.Of == b.Of => a with { Holds = Holds.Mixed },
            (false, Holds.NotEntryEip, Holds.Word, 1) when a.Of == b.Of => a with { Holds = Holds.EipDifference },
            (false, Holds.NotEntryKey, Holds.CurrentKey, 1) => a with { Holds = Holds.KeyDifference },
            (true, Holds.JumpOffset, Holds.JumpTable, 0) => a with { Holds = Holds.JumpEntry },
            (true, Holds.KeyDifference, Holds.EipDifference, 0) when a.Of == b.Of => a with { Holds = Holds.HitTest },
            (true, Holds.Attention, Holds.BudgetTest, 0) => new Known(Holds.AskTest),
            (true, Holds.AskTest, Holds.Away, 0) => a with { Size = a.Size | b.Size },
            _ => null,
        };
    }

    /// <summary>MOV where it carries over more than a number: copies of a register, constants, pointers.</summary>
    private Known? Move(in Instruction i, VerifierState state, ref string? refused)
    {
        if (i.Op0Kind != OpKind.Register)
            return null;
        switch (i.Code)
        {
            case Code.Mov_r64_imm64:
                if (_context.RightsOf(i.Immediate64) == OpRights.None)
                    refused = "a constant that is not the address of an operation of this block";
                return new Known(Holds.ConstantOp, i.Immediate64);
            case Code.Mov_r32_imm32:
                return new Known(Holds.Word, Fresh(i), Constant: i.Immediate32);
            case Code.Mov_r32_rm32 or Code.Mov_rm32_r32 when i.Op1Kind == OpKind.Register && !IsReserved(NumberOf(i.Op1Register)):
                return state[NumberOf(i.Op1Register)] is { Holds: Holds.Word } word ? word : null;
            case Code.Mov_r64_rm64 or Code.Mov_rm64_r64 when i.Op1Kind == OpKind.Register && !IsReserved(NumberOf(i.Op1Register)):
                var copied = state[NumberOf(i.Op1Register)];
                return copied.IsHostAddress ? null : copied;
            default:
                return null;
        }
    }

    private static bool IsSafeDivision(in Instruction i, VerifierState state, Compared compared)
    {
        if (i.Op0Kind != OpKind.Register)
            return false;
        int by = NumberOf(i.Op0Register);
        return i.Code switch
        {
            Code.Div_rm32 => compared == Compared.HighIsBelow && state.ComparedWith == by,
            Code.Idiv_rm64 => compared == Compared.SignExtended && state[by].Holds == Holds.Divisor && state.IsProven(state[by]),
            _ => false,
        };
    }

    private static void Compare(in Instruction i, VerifierState state, Known divisor)
    {
        if (divisor.Holds == Holds.DivisorPlusOne)
        {
            state.Compared = Compared.DivisorPlusOne;
            state.ComparedOf = divisor.Of;
        }
        else if (i.Code is Code.Cmp_rm32_r32 or Code.Cmp_r32_rm32 && i.Op0Register == Register.EDX && i.Op1Kind == OpKind.Register)
        {
            state.Compared = Compared.High;
            state.ComparedWith = NumberOf(i.Op1Register);
        }
    }

    /// <summary>Changes a register.</summary>
    private static string? Set(VerifierState state, int register, Known value)
    {
        if (IsReserved(register))
            return "changes a register that has to keep its value";
        if (value.IsHostAddress && register is not (R8 or R10 or R11))
            return "a host address in a register of the Guest";
        state[register] = value;
        return null;
    }

    private static bool IsReserved(int register) => register is Rsp or R9 or R12 or R13 or R14;

    /// <summary>Names the word that an instruction makes.</summary>
    private static ulong Fresh(in Instruction i) => i.IP;
}
