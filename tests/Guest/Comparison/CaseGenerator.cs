// From a form to a case: an encoding, registers that make its addresses land where they should, a stack for those that use one, memory
// worth reading. Each instruction that needs more than chance to be interesting (a quotient that fits, a comparison that is equal, a
// selector that exists) has its few lines here.
using System.Buffers.Binary;
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using static Lguest.Guest.Tests.Comparison.CaseOperands;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Rolls cases of a form; the same dice give the same cases.</summary>
internal sealed unsafe class CaseGenerator
{
    private const int Eax = 0;
    private const int Ecx = 1;
    private const int Edx = 2;
    private const int Ebx = 3;
    private const int Esp = 4;
    private const int Ebp = 5;
    private const int Esi = 6;
    private const int Edi = 7;
    private const uint StatusFlags = 0x8d5;
    private const uint DirectionFlag = 0x400;
    private const uint IdentificationFlag = 0x20_0000;
    private const uint TrapFlag = 0x100;

    private readonly Dice _dice;
    private readonly FormEncoder _encoder;
    private readonly AddressBook _addresses;
    private readonly byte[] _patch = new byte[TestCaseLayout.PatchCapacity];
    private uint _codeAddress;

    public CaseGenerator(Dice dice)
    {
        _dice = dice;
        _encoder = new FormEncoder(dice);
        _addresses = new AddressBook(dice);
    }

    /// <summary>Rolls one case; false if none came of it: no encoding was found, or one that had better not be run.</summary>
    public bool TryMake(InstructionForm form, out TestCase made, out Instruction instruction)
    {
        made = default;
        _codeAddress = RollCodeAddress(form);
        if (!_encoder.TryEncode(form, _codeAddress, out instruction, out var constants)) return false;

        RollState(ref made, form);
        RollImmediates(instruction, constants);
        instruction = _encoder.Decode(_codeAddress);
        if (instruction.Code != form.Code) return false;
        PrepareRegisters(ref made, instruction);
        if (instruction.IsStackInstruction || form.Family is Family.Segments) PrepareStack(ref made, instruction);
        if (instruction.IsStringInstruction) PrepareString(ref made, instruction);
        PrepareMemory(ref made, ref instruction, constants);
        if (IsSplitLock(made, instruction) || made.Gpr[Esp] - Sandbox.Oracle < Sandbox.OracleSize) return false;
        CaseBuilder.SetCode(ref made, _encoder.Bytes[..instruction.Length], _codeAddress);
        return true;
    }

    private uint RollCodeAddress(InstructionForm form) => _dice.Below(100) switch
    {
        < 6 => Sandbox.Code + Sandbox.PageSize - (uint)_dice.Below(16),
        < 8 when form.Family != Family.Branches => Sandbox.CodeEnd - 1 - (uint)_dice.Below(12),
        _ => Sandbox.Code + 0x400 + (uint)_dice.Below(0x200),
    };

    private void RollState(ref TestCase made, InstructionForm form)
    {
        made.PatchAddress = Sandbox.Data;
        made.Eflags = CaseBuilder.BaseFlags | (_dice.Word() & StatusFlags);
        if (_dice.Percent(25)) made.Eflags |= DirectionFlag;
        if (_dice.Percent(10)) made.Eflags |= IdentificationFlag;
        made.Ds = RollSegment(Sandbox.FlatSelector);
        made.Es = RollSegment(Sandbox.FlatSelector);
        made.Fs = _dice.Percent(2) ? (ushort)0 : Sandbox.LimitedSelector;
        made.Gs = _dice.Percent(2) ? (ushort)0 : Sandbox.ExpandDownSelector;
        for (int i = 0; i < 8; i++) made.Gpr[i] = RollRegister();
        if (form.Family is not (Family.X87 or Family.Mmx or Family.Sse or Family.Sse2)) return;
        made.Options |= CaseOptions.Fx;
        fixed (byte* fx = made.Fx) FpuStates.Roll(_dice, new Span<byte>(fx, 512));
    }

