// The table at the end of a topology as a test reads it: by the names of its columns, since some are shown only when they say something.

using System.Globalization;

namespace Lguest.Host.Tests.Programs;

internal static class EndTableText
{
    /// <summary>A figure of a Guest's row.</summary>
    /// <param name="lines">All that was printed.</param>
    /// <param name="guest">Whose row.</param>
    /// <param name="column">The column's title.</param>
    public static long Figure(IReadOnlyList<string> lines, string guest, string column)
    {
        string[] titles = Cells(lines.Last(line => line.Contains("│ Guest ", StringComparison.Ordinal)));
        string[] row = Cells(lines.Last(line => line.Contains($"│ {guest} ", StringComparison.Ordinal)));
        return long.Parse(row[Array.IndexOf(titles, column)].Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    private static string[] Cells(string line) => line.Split('│', StringSplitOptions.TrimEntries);
}
