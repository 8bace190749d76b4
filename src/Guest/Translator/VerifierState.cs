// What the verifier knows at one place in the code: of each register what its value is, seen from the sandbox, and what has been found out
// by tests on every way to this place.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>What a register holds.</summary>
internal enum Holds
{
    /// <summary>A number that tells nothing about the host.</summary>
    Unknown,

    /// <summary>Perhaps (a part of) a host address: it may be overwritten, nothing else.</summary>
    Garbage,

    /// <summary>The same, but the low byte is a harmless number.</summary>
    LowByte,

    /// <summary>A number of 32 bits, the upper half is zero.</summary>
    Word,

    /// <summary>A word, rotated until the low bits of its page number are the highest.</summary>
    Rotated,

    /// <summary>So many low bits of a word's page number as tell its entry of the soft TLB.</summary>
    PageNumber,

    /// <summary>The same, doubled: times eight it is the offset of an entry of the soft TLB.</summary>
    TlbIndex,
    Tag,
    NotTag,

    /// <summary>From the tag to the last byte of an access.</summary>
    Distance,

    /// <summary>Zero if the access is within the page.</summary>
    PageTest,

    /// <summary>From linear to host addresses. Good for nothing without the test.</summary>
    Addend,

    /// <summary>Where linear address 0 is in the window of rings 0-2.</summary>
    KernelWindow,

    /// <summary>A word, rotated so that what tells pages apart falls on other bits.</summary>
    Turned,

    /// <summary>The same, plus the word.</summary>
    Mixed,

    /// <summary>A mixed word shifted so that only the bits are left that choose a jump entry.</summary>
    JumpBits,
    JumpOffset,
    JumpTable,
    JumpEntry,
    EntryEip,
    NotEntryEip,
    EipDifference,
    EntryKey,
    NotEntryKey,
    CurrentKey,
    KeyDifference,

    /// <summary>Zero if the jump entry is the right one.</summary>
    HitTest,

    /// <summary>A constant pointer to an operation.</summary>
    ConstantOp,

    /// <summary>A pointer to the operation at which another block begins, or to a link.</summary>
    OtherOp,
    BudgetLeft,
    BudgetTest,
    Attention,

    /// <summary>Zero if the budget covers the block and nothing asks for attention, and if all units in the size are there.</summary>
    AskTest,

    /// <summary>Zero if the unit in the size is there.</summary>
    Away,

    /// <summary>Zero if a word is the address of an aligned vector.</summary>
    AlignmentTest,

    /// <summary>A number whose low byte is zero.</summary>
    LowByteClear,

    /// <summary>A control word of the x87 that masks every exception.</summary>
    MaskedControl,

    /// <summary>Half of what a load of a segment register came to before; which half of which register is in the word that it was made
    /// from.</summary>
    SegmentHalf,

    /// <summary>A divisor of 64 bits.</summary>
    Divisor,
    DivisorPlusOne,
}

/// <summary>One value.</summary>
/// <param name="Of">Which word it was made from: no two places of the code make the same one. For an operation: its address.</param>
/// <param name="Size">For a test: bytes that the access may have, or <see cref="HostUnits"/>.</param>
/// <param name="Write">For a tag and what is made of it: the tag of writes.</param>
/// <param name="Constant">Of a word: its value, if known; otherwise -1.</param>
internal readonly record struct Known(Holds Holds, ulong Of = 0, int Size = 0, bool Write = false, long Constant = -1)
{
    /// <summary>Whether it would tell the Guest something about the host's addresses.</summary>
    public bool IsHostAddress => Holds is Holds.Garbage or Holds.LowByte or Holds.Addend or Holds.KernelWindow or Holds.JumpTable
        or Holds.JumpEntry
        or Holds.ConstantOp or Holds.OtherOp;

    /// <summary>Whether it is a pointer to an operation.</summary>
    public bool IsOp => Holds is Holds.ConstantOp or Holds.OtherOp;

    /// <summary>The same kind, made from the same word.</summary>
    public bool Is(Holds holds, ulong of) => Holds == holds && Of == of;
}

/// <summary>What the flags tell, directly after a comparison; what may be divided by, directly after the branch.</summary>
internal enum Compared
{
    Nothing,

    /// <summary>EDX with the register <see cref="VerifierState.ComparedWith"/>.</summary>
    High,

    /// <summary>EDX is below that register.</summary>
    HighIsBelow,

    /// <summary>A divisor plus one with one.</summary>
    DivisorPlusOne,

    /// <summary>RDX is the sign of RAX.</summary>
    SignExtended,
}

/// <summary>What is known at one place.</summary>
internal sealed class VerifierState
{
    private readonly Known[] _registers = new Known[16];
    private readonly List<Known> _proven = [];

    /// <summary>Every way here from another block has passed the question for budget and attention.</summary>
    public bool Asked { get; set; }

    /// <summary>Every way here has taken something off the budget.</summary>
    public bool Spent { get; set; }

    /// <summary>On every way here these units hold the Guest's registers.</summary>
    public HostUnits Units { get; set; }

    public Compared Compared { get; set; }

    /// <summary>Number of a register.</summary>
    public int ComparedWith { get; set; }

    public ulong ComparedOf { get; set; }

    public Known this[int register]
    {
        get => _registers[register];
        set => _registers[register] = value;
    }

    /// <summary>Nothing is known, as where the code is entered.</summary>
    public static VerifierState Entered(bool asked, HostUnits units = HostUnits.None, bool spent = false)
    {
        VerifierState made = new() { Asked = asked, Units = units, Spent = spent };
        foreach (int scratch in (ReadOnlySpan<int>)[8, 10, 11])
            made._registers[scratch] = new Known(Holds.Garbage);
        return made;
    }

    public VerifierState Clone()
    {
        VerifierState made = new() { Asked = Asked, Spent = Spent, Units = Units };
        _registers.CopyTo(made._registers, 0);
        made._proven.AddRange(_proven);
        return made;
    }

    /// <summary>What is known where this way and another meet.</summary>
    public void Meet(VerifierState other)
    {
        Asked &= other.Asked;
        Spent &= other.Spent;
        Units &= other.Units;
        Compared = Compared.Nothing;
        _proven.RemoveAll(fact => !other._proven.Contains(fact));
        for (int i = 0; i < _registers.Length; i++)
        {
            Known mine = _registers[i], theirs = other._registers[i];
            if (mine != theirs)
                _registers[i] = new Known(mine.IsHostAddress || theirs.IsHostAddress ? Holds.Garbage : Holds.Unknown);
        }
    }

    /// <summary>A value has turned out to be what its test asks for.</summary>
    public void Prove(Known fact) => _proven.Add(fact);

    public bool IsProven(Known fact) => _proven.Contains(fact);

    /// <summary>Whether an access to the page of a word has been tested.</summary>
    public bool MayAccess(ulong of, long last, bool write)
    {
        foreach (var fact in _proven)
        {
            if (fact.Is(Holds.PageTest, of) && last <= fact.Size && (fact.Write || !write))
                return true;
        }

        return false;
    }
}
