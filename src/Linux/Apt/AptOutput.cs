// What apt's programs print, read without trust: a line that does not look as it should is no news.

using System.Globalization;
using System.Text.RegularExpressions;

namespace Lguest.Linux.Apt;

/// <summary>Reads lines of apt's.</summary>
internal static partial class AptOutput
{
    /// <summary>A package that would be installed (<c>apt-get --simulate</c>), as the name of its file in apt's archive folder; null for
    /// any other line.</summary>
    public static string? FileOf(string line) => Planned().Match(line) is { Success: true } match
        ? $"{match.Groups[1].Value}_{match.Groups[2].Value.Replace(":", "%3a", StringComparison.Ordinal)}_{match.Groups[3].Value}.deb"
        : null;

    /// <summary>How far apt is, from 0 to 100 (<c>APT::Status-Fd</c>); null for any other line.</summary>
    public static double? Percent(string line) => Progress().Match(line) is { Success: true } match
        && double.TryParse(match.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
        && percent is >= 0 and <= 100 ? percent : null;

    /// <summary>What apt says it has to get, such as "61.9 MB"; null for any other line.</summary>
    public static string? Amount(string line) => Need().Match(line) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Whether some list could not be got; apt takes that for a success.</summary>
    public static bool HasMissed(IEnumerable<string> lines) => lines.Any(line => line.StartsWith("W: Failed", StringComparison.Ordinal));

    /// <summary>The line that says best why apt failed, fit to be shown: its last error, else its last word.</summary>
    public static string Reason(IReadOnlyList<string> lines)
    {
        string? last = lines.LastOrDefault(line => line.StartsWith("E: ", StringComparison.Ordinal) && !IsSummary(line))
            ?? lines.LastOrDefault(line => line.StartsWith("E: ", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.StartsWith("W: Failed", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.Contains("error: ", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.Trim().Length > 0);
        return last is null ? "it said nothing" : Clean(last.Length > 3 && last[1] == ':' ? last[3..] : last);
    }

    /// <summary>A line without anything that a terminal would take for a command, and of bounded length.</summary>
    public static string Clean(string line)
    {
        const int longest = 240;
        string plain = string.Join(' ', new string([.. line.Select(letter => char.IsControl(letter) ? ' ' : letter)])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (plain.Length > longest ? plain[..longest] + "..." : plain).TrimEnd('.');
    }

    private static bool IsSummary(string line) => line.StartsWith("E: Some index files failed", StringComparison.Ordinal)
        || line.StartsWith("E: Unable to fetch some archives", StringComparison.Ordinal);

    [GeneratedRegex(@"^Inst ([a-z0-9][a-z0-9+.-]*)(?::\w+)? (?:\[[^\]]*\] )?\(([0-9A-Za-z][0-9A-Za-z.+~:-]*) .*\[(i386|all)\]\)")]
    private static partial Regex Planned();

    [GeneratedRegex(@"^dlstatus:\d{1,9}:(\d{1,3}(?:\.\d{1,9})?):")]
    private static partial Regex Progress();

    [GeneratedRegex(@"^Need to get ([\d.,]{1,12} ?[kMGT]?B)[ /]")]
    private static partial Regex Need();
}