    private ushort RollSegment(ushort usual) => _dice.Below(100) switch { < 2 => Sandbox.ReadOnlySelector, < 3 => 0, _ => usual };

    private uint RollRegister() => _dice.Below(4) switch
    {
        0 => (uint)EdgeValues.Integer(_dice, 2) | ((uint)EdgeValues.Integer(_dice, 2) << 16),
        1 => (uint)EdgeValues.Integer(_dice, 1) | ((uint)EdgeValues.Integer(_dice, 1) << 8) | (_dice.Word() & 0xffff_0000),
        _ => (uint)EdgeValues.Integer(_dice, 4),
    };

    private void RollImmediates(in Instruction instruction, in ConstantOffsets constants)
    {
        if (constants.HasImmediate) _encoder.Patch(constants.ImmediateOffset, constants.ImmediateSize,
            RollImmediate(instruction, constants));
        if (constants.HasImmediate2)
        {
            ulong value = instruction.Op0Kind is OpKind.FarBranch16 or OpKind.FarBranch32 ? _addresses.CodeSelector()
                : EdgeValues.Integer(_dice, constants.ImmediateSize2);
            _encoder.Patch(constants.ImmediateOffset2, constants.ImmediateSize2, value);
        }
        if (constants.HasDisplacement && _dice.Percent(50))
            _encoder.Patch(constants.DisplacementOffset, constants.DisplacementSize, (ulong)(_dice.Below(256) - 128));
    }

    private ulong RollImmediate(in Instruction instruction, in ConstantOffsets constants)
    {
        byte size = constants.ImmediateSize;
        uint next = _codeAddress + (uint)instruction.Length;
        switch (instruction.Op0Kind)
        {
            case OpKind.NearBranch16:
            case OpKind.NearBranch32:
                if (size != 1) return _addresses.Target(_codeAddress, (uint)instruction.Length + 5) - next;
                // A short jump stays among the breakpoints: neither into itself nor into the jump after it, unless exactly there.
                int distance;
                do distance = _dice.Below(256) - 128;
                while (distance < 5 && distance > -instruction.Length - 1 && distance != 0);
                return (ulong)distance;
            case OpKind.FarBranch16:
            case OpKind.FarBranch32:
                return _addresses.Target(_codeAddress, (uint)instruction.Length + 5);
        }
        ulong value = EdgeValues.Integer(_dice, size);
        if (instruction.Mnemonic == Mnemonic.Int && value == 0x80) return 0x81; // the host kernel's system call
        if (instruction.Mnemonic is Mnemonic.Ret or Mnemonic.Retf) return value & 0x1ff;
        if (instruction.Code is Code.Shld_rm16_r16_imm8 or Code.Shrd_rm16_r16_imm8) return value % 17; // beyond the operand: undefined
        return value;
    }

