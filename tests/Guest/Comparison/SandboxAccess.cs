// Which exception an access of the sandbox ends in: for rows of the table of differences that are about the order of two accesses.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>The rights that segments and pages of <see cref="Sandbox"/> give (Intel SDM vol. 3, 5.3 and 4.6).</summary>
internal static class SandboxAccess
{
    private const int GeneralProtection = 13;
    private const int PageFault = 14;
    private const uint Present = 1;
    private const uint Writing = 2;
    private const uint User = 4;

    /// <summary>The exception of a read in ring 3, or null.</summary>
    public static (int Trap, uint Error, uint Address)? Read(ushort selector, uint offset, uint length)
    {
        if (!IsWithinLimit(selector, offset, length)) return (GeneralProtection, 0, 0);
        uint linear = offset + AddressBook.BaseOf(selector);
        if (linear - Sandbox.Data >= Sandbox.ImageSize) return (PageFault, User, linear);
        return linear + length > Sandbox.DataEnd ? (PageFault, User, Sandbox.DataEnd) : null;
    }

    /// <summary>The exception of a write of an instruction's memory operand in ring 3, or null.</summary>
    public static (int Trap, uint Error, uint Address)? Write(in TestCase given, in Instruction i)
    {
        ushort selector = CaseOperands.SegmentOf(given, i.MemorySegment);
        return i.MemorySegment == Register.CS
            ? (GeneralProtection, 0, 0)
            : Write(selector, CaseOperands.EffectiveAddress(given, i) - AddressBook.BaseOf(selector), (uint)i.MemorySize.GetSize());
    }

    /// <summary>The exception of a write in ring 3, or null.</summary>
    public static (int Trap, uint Error, uint Address)? Write(ushort selector, uint offset, uint length)
    {
        if (selector == Sandbox.ReadOnlySelector || !IsWithinLimit(selector, offset, length)) return (GeneralProtection, 0, 0);
        uint linear = offset + AddressBook.BaseOf(selector);
        if (linear - Sandbox.Data >= Sandbox.WritableSize) return (PageFault,
            User | Writing | (linear - Sandbox.ReadOnly < Sandbox.PageSize ? Present : 0), linear);
        return linear + length > Sandbox.ReadOnly ? (PageFault, User | Writing | Present, Sandbox.ReadOnly) : null;
    }

    private static bool IsWithinLimit(ushort selector, uint offset, uint length) => selector switch
    {
        <= 3 => false,
        Sandbox.LimitedSelector => offset + (ulong)length - 1 <= Sandbox.LimitedLimit,
        Sandbox.ExpandDownSelector => offset > Sandbox.ExpandDownLimit,
        _ => true,
    };
}
