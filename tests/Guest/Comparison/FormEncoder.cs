// An assembler would choose one canonical encoding of an instruction. Processors meet all the others too: a displacement of four bytes that
// would fit into one, a SIB byte that says nothing. So bytes are rolled here, from the opcode table's description of the form, and Iced's
// decoder says whether they are the form that was wanted.
using System.Buffers.Binary;
using Iced.Intel;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Rolls encodings of a form. One instance holds the bytes of the last one.</summary>
internal sealed class FormEncoder
{
    private const int LongestInstruction = 15;
    private const int Attempts = 40;

    private readonly Dice _dice;
    private readonly byte[] _bytes = new byte[LongestInstruction];
    private readonly ByteArrayCodeReader _reader;
    private readonly Decoder _decoder;

    public FormEncoder(Dice dice)
    {
        _dice = dice;
        _reader = new ByteArrayCodeReader(_bytes);
        _decoder = Decoder.Create(32, _reader);
    }

    /// <summary>The last encoding; immediates and displacements may be rewritten in place, then <see cref="Decode"/> reads it
    /// again.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>Rolls bytes until they decode to <paramref name="form"/>.</summary>
    public bool TryEncode(InstructionForm form, uint address, out Instruction instruction, out ConstantOffsets constants)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Roll(form);
            instruction = Decode(address);
            constants = _decoder.GetConstantOffsets(instruction);
            if (instruction.Code == form.Code) return true;
        }
        instruction = default;
        constants = default;
        return false;
    }

    public Instruction Decode(uint address)
    {
        _reader.Position = 0;
        _decoder.IP = address;
        _decoder.Decode(out var instruction);
        return instruction;
    }

    private void Roll(InstructionForm form)
    {
        var info = form.Info;
        int at = 0;
        var (modRm, registerOnly, memoryOnly, opcodeRegister) = Shape(info);
        int mod = memoryOnly ? _dice.Below(3) : registerOnly ? 3 : _dice.Percent(45) ? 3 : _dice.Below(3);
        bool hasMemory = (modRm && mod != 3) || HasImplicitMemory(info);

        if (hasMemory && _dice.Percent(12)) _bytes[at++] = _dice.Pick<byte>([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65]);
        if (info.AddressSize == 16 || (info.AddressSize != 32 && hasMemory && _dice.Percent(8))) _bytes[at++] = 0x67;
        if (info.OperandSize == 16) _bytes[at++] = 0x66;
        if (info.CanUseLockPrefix && modRm && mod != 3 && _dice.Percent(15)) _bytes[at++] = 0xf0;
        if (info.CanUseRepPrefix && _dice.Percent(50)) _bytes[at++] = 0xf3;
        else if (info.CanUseRepnePrefix && form.Family == Family.Strings && _dice.Percent(50)) _bytes[at++] = 0xf2;
        switch (info.MandatoryPrefix)
        {
            case MandatoryPrefix.P66: _bytes[at++] = 0x66; break;
            case MandatoryPrefix.PF3: _bytes[at++] = 0xf3; break;
            case MandatoryPrefix.PF2: _bytes[at++] = 0xf2; break;
        }
        switch (info.Table)
        {
            case OpCodeTableKind.T0F: _bytes[at++] = 0x0f; break;
            case OpCodeTableKind.T0F38: _bytes[at++] = 0x0f; _bytes[at++] = 0x38; break;
            case OpCodeTableKind.T0F3A: _bytes[at++] = 0x0f; _bytes[at++] = 0x3a; break;
        }
        if (info.OpCodeLength == 2) _bytes[at++] = (byte)(info.OpCode >> 8);
        _bytes[at++] = (byte)(info.OpCode + (opcodeRegister ? (uint)_dice.Below(8) : 0));
        if (modRm)
        {
            int reg = info.IsGroup ? info.GroupIndex : _dice.Below(8);
            int rm = info.IsRmGroup ? info.RmGroupIndex : _dice.Below(8);
            _bytes[at++] = (byte)((mod << 6) | (reg << 3) | rm);
        }
        _dice.Fill(_bytes.AsSpan(at));
    }

    private static bool HasImplicitMemory(OpCodeInfo info)
    {
        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) is OpCodeOperandKind.seg_rSI or OpCodeOperandKind.es_rDI or OpCodeOperandKind.seg_rDI
                or OpCodeOperandKind.seg_rBX_al or OpCodeOperandKind.mem_offs)
                return true;
        }
        return false;
    }

    private static (bool ModRm, bool RegisterOnly, bool MemoryOnly, bool OpcodeRegister) Shape(OpCodeInfo info)
    {
        bool modRm = info.IsGroup || info.IsRmGroup;
        var (registerOnly, memoryOnly, opcodeRegister) = (false, false, false);
        for (int i = 0; i < info.OpCount; i++)
        {
            switch (info.GetOpKind(i))
            {
                case OpCodeOperandKind.mem:
                    (modRm, memoryOnly) = (true, true);
                    break;
                case OpCodeOperandKind.r16_rm or OpCodeOperandKind.r32_rm or OpCodeOperandKind.mm_rm or OpCodeOperandKind.xmm_rm:
                    (modRm, registerOnly) = (true, true);
                    break;
                case OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem
                    or OpCodeOperandKind.mm_or_mem
                    or OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.r8_reg or OpCodeOperandKind.r16_reg
                        or OpCodeOperandKind.r16_reg_mem
                    or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_reg_mem or OpCodeOperandKind.seg_reg or OpCodeOperandKind.mm_reg
                    or OpCodeOperandKind.xmm_reg or OpCodeOperandKind.cr_reg or OpCodeOperandKind.dr_reg:
                    modRm = true;
                    break;
                case OpCodeOperandKind.r8_opcode or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r32_opcode
                    or OpCodeOperandKind.sti_opcode:
                    opcodeRegister = true;
                    break;
            }
        }
        return (modRm && !opcodeRegister, registerOnly, memoryOnly, opcodeRegister);
    }

    /// <summary>Writes a constant of 1, 2 or 4 bytes into the encoding.</summary>
    public void Patch(int offset, int size, ulong value)
    {
        var at = _bytes.AsSpan(offset);
        switch (size)
        {
            case 1: at[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)value); break;
        }
    }
}
