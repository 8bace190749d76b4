// When translating pays, and how much room it gets: the figures that a test wants to change.
using Lguest.Guest.Windows;

namespace Lguest.Guest.Translator;

/// <summary>Bounds of the translator.</summary>
/// <param name="HotAfter">How often the interpreter enters a block before it is translated.</param>
/// <param name="ShortestStretch">Instructions with code that must follow upon each other for their code to be entered: entering and leaving
/// cost as much as interpreting some.</param>
/// <param name="CodeBytes">Room for emitted code; when it is full all of it is forgotten.</param>
/// <param name="Verify">Whether <see cref="CodeVerifier"/> has to accept a block before it is executed.</param>
/// <param name="Windows">Whether programs that run long get windows, where the host has them.</param>
/// <param name="WindowAfter">Instructions in ring 3 after which an address space gets one.</param>
/// <param name="InstructionsAFault">What must run with a window for each page that had to be mapped or taken away, or it is given up; 0 if
/// it need not pay, null for what this host has been measured to need.</param>
/// <param name="MostWindows">Windows that a Guest has at a time.</param>
public sealed record TranslatorSettings(
    uint HotAfter = 30,
    int ShortestStretch = 5,
    uint CodeBytes = 16 << 20,
    bool Verify = false,
    bool Windows = true,
    long WindowAfter = 20_000_000,
    long? InstructionsAFault = null,
    int MostWindows = 4)
{
    /// <summary>Bounds of <see cref="CodeBytes"/>. Of less than the least a few hundred blocks would remain.</summary>
    public const uint LeastCodeBytes = 1 << 20, MostCodeBytes = 256 << 20;

    /// <summary>Whether the engine can show a block with its code.</summary>
    internal bool Describes { get; init; }

    /// <summary>From what mappings are taken; null for the budget of the process.</summary>
    internal MappingBudget? MappingBudget { get; init; }
}
