// Which of a distribution's kernels: the newest of the wanted flavour. Packages of debug symbols, unsigned twins, real-time and cloud
// kernels have similar names.

using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lguest.Linux.Apt;

/// <summary>Chooses among names of packages.</summary>
internal static partial class KernelChoice
{
    public const string Prefix = "linux-image-";

    /// <summary>What <c>uname -r</c> ends with.</summary>
    public static string Flavour(bool pae) => pae ? "686-pae" : "686";

    /// <summary>The newest kernel package in what <c>apt-cache search</c> prints; null if there is none.</summary>
    public static string? Newest(IEnumerable<string> lines, bool pae) => lines
        .Select(line => line.Split(' ')[0])
        .Where(name => ReleaseOf(name, pae) is not null)
        .MaxBy(name => name[Prefix.Length..], Order);

    /// <summary>The release that a kernel package of this flavour is for, such as 6.1.0-50-686; null for any other package.</summary>
    public static string? ReleaseOf(string package, bool pae) =>
        Kernel().Match(package) is { Success: true } match && match.Groups[2].Value == Flavour(pae) ? package[Prefix.Length..] : null;

    /// <summary>Compares two releases: numbers as numbers, so that 6.1.0-9 comes before 6.1.0-10.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create((one, other) =>
    {
        var (first, second) = (Numbers(one), Numbers(other));
        for (int i = 0; i < Math.Min(first.Length, second.Length); i++)
            if (first[i] != second[i])
                return first[i].CompareTo(second[i]);
        return first.Length != second.Length ? first.Length.CompareTo(second.Length) : string.CompareOrdinal(one, other);
    });

    private static ImmutableArray<ulong> Numbers(string text) => [.. Number().Matches(text)
        .Select(match => ulong.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0)];

    [GeneratedRegex(@"^linux-image-(\d{1,4}(?:\.\d{1,6}){1,3}(?:\+deb\d{1,3}u?\d{0,3})?(?:-\d{1,6})?)-(686|686-pae)$")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"\d{1,18}")]
    private static partial Regex Number();
}
