// One row of the table of differences: which instruction, whose processors, what is open or otherwise there, where the manuals say so,
// and what our core does.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Widens what is open in a verdict, or changes what is expected.</summary>
internal delegate void Effect(ref Verdict verdict);

/// <summary>Whether a row concerns a case of its instructions.</summary>
internal delegate bool Condition(ref Verdict verdict);

/// <summary>Changes the case that the core is asked, where the vendor's processors accept what ours refuses.</summary>
internal delegate void Question(ref TestCase given, in Instruction instruction);

/// <summary>A difference that is known, and why.</summary>
/// <param name="Instructions">The instructions in words.</param>
/// <param name="What">What differs or is left open.</param>
/// <param name="Sdm">Where Intel's Software Developer's Manual speaks of it.</param>
/// <param name="Apm">Where AMD's Architecture Programmer's Manual does.</param>
/// <param name="Core">What our core does, and why.</param>
internal sealed record Difference(string Instructions, string What, string Sdm, string Apm, string Core)
{
    /// <summary>On whose processors; null where both manuals leave it open, so that it holds for every one.</summary>
    public Vendor? Only { get; init; }

    /// <summary>Null for all instructions.</summary>
    public Mnemonic[]? Mnemonics { get; init; }

    public Condition When { get; init; } = static (ref _) => true;

    public required Effect Then { get; init; }

    public Question? Ask { get; init; }
}
