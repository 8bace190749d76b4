// Emitted code is right when nobody can tell it from the interpreter, whatever the program and wherever it is interrupted. So programs are
// rolled here that nobody would write: every instruction form the core has, in any order, with branches among them, mostly on memory that
// is there, and sometimes on memory that is not. Some of them write into their own code.
using Iced.Intel;
using Lguest.Guest.Tests.Comparison;
using Lguest.Guest.Tests.Cpu;

namespace Lguest.Guest.Tests.Translator;

/// <summary>Rolls programs of some dozen instructions.</summary>
internal sealed class ProgramGenerator
{
    /// <summary>Where EBX points in a program: half way into the data that most memory operands reach.</summary>
    public const uint DataAt = 0x4_0800;

    private const int MostInstructions = 60;
    /// <summary>Bytes that operands reach, half of them in front of EBX.</summary>
    private const int Reach = 0x1100;

    /// <summary>Bytes that most operands of one program reach.</summary>
    private const int Near = 72;
    /// <summary>Bytes that most programs are long.</summary>
    private const int CodeReach = 0x140;
    private const int FirstIp = 0x1000_0000;
    private const int IpStep = 16;

    private static readonly Code[] _conditional =
    [
        Code.Jo_rel32_32, Code.Jno_rel32_32, Code.Jb_rel32_32, Code.Jae_rel32_32, Code.Je_rel32_32, Code.Jne_rel32_32, Code.Jbe_rel32_32,
        Code.Ja_rel32_32, Code.Js_rel32_32, Code.Jns_rel32_32, Code.Jp_rel32_32, Code.Jnp_rel32_32, Code.Jl_rel32_32, Code.Jge_rel32_32,
        Code.Jle_rel32_32, Code.Jg_rel32_32,
    ];

    private readonly Dice _dice;
    private readonly FormEncoder _encoder;
    private readonly InstructionForm[] _common;
    private readonly InstructionForm[] _all;
    private readonly InstructionForm[] _units;
    private int _near;
    private int _unitShare;
    private int _codeShare;
    private Family _family;

    public ProgramGenerator(Dice dice)
    {
        _dice = dice;
        _encoder = new FormEncoder(dice);
        _all = [.. InstructionForm.All.Where(form => form.IsImplemented && form.Family is not (Family.Privileged or Family.Segments)
            && form.Code.FlowControl() == FlowControl.Next && form.Code.Mnemonic() is not (Mnemonic.Popfd or Mnemonic.Popf))];
        _common = [.. _all.Where(form => form.Family is Family.Integer or Family.Stack)];
        _units = [.. _all.Where(form => form.Family is Family.X87 or Family.Mmx or Family.Sse or Family.Sse2)];
    }

    /// <summary>The bytes of a program that begins at <see cref="TestMachine.CodeAt"/>; <paramref name="instructions"/> gets the offsets of
    /// its instructions.</summary>
    public byte[] Make(out uint[] instructions)
    {
        int count = 4 + _dice.Below(MostInstructions);
        _near = _dice.Below(Reach) - (Reach / 2);
        _unitShare = _dice.Pick<int>([0, 0, 30, 80]);
        _codeShare = _dice.Pick<int>([0, 0, 0, 0, 3, 12]);
        _family = _dice.Pick<Family>([Family.X87, Family.X87, Family.Mmx, Family.Sse, Family.Sse2]);
        var program = new List<Instruction>(count + 1);
        while (program.Count < count)
        {
            var instruction = _dice.Percent(12) ? Branch(count, program.Count) : Ordinary();
            instruction.IP = (ulong)(FirstIp + (program.Count * IpStep));
            if (IsEncodable(instruction))
                program.Add(instruction);
        }

        var end = Instruction.Create(Code.Ud2);
        end.IP = (ulong)(FirstIp + (count * IpStep));
        program.Add(end);
        var writer = new ByteWriter();
        var block = new InstructionBlock(writer, program, TestMachine.CodeAt);
        BlockEncoder.TryEncode(32, block, out string? problem, out var result, BlockEncoderOptions.ReturnNewInstructionOffsets)
            .ShouldBeTrue(problem);
        instructions = result.NewInstructionOffsets;
        return [.. writer.Bytes];
    }

