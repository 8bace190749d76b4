// Single instructions always find their flags freshly loaded. In a program they find what the instruction before has left, and the core
// keeps that in a lazy form, so the ways in which one instruction's leavings meet the next one's needs want a comparison of their own.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Rolls short sequences of register instructions in which no instruction reads a flag that is undefined at that point.</summary>
internal sealed unsafe class SequenceGenerator
{
    private const uint Address = Sandbox.Code + 0x200;
    private const int JumpLength = 5;
    private const int Attempts = 60;

    private readonly Dice _dice;
    private readonly FormEncoder _encoder;
    private readonly InstructionForm[] _forms = [.. InstructionForm.All.Where(IsSuitable)];

    public SequenceGenerator(Dice dice)
    {
        _dice = dice;
        _encoder = new FormEncoder(dice);
    }

    /// <summary>A case of several instructions; <paramref name="undefined"/> gets the EFLAGS bits that are open at its end.</summary>
    public TestCase Make(out uint undefined)
    {
        Span<byte> code = stackalloc byte[TestCaseLayout.CodeCapacity - JumpLength];
        int length = 0;
        undefined = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var form = _forms[_dice.Below(_forms.Length)];
            if (!_encoder.TryEncode(form, Address + (uint)length, out var instruction, out _) || !IsRegisterOnly(instruction)) continue;
            if (length + instruction.Length > code.Length) break;
            if ((StatusFlags.FromIced(instruction.RflagsRead) & undefined) != 0) continue;
            undefined &= ~StatusFlags.FromIced(instruction.RflagsModified);
            undefined |= StatusFlags.FromIced(instruction.RflagsUndefined);
            _encoder.Bytes[..instruction.Length].CopyTo(code[length..]);
            length += instruction.Length;
        }
        var made = CaseBuilder.Create(code[..length], Address);
        made.Eflags |= _dice.Word() & StatusFlags.All;
        for (int i = 0; i < 8; i++) made.Gpr[i] = (uint)EdgeValues.Integer(_dice, 4);
        return made;
    }

    /// <summary>Nothing that faults on some vendor's processors, branches, pushes or shifts by a count known only when it runs: then its
    /// undefined flags are known too.</summary>
    private static bool IsSuitable(InstructionForm form)
    {
        if (form.Family != Family.Integer || !form.IsImplemented) return false;
        if (form.Code is Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D) return false;
        if (form.Code.Mnemonic() is Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Aam or Mnemonic.Bound or Mnemonic.Wait or Mnemonic.Shld
            or Mnemonic.Shrd
            or Mnemonic.Bsf or Mnemonic.Bsr or Mnemonic.Ud0 or Mnemonic.Ud1 or Mnemonic.Ud2 or Mnemonic.Cmpxchg8b or Mnemonic.Std)
            return false;
        if (form.Code.Mnemonic() is not (Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror
            or Mnemonic.Rcl or Mnemonic.Rcr))
            return true;
        return form.Info.GetOpKind(1) == OpCodeOperandKind.imm8_const_1;
    }

    private static bool IsRegisterOnly(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is not (OpKind.Register or OpKind.Immediate8 or OpKind.Immediate16 or OpKind.Immediate32
                or OpKind.Immediate8to16
                or OpKind.Immediate8to32))
                return false;
        }
        return instruction.Mnemonic != Mnemonic.Xlatb;
    }
}
