// Reading and writing a case by Iced's names: registers of every width, segments, and the linear address that an operand comes to.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>A case as the instruction sees it.</summary>
internal static unsafe class CaseOperands
{
    /// <summary>Linear address of the explicit memory operand.</summary>
    public static uint EffectiveAddress(in TestCase made, in Instruction i)
    {
        uint offset = i.MemoryDisplacement32;
        if (i.MemoryBase != Register.None) offset += ReadRegister(made, i.MemoryBase);
        if (i.MemoryIndex != Register.None) offset += ReadRegister(made, i.MemoryIndex) * (uint)i.MemoryIndexScale;
        bool narrow = i.MemoryBase.GetSize() == 2 || i.MemoryIndex.GetSize() == 2 || i.MemoryDisplSize == 2;
        return (narrow ? offset & 0xffff : offset) + AddressBook.BaseOf(SegmentOf(made, i.MemorySegment));
    }

    public static ushort SegmentOf(in TestCase made, Register segment) => segment switch
    {
        Register.DS => made.Ds,
        Register.ES => made.Es,
        Register.FS => made.Fs,
        Register.GS => made.Gs,
        _ => Sandbox.FlatSelector,
    };

    public static uint ReadRegister(in TestCase made, Register register)
    {
        uint value = made.Gpr[register.GetFullRegister32().GetNumber()];
        return register.GetSize() switch
        {
            1 => register is Register.AH or Register.BH or Register.CH or Register.DH ? (value >> 8) & 0xff : value & 0xff,
            2 => value & 0xffff,
            _ => value,
        };
    }

    public static void SetRegister(ref TestCase made, Register register, uint value)
    {
        ref uint full = ref made.Gpr[register.GetFullRegister32().GetNumber()];
        full = register.GetSize() switch
        {
            1 => register is Register.AH or Register.BH or Register.CH or Register.DH ? (full & ~0xff00u) | ((value & 0xff) << 8)
                : (full & ~0xffu) | (value & 0xff),
            2 => (full & ~0xffffu) | (value & 0xffff),
            _ => value,
        };
    }
}
