// FOP, the last opcode, is kept for emulators of the coprocessor that want to know what failed. Decoded instructions have lost their bytes,
// so the 11 bits are put together again from what they were decoded into.
using Iced.Intel;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>The 11 bits of FOP: low three of the first opcode byte, then ModR/M (Intel SDM vol. 1, 8.1.9).</summary>
internal static class X87Opcode
{
    private const uint SibFollows = 4;

    /// <summary>For an instruction without memory operand; the register is in the low three bits of ModR/M.</summary>
    public static uint OfRegisterForm(Code code, uint register)
    {
        uint opcode = code.ToOpCode().OpCode;
        return opcode > 0xFF ? ((opcode & 0x700) | (opcode & 0xF8) | ((opcode & 7) + register)) : 0;
    }

    /// <summary>For an instruction with a memory operand, as an assembler would have encoded it.</summary>
    public static uint OfMemoryForm(in Instruction instruction)
    {
        OpCodeInfo info = instruction.Code.ToOpCode();
        uint group = info.GroupIndex >= 0 ? (uint)info.GroupIndex : 0;
        uint mod = instruction.MemoryDisplSize switch { 0 => 0u, 1 => 1, _ => 2 };
        bool plain = instruction.MemoryIndex == Register.None && instruction.MemoryBase != Register.ESP;
        uint rm = !plain ? SibFollows : instruction.MemoryBase == Register.None ? 5u : (uint)(instruction.MemoryBase - Register.EAX);
        if (instruction.MemoryBase == Register.None)
            mod = 0;
        return ((info.OpCode & 7) << 8) | (mod << 6) | (group << 3) | (rm & 7);
    }
}
