// Suggests a known name for an unknown one, which is mostly a typing error.

namespace Lguest.Topology.Hocon;

/// <summary>Finds the known word that was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>Longer words are not compared.</summary>
    public const int LongestWord = 64;

    /// <summary>"; did you mean 'x'?" or, when nothing is near, the list of what there is.</summary>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        if (Nearest(word, known) is { } near)
            return $"; did you mean '{near}'?";
        return known.Count == 0 ? "" : $"; choose from {string.Join(", ", known.Order(StringComparer.Ordinal).Take(20))}";
    }

    /// <summary>The known word at the least distance, if that is small for its length; null otherwise.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestWord)
            return null;
        var best = known
            .Select(candidate => (Candidate: candidate, Distance: Distance(Plain(word), Plain(candidate))))
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Candidate is { } found && best.Distance <= Math.Max(1, found.Length / 3) ? found : null;
    }

    private static string Plain(string word) => word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal)
        .ToLowerInvariant();

    /// <summary>Letters to be put in, left out, changed or swapped with their neighbour (Damerau, Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[,] table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(change, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }

        return table[a.Length, b.Length];
    }
}
