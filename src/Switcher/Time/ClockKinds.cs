// The kinds of time by the words of command lines and configuration files.
namespace Lguest.Switcher.Time;

/// <summary>Words for <see cref="ClockKind"/>.</summary>
public static class ClockKinds
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<(string Word, ClockKind Kind)> Words { get; } = [("real", ClockKind.Real), ("virtual", ClockKind.Virtual)];

    /// <summary>The kind of a word; null if there is no such word.</summary>
    public static ClockKind? Parse(string word)
    {
        foreach (var (known, kind) in Words)
        {
            if (known == word)
                return kind;
        }

        return null;
    }
}
