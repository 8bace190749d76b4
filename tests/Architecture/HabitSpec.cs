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
            for (int i = 0; i < file.Lines.Length; i++)
            {
                string code = file.Lines[i].Split("//")[0].TrimEnd();
                if (everything.IsMatch(code) && !HasComment(file.Lines, i))
                    broad.Add($"{file.Path}:{i + 1}: {code.Trim()}");
            }

        broad.ShouldBeEmpty("name the exception, or say in a comment beside the catch why it must be everything");
    }

    /// <summary>A test that returns early where something is missing counts as passed and has shown nothing.</summary>
    [Fact]
    public void A_test_that_cannot_run_is_skipped_with_a_reason_and_does_not_just_return() =>
        SourceTree.Sources
            .Where(file => file.IsCSharp && file.Path.StartsWith("tests/", StringComparison.Ordinal) && file.Path != Own)
            .SelectMany(file => SilentReturns(file.Lines).Select(number => $"{file.Path}:{number}"))
            .ShouldBeEmpty("use Skip.If or Skip.IfNot of Xunit.SkippableFact, and say what is missing");

    [Theory]
    [InlineData("if (Folder is null) return;", true)]
    [InlineData("if (Folder is not { } folder)\n{\n    report.WriteLine(\"not run\");\n    return;\n}", true)]
    [InlineData("if (!CanBuild())\n    return;", true)]
    [InlineData("if (!CanBuild()) { Say(); return; }", true)]
    [InlineData("return;", true)]
    [InlineData("Skip.IfNot(CanBuild(), \"no gcc\");", false)]
    [InlineData("return value;", false)]
    [InlineData("1.ShouldBe(1);", false)]
    public void The_rule_about_early_returns_finds_them(string body, bool isFound)
    {
        foreach (string kind in (string[])
            ["[Fact]", "[SkippableFact]", "[Theory, InlineData(1)]", "[SkippableTheory]\n    [InlineData(1)]"])
        {
            string inner = string.Join("\n        ", body.Split('\n'));
            string text = $"    {kind}\n    public void A_test()\n    {{\n        {inner}\n    }}\n\n"
                + "    private void Other()\n    {\n        return;\n    }\n";
            SilentReturns(text.Split('\n')).Any().ShouldBe(isFound, text);
        }
    }

    /// <summary>Lines, from 1, on which the body of a test returns nothing.</summary>
    private static IEnumerable<int> SilentReturns(string[] lines)
    {
        var (isTest, isBody) = (false, false);
        string margin = "";
        for (int i = 0; i < lines.Length; i++)
        {
            var attribute = Regex.Match(lines[i], @"^(\s*)\[(Skippable)?(Fact|Theory)\b");
            if (attribute.Success)
                (isTest, isBody, margin) = (true, false, attribute.Groups[1].Value);
            else if (isTest && lines[i] == margin + "{")
                isBody = true;
            else if (isTest && (lines[i] == margin + "}" || (!isBody && lines[i].EndsWith(';'))))
                (isTest, isBody) = (false, false);
            else if (isBody && Regex.IsMatch(lines[i], @"(^|[\s){;])return;"))
                yield return i + 1;
        }
    }

    /// <summary>Whether a comment stands on the line itself, the one above, or the first two inside the block.</summary>
    private static bool HasComment(string[] lines, int index) =>
        lines[Math.Max(0, index - 1)..Math.Min(lines.Length, index + 4)].Any(line => line.Contains("//", StringComparison.Ordinal));
}