    /// <summary>To anywhere; often a little way back, which makes a loop.</summary>
    private Instruction Branch(int count, int at)
    {
        ulong target = (ulong)(FirstIp + ((_dice.Percent(30) ? at - _dice.Below(Math.Min(at + 1, 10)) : _dice.Below(count + 1)) * IpStep));
        return _dice.Below(10) switch
        {
            0 => Instruction.CreateBranch(Code.Jmp_rel32_32, target),
            1 => Instruction.CreateBranch(Code.Call_rel32_32, target),
            2 => Instruction.CreateBranch(Code.Loop_rel8_32_ECX, target),
            3 => Instruction.CreateBranch(Code.Jecxz_rel8_32, target),
            4 => Instruction.Create(Code.Retnd),
            _ => Instruction.CreateBranch(_dice.Pick<Code>(_conditional), target),
        };
    }

    private Instruction Ordinary()
    {
        while (true)
        {
            var forms = _dice.Percent(_unitShare) ? _units : _dice.Percent(85) ? _common : _all;
            var form = forms[_dice.Below(forms.Length)];
            // Most programs keep to one register file; and whole states are loaded rarely, for they end what came of all before.
            if (forms == _units && ((form.Family != _family && _dice.Percent(80)) || (IsRare(form.Code) && _dice.Percent(90))))
                continue;
            if (!_encoder.TryEncode(form, TestMachine.CodeAt, out var instruction, out _))
                continue;
            if (!_dice.Percent(3))
            {
                if (instruction.OpCount > 0 && instruction.Op0Kind == OpKind.Register && IsPointer(instruction.Op0Register))
                    continue;
                if (instruction.Mnemonic is Mnemonic.Leave or Mnemonic.Enter or Mnemonic.Popa or Mnemonic.Popad)
                    continue;
                Tame(ref instruction);
            }

            if (_idlePrefixed.Contains(instruction.Mnemonic) && _dice.Percent(5))
                instruction.HasRepPrefix = true;
            return instruction;
        }
    }

    /// <summary>Before these a prefix that repeats is idle in every opcode that they have.</summary>
    private static readonly HashSet<Mnemonic> _idlePrefixed =
    [
        Mnemonic.Add, Mnemonic.Sub, Mnemonic.Xor, Mnemonic.Cmp, Mnemonic.Mov, Mnemonic.Lea, Mnemonic.Inc, Mnemonic.Shl, Mnemonic.Imul,
        Mnemonic.Bsf, Mnemonic.Bsr, Mnemonic.Cmove, Mnemonic.Setb, Mnemonic.Movzx, Mnemonic.Bswap, Mnemonic.Push, Mnemonic.Pop,
    ];

    private static bool IsRare(Code code) => code.Mnemonic() is Mnemonic.Fldenv or Mnemonic.Frstor or Mnemonic.Fnsave or Mnemonic.Fxrstor
        or Mnemonic.Fninit or Mnemonic.Ldmxcsr or Mnemonic.Fldcw;

    private static bool IsPointer(Register register) =>
        register.IsGPR() && register.GetFullRegister32() is Register.EBX or Register.ESP or Register.BH or Register.BL;

    /// <summary>Lets a memory operand reach memory that is there; most operands of a program are close together, as they are in a
    /// structure.</summary>
    private void Tame(ref Instruction instruction)
    {
        for (int k = 0; k < instruction.OpCount; k++)
        {
            if (instruction.GetOpKind(k) != OpKind.Memory || instruction.MemoryBase is >= Register.AX and <= Register.DI)
                continue;
            bool toCode = _dice.Percent(_codeShare);
            instruction.MemoryBase = toCode ? Register.None : Register.EBX;
            instruction.MemoryIndex = Register.None;
            int displacement = toCode ? (int)TestMachine.CodeAt + _dice.Below(CodeReach)
                : _dice.Percent(60) ? _near + _dice.Below(Near) : _dice.Below(Reach) - (Reach / 2);
            if (instruction.MemorySize.GetSize() == 16 && _dice.Percent(90))
                displacement &= ~15;
            instruction.MemoryDisplacement64 = (ulong)(uint)displacement;
            instruction.MemoryDisplSize = 4;
            if (instruction.SegmentPrefix is Register.FS or Register.GS or Register.CS)
                instruction.SegmentPrefix = Register.None;
        }
    }

    private static bool IsEncodable(Instruction instruction)
    {
        if (instruction.IsJccShortOrNear || instruction.FlowControl != FlowControl.Next)
            return true;
        return Encoder.Create(32, new ByteWriter()).TryEncode(instruction, TestMachine.CodeAt, out _, out _);
    }

    private sealed class ByteWriter : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
