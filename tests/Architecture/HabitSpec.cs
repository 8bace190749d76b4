// Habits that this house does not have: swallowed exceptions, skipped or sleeping tests, silenced warnings, unfinished code, and paths of
// somebody's machine. Each is searched for in the sources, so that a review need not.

using System.Text.RegularExpressions;

namespace Lguest.Architecture.Tests;

public sealed class HabitSpec
{
    private const string Own = "tests/Architecture/HabitSpec.cs";

    [Theory]
    [InlineData("a test is skipped for good: Skip.If names what is missing where it is missing", "tests", @"\bSkip\s*=\s*[$@]?""")]
    [InlineData("a test sleeps", "tests", @"Thread\s*\.\s*Sleep")]
    [InlineData("a warning is silenced", "", @"#pragma\s+warning\s+disable|<NoWarn>|\bSuppressMessage\(|<TreatWarningsAsErrors>false")]
    [InlineData("code is unfinished", "", @"NotImplementedException|\b(TODO|FIXME|XXX|HACK)\b")]
    [InlineData("code is folded away", "", @"^\s*#region")]
    [InlineData("code is compiled out", "", @"^\s*#if\s+(false|0)\b")]
    [InlineData("a machine's path", "", @"/(work|root|home|farm)/[a-z]+/[a-z]")]
    public void Nowhere(string habit, string folder, string pattern)
    {
        var search = new Regex(pattern, RegexOptions.Multiline);

        SourceTree.All
            .Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal) && file.Path != Own)
            .SelectMany(file => file.Lines.Select((line, index) => (Line: line, Place: $"{file.Path}:{index + 1}")))
            .Where(line => search.IsMatch(line.Line))
            .Select(line => $"{line.Place}: {line.Line.Trim()}")
            .ShouldBeEmpty(habit);
    }

    [Fact]
    public void Catching_everything_comes_with_a_reason()
    {
        var everything = new Regex(@"\bcatch\s*(\(\s*(System\.)?Exception\b[^)]*\)\s*)?(\{.*)?$");
        var broad = new List<string>();
        foreach (var file in SourceTree.Sources.Where(file => file.IsCSharp && file.Path != Own))
            for (var i = 0; i < file.Lines.Length; i++)
            {
                var code = file.Lines[i].Split("//")[0].TrimEnd();
                if (everything.IsMatch(code) && !HasComment(file.Lines, i))
                    broad.Add($"{file.Path}:{i + 1}: {code.Trim()}");
            }

        broad.ShouldBeEmpty("name the exception, or say in a comment beside the catch why it must be everything");
    }

    /// <summary>Whether a comment stands on the line itself, the one above, or the first two inside the block.</summary>
    private static bool HasComment(string[] lines, int index) =>
        lines[Math.Max(0, index - 1)..Math.Min(lines.Length, index + 4)].Any(line => line.Contains("//", StringComparison.Ordinal));
}