    private void PrepareRegisters(ref TestCase made, in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Div or Mnemonic.Idiv when _dice.Percent(70):
                bool signed = i.Mnemonic == Mnemonic.Idiv;
                if (_dice.Percent(30)) made.Gpr[Edx] = (uint)_dice.Below(16);
                else made.Gpr[Edx] = signed ? (uint)((int)made.Gpr[Eax] >> 31) : 0;
                made.Gpr[Eax] = (made.Gpr[Eax] & ~0xff00u) | (signed && (made.Gpr[Eax] & 0x80) != 0 ? 0xff00u : 0u);
                break;
            case Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jcxz or Mnemonic.Jecxz when _dice.Percent(70):
                made.Gpr[Ecx] = _dice.Pick<uint>([0, 1, 2, 0x1_0000, 0x1_0001, 0xffff_0000]);
                break;
            case Mnemonic.Cmpxchg when i.Op0Kind == OpKind.Register && _dice.Percent(50):
                SetRegister(ref made, i.Op0Register.GetSize() switch { 1 => Register.AL, 2 => Register.AX, _ => Register.EAX },
                    ReadRegister(made, i.Op0Register));
                break;
            case Mnemonic.Shld or Mnemonic.Shrd when i.Op2Kind == OpKind.Register && i.Op1Register.GetSize() == 2:
                made.Gpr[Ecx] = (made.Gpr[Ecx] & ~0x1fu) | (uint)_dice.Below(17);
                break;
            case Mnemonic.Arpl or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw:
            case Mnemonic.Mov when i.Op0Register.IsSegmentRegister():
                var source = i.OpCount > 1 ? i.Op1Kind == OpKind.Register ? i.Op1Register : Register.None : i.Op0Kind == OpKind.Register
                    ? i.Op0Register : Register.None;
                if (source != Register.None) SetRegister(ref made, source.IsSegmentRegister() ? Register.AX : source, RollSelector(i));
                break;
        }
        if (i.FlowControl is FlowControl.IndirectBranch or FlowControl.IndirectCall && i.Op0Kind == OpKind.Register)
            SetRegister(ref made, i.Op0Register, _addresses.Target(_codeAddress, (uint)i.Length + 5));
    }

    private uint RollSelector(in Instruction i)
    {
        ushort selector = i.Op0Register == Register.SS ? _addresses.StackSelector() : _addresses.DataSelector();
        return selector | (_dice.Word() & 0xffff_0000);
    }

    private void PrepareStack(ref TestCase made, in Instruction i)
    {
        made.Gpr[Esp] = _addresses.Stack();
        made.Gpr[Ebp] = _addresses.Stack();
        int word = i.Code.ToOpCode().OperandSize == 16 ? 2 : 4;
        uint top = i.Mnemonic == Mnemonic.Leave ? made.Gpr[Ebp] : made.Gpr[Esp];
        var patch = _patch.AsSpan(0, 8 * word);
        for (int at = 0; at < patch.Length; at += word) Put(patch[at..], word, (uint)EdgeValues.Integer(_dice, word));
        uint target = _addresses.Target(_codeAddress, (uint)i.Length + 5);
        // Single steps may begin after an IRET, and the two landings differ in their first instructions.
        if (i.Mnemonic is Mnemonic.Iret or Mnemonic.Iretd && target == Sandbox.Landing) target = Sandbox.Code;
        switch (i.Mnemonic)
        {
            case Mnemonic.Ret:
                Put(patch, word, target);
                break;
            case Mnemonic.Retf:
            case Mnemonic.Iret:
            case Mnemonic.Iretd:
                Put(patch, word, target);
                Put(patch[word..], word, _addresses.CodeSelector());
                Put(patch[(2 * word)..], word, RollFlags());
                break;
            case Mnemonic.Popf:
            case Mnemonic.Popfd:
                Put(patch, word, RollFlags());
                break;
            case Mnemonic.Pop when i.Op0Kind == OpKind.Register && i.Op0Register.IsSegmentRegister():
                Put(patch, word, RollSelector(i));
                break;
        }
        SetPatch(ref made, top, patch);
    }

    /// <summary>Flags for the stack: whatever, but no alignment checks, which the oracle's own stack could not bear, and seldom single
    /// steps.</summary>
    private uint RollFlags()
    {
        const uint alignmentCheck = 0x4_0000;
        const uint nestedTask = 0x4000;
        return _dice.Word() & ~(alignmentCheck | nestedTask | (_dice.Percent(85) ? TrapFlag : 0));
    }

    private void PrepareString(ref TestCase made, in Instruction i)
    {
        made.Gpr[Esi] = _addresses.Operand(4, aligned: false) - AddressBook.BaseOf(SegmentOf(made, i.MemorySegment));
        made.Gpr[Edi] = _addresses.Operand(4, aligned: false);
        made.Gpr[Ecx] = _dice.Below(20) switch
        {
            0 => _dice.Word(),
            1 => 0,
            2 => (uint)_dice.Below(5000),
            _ => (uint)_dice.Below(24),
        };
        if (i.Mnemonic is not (Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Scasb or Mnemonic.Scasw
            or Mnemonic.Scasd)) return;
        // Equal stretches, so that repetitions go on for a while.
        var patch = _patch.AsSpan(0, 128);
        uint value = RollRegister();
        for (int at = 0; at < patch.Length; at += 4) Put(patch[at..], 4, value);
        if (_dice.Percent(70)) patch[_dice.Below(patch.Length)] ^= (byte)(1 << _dice.Below(8));
        if (_dice.Percent(80)) made.Gpr[Eax] = value;
        if (_dice.Percent(80)) made.Gpr[Edi] = Sandbox.Data + (uint)_dice.Below(0x1000);
        SetPatch(ref made, made.Gpr[Edi] - 32, patch);
        if (_dice.Percent(50)) made.Gpr[Esi] = made.Gpr[Edi] + 4 - AddressBook.BaseOf(SegmentOf(made, i.MemorySegment));
    }

    private void PrepareMemory(ref TestCase made, ref Instruction i, in ConstantOffsets constants)
    {
        if (i.Mnemonic is Mnemonic.Xlatb) made.Gpr[Ebx] = _addresses.Operand(1, false) - (made.Gpr[Eax] & 0xff) - AddressBook.BaseOf(
            SegmentOf(made, i.MemorySegment));
        if (i.Mnemonic is Mnemonic.Maskmovq or Mnemonic.Maskmovdqu)
        {
            made.Gpr[Edi] = _addresses.Operand(i.Mnemonic == Mnemonic.Maskmovq ? 8 : 16, false) - AddressBook.BaseOf(
                SegmentOf(made, i.MemorySegment));
            if ((ushort)made.Gpr[Edi] > 0xffe0) made.Gpr[Edi] -= 0x40; // with 16-bit addresses its two halves wrap each for itself
        }
        if (!HasMemoryOperand(i)) return;

        int size = Math.Max(1, i.MemorySize.GetSize());
        bool locked = i.HasLockPrefix || i.Mnemonic == Mnemonic.Xchg;
        uint target = _addresses.Operand(size, locked || _dice.Percent(size >= 16 ? 85 : 30));
        bool bitString = i.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && i.Op1Kind == OpKind.Register;
        if (bitString)
        {
            int bits = _dice.Below(8192) - 4096;
            SetRegister(ref made, i.Op1Register, (uint)bits);
            target -= (uint)(bits / (8 * size) * size);
        }
        Place(ref made, i, constants, target - AddressBook.BaseOf(SegmentOf(made, i.MemorySegment)));
        i = _encoder.Decode(_codeAddress);
        if (size > TestCaseLayout.PatchCapacity) return;

        var operand = _patch.AsSpan(0, size);
        OperandBytes.Roll(_dice, i.MemorySize, operand);
        switch (i.Mnemonic)
        {
            case Mnemonic.Cmpxchg when _dice.Percent(50):
                Put(operand, size, made.Gpr[Eax]);
                break;
            case Mnemonic.Cmpxchg8b when _dice.Percent(60):
                Put(operand, 4, made.Gpr[Eax]);
                Put(operand[4..], 4, made.Gpr[Edx]);
                break;
            case Mnemonic.Jmp or Mnemonic.Call:
                uint jump = _addresses.Target(_codeAddress, (uint)i.Length + 5);
                if (i.IsJmpFarIndirect || i.IsCallFarIndirect) OperandBytes.FarPointer(operand, jump, _addresses.CodeSelector());
                else Put(operand, size, jump);
                break;
            case Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lfs or Mnemonic.Lgs:
                OperandBytes.FarPointer(operand, RollRegister(), _addresses.DataSelector());
                break;
            case Mnemonic.Lss:
                OperandBytes.FarPointer(operand, RollRegister(), _addresses.StackSelector());
                break;
            case Mnemonic.Arpl or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw:
            case Mnemonic.Mov when i.Op0Register.IsSegmentRegister():
                Put(operand, Math.Min(size, 4), RollSelector(i));
                break;
            case Mnemonic.Push or Mnemonic.Pop when i.Op0Kind == OpKind.Memory && _dice.Percent(80):
            case Mnemonic.Bound when _dice.Percent(20):
                return;
            case Mnemonic.Bound:
                int half = size / 2;
                uint index = ReadRegister(made, i.Op0Register);
                Put(operand, half, index - (uint)_dice.Below(3) + 1);
                Put(operand[half..], half, index + (uint)_dice.Below(3) - 1);
                break;
        }
        if (i.IsStackInstruction && i.Mnemonic is not (Mnemonic.Call or Mnemonic.Push)) return;
        SetPatch(ref made, EffectiveAddress(made, i), operand);
    }

    /// <summary>A locked access over the edge of a cache line: hosts slow it down, forbid it, or under some hypervisors never finish
    /// it.</summary>
    private static bool IsSplitLock(in TestCase made, in Instruction i)
    {
        const uint line = 64;
        if (!HasMemoryOperand(i) || !(i.HasLockPrefix || i.Mnemonic == Mnemonic.Xchg)) return false;
        return (EffectiveAddress(made, i) & (line - 1)) + (uint)i.MemorySize.GetSize() > line;
    }

    private static bool HasMemoryOperand(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) == OpKind.Memory) return i.Mnemonic != Mnemonic.Xlatb;
        }
        return false;
    }

    /// <summary>Gives base register, index register or displacement the value that makes the operand's offset come out as wanted.</summary>
    private void Place(ref TestCase made, in Instruction i, in ConstantOffsets constants, uint offset)
    {
        var (basis, index) = (i.MemoryBase, i.MemoryIndex);
        uint displacement = i.MemoryDisplacement32;
        bool narrow = basis.GetSize() == 2 || index.GetSize() == 2 || i.MemoryDisplSize == 2;
        if (basis == Register.None && index == Register.None)
        {
            _encoder.Patch(constants.DisplacementOffset, constants.DisplacementSize, offset);
            return;
        }
        if (basis == Register.ESP && i.IsStackInstruction)
        {
            // A stack pointer far from the sandbox must not be pushed through.
            if (index != Register.None) SetRegister(ref made, index, (uint)_dice.Below(8));
            if (constants.DisplacementSize == 4)
            {
                displacement = (uint)(_dice.Below(128) - 64);
                _encoder.Patch(constants.DisplacementOffset, 4, displacement);
            }
        }
        uint scaled = index == Register.None ? 0 : ReadRegister(made, index) * (uint)i.MemoryIndexScale;
        if (basis == Register.None)
        {
            _encoder.Patch(constants.DisplacementOffset, constants.DisplacementSize, offset - scaled);
        }
        else if (basis == index)
        {
            uint rest = offset - displacement;
            SetRegister(ref made, basis, i.MemoryIndexScale == 1 ? rest / 2 : rest * Inverse((uint)i.MemoryIndexScale + 1));
        }
        else
        {
            uint value = offset - displacement - scaled;
            SetRegister(ref made, basis, narrow ? value & 0xffff : value);
        }
    }

    /// <summary>The inverse of an odd number modulo 2^32, by Newton's iteration.</summary>
    private static uint Inverse(uint odd)
    {
        uint inverse = odd;
        for (int n = 0; n < 4; n++) inverse *= 2 - (odd * inverse);
        return inverse;
    }

    private static void Put(Span<byte> at, int size, uint value)
    {
        switch (size)
        {
            case 1: at[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value); break;
            default: BinaryPrimitives.WriteUInt32LittleEndian(at, value); break;
        }
    }

    /// <summary>Lays bytes at an address as far as the writable pages reach.</summary>
    private static void SetPatch(ref TestCase made, uint address, ReadOnlySpan<byte> bytes)
    {
        uint skip = address < Sandbox.Data ? Sandbox.Data - address : 0;
        if (skip >= bytes.Length || address + skip >= Sandbox.ReadOnly) return;
        uint length = Math.Min((uint)bytes.Length - skip, Sandbox.ReadOnly - address - skip);
        CaseBuilder.SetPatch(ref made, address + skip, bytes.Slice((int)skip, (int)length));
    }
}
