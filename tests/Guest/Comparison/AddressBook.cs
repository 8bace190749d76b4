// Where operands, stacks and jumps go: mostly into ordinary memory, often enough over a page's edge, into the read-only page, into nothing.
// Never anywhere else: the oracle's child lives in the same address space as the cases that it runs.
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Rolls linear addresses and selectors.</summary>
internal sealed class AddressBook(Dice dice)
{
    /// <summary>Selectors that a data segment register may be loaded with, and some that it may not (null, kernel's, beyond the table,
    /// local).</summary>
    private static readonly ushort[] _dataSelectors =
    [
        Sandbox.FlatSelector, Sandbox.FlatSelector, Sandbox.FlatSelector, Sandbox.CodeSelector, Sandbox.LimitedSelector,
            Sandbox.ExpandDownSelector,
        Sandbox.ReadOnlySelector, 0, 3, 0x28, 0x20, 0x10, 0x18, 0x1b, 0x83, 0xfff8, 0x2c, 0x2f,
    ];

    /// <summary>An operand of <paramref name="size"/> bytes.</summary>
    public uint Operand(int size, bool aligned)
    {
        uint address = dice.Below(100) switch
        {
            < 72 => Sandbox.Data + (uint)dice.Below((int)Sandbox.WritableSize - size),
            < 84 => Sandbox.Data + Sandbox.PageSize - (uint)dice.Below(size + 1),
            < 88 => Sandbox.ReadOnly - (uint)dice.Below(size + 1),
            < 91 => Sandbox.ReadOnly + (uint)dice.Below((int)Sandbox.PageSize - size),
            < 94 => Sandbox.DataEnd - (uint)dice.Below(size + 1),
            < 97 => Sandbox.Data - (uint)dice.Below(size + 1),
            _ => Nowhere(),
        };
        uint alignment = Math.Min(16u, (uint)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 1)));
        return aligned ? address & ~(alignment - 1) : address;
    }

    /// <summary>A stack pointer with room on both sides, or one that is about to run out.</summary>
    public uint Stack()
    {
        uint address = dice.Below(100) switch
        {
            < 78 => Sandbox.Data + 0x200 + (uint)dice.Below(0x1c00),
            < 84 => Sandbox.Data + Sandbox.PageSize + (uint)dice.Below(40) - 20,
            < 88 => Sandbox.Data + (uint)dice.Below(40),
            < 92 => Sandbox.ReadOnly - (uint)dice.Below(40),
            < 95 => Sandbox.ReadOnly + (uint)dice.Below(80),
            < 98 => Sandbox.DataEnd - (uint)dice.Below(40),
            _ => Sandbox.DataEnd + 0x4000,
        };
        return dice.Percent(80) ? address & ~3u : address;
    }

    /// <summary>Where a jump may go: a breakpoint in the code pages, the landing, data that must not run, nothing.</summary>
    /// <param name="from">First byte of the case's code, not to be jumped into.</param>
    /// <param name="length">Length of the case's code.</param>
    public uint Target(uint from, uint length)
    {
        switch (dice.Below(10))
        {
            case 0: return Nowhere();
            case 1: return Sandbox.Data + (uint)dice.Below((int)Sandbox.WritableSize);
            case 2: return Sandbox.Landing;
            default:
                uint target;
                do target = Sandbox.Code + (uint)dice.Below((int)Sandbox.CodeSize);
                while (target - from < length);
                return target;
        }
    }

    public ushort DataSelector() => dice.Pick<ushort>(_dataSelectors);

    /// <summary>SS keeps its flat segment or faults: the way back from a case leads through it.</summary>
    public ushort StackSelector() => dice.Percent(60) ? Sandbox.FlatSelector
        : dice.Pick<ushort>([0, 3, 0x28, 0x23, 0x73, 0x10, 0x18, 0x83, 0x2c, 0x29]);

    /// <summary>CS keeps its segment or faults; 0x33 would leave for 64-bit mode.</summary>
    public ushort CodeSelector() => dice.Percent(75) ? Sandbox.CodeSelector
        : dice.Pick<ushort>([0, 3, 0x20, 0x2b, 0x10, 0x18, 0x83, 0x2c, 0x63]);

    /// <summary>An address that nothing is mapped at, on either side.</summary>
    public uint Nowhere() => dice.Below(4) switch
    {
        0 => (uint)dice.Below(0xf00),
        1 => Sandbox.DataEnd + 0x1000 + (uint)dice.Below(0x8000),
        2 => 0x6000_0000u + (uint)dice.Below(0x10_0000),
        _ => 0x2000_0000u + (uint)dice.Below(0x10_0000),
    };

    /// <summary>Base of the segment that a selector of the sandbox names.</summary>
    public static uint BaseOf(ushort selector) => selector switch
    {
        Sandbox.LimitedSelector => Sandbox.LimitedBase,
        Sandbox.ExpandDownSelector => Sandbox.ExpandDownBase,
        _ => 0,
    };
}
