// What is known about engines before there is a processor: their names in settings, and whether this host has them. The command line, a
// topology and --version all ask here, so that they say the same.
using Lguest.Guest.Translator;
using Lguest.Guest.Windows;

namespace Lguest.Guest.Cpu;

/// <summary>A kind of engine and its name in settings.</summary>
public sealed record EngineWord(string Word, EngineKind Kind);

/// <summary>Names of engines, and what this host lacks for one.</summary>
public static class Engines
{
    private static readonly Lazy<string?> _translatorProblem = new(TranslatorProbe.Problem);

    /// <summary>The words for all kinds, in their order.</summary>
    public static IReadOnlyList<EngineWord> Words { get; } =
    [
        new("auto", EngineKind.Auto), new("interpreter", EngineKind.Interpreter), new("translator", EngineKind.Translator),
        new("lockstep", EngineKind.Lockstep),
    ];

    /// <summary>Why this host cannot run the translator, found out by running a little code; null if it can. Asked once in a
    /// process.</summary>
    public static string? TranslatorProblem => _translatorProblem.Value;

    /// <summary>Why this host has no windows for translated code, found out by trying; null if it has. Asked once in a process.</summary>
    public static string? WindowsProblem => WindowProbe.Problem;

    /// <summary>Whether an engine is of no use where there is no translator.</summary>
    public static bool NeedsTranslator(EngineKind kind) => kind is EngineKind.Translator or EngineKind.Lockstep;

    /// <summary>The kind that a word stands for; null if it stands for nothing.</summary>
    public static EngineKind? Parse(string word)
    {
        foreach (var (known, kind) in Words)
            if (known == word)
                return kind;
        return null;
    }

    /// <summary>The word for a kind.</summary>
    public static string WordOf(EngineKind kind) => Words.Single(known => known.Kind == kind).Word;
}
