// Documents rot unless something reads them. Here every command that they name is looked up, every link followed, every example command
// line parsed, so that what they describe is there.

using System.Text.RegularExpressions;
using Lguest.Host.Commands;

namespace Lguest.Architecture.Tests;

public sealed partial class DocumentsSpec
{
    private static readonly string[] _verbs = ["demo", "linux", "up", "check", "cert", "test", "bench", "journey"];

    private static IEnumerable<string> Names =>
    [
        .. SourceTree.All.Select(file => file.Path).Where(IsDocument),
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md").Select(file => "docs/" + Path.GetFileName(file)),
    ];

    public static TheoryData<string> Documents => [.. Names];

    [Theory, MemberData(nameof(Documents))]
    public void Every_link_leads_to_a_file(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, document))!;

        Link().Matches(SourceTree.Read(document).Text).Select(match => match.Groups[1].Value)
            .Where(target => !target.StartsWith("http", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target)))
            .ShouldBeEmpty(document);
    }

    [Fact]
    public void Every_path_below_src_that_a_comment_or_a_document_names_exists() =>
        SourceTree.All.Where(file => file.IsCSharp).Concat(Names.Select(SourceTree.Read))
            .SelectMany(file => file.Lines.Select((line, index) => (file.Path, Number: index + 1, Text: line.TrimStart())))
            .Where(line => IsDocument(line.Path) || line.Text.StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => SourcePath().Matches(line.Text).Select(match => (line.Path, line.Number, Named: match.Value)))
            .Where(named => !Path.Exists(Path.Combine(SourceTree.Root, named.Named)))
            .Select(named => $"{named.Path}:{named.Number}: {named.Named}")
            .ShouldBeEmpty();

    [Theory, MemberData(nameof(Documents))]
    public void Every_command_of_ours_can_be_given_as_written(string document)
    {
        foreach (string command in Commands(document))
        {
            string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            if (words is ["test", .. var arguments])
            {
                foreach (string wanted in arguments.Where(argument => argument.Contains('~')).Select(filter => filter.Split('~')[1]))
                    TestNames().ShouldContain(name => name.Contains(wanted), $"{document}: {command}");
                continue;
            }

            var parsed = CommandLine.Parse(words, TextWriter.Null);
            parsed.Errors.ShouldBeEmpty($"{document}: {command}");
            if (words is ["linux", ..])
                LinuxCommand.Read(parsed, out string wrong).ShouldNotBeNull($"{document}: {command}: {wrong}");
            else if (words is ["bench", .. var names])
                names.ShouldAllBe(name => BenchmarkNames().Any(known => known.Contains(name, StringComparison.OrdinalIgnoreCase)),
                    $"{document}: {command}");
            else if (words.Length > 0 && !words[0].StartsWith("--", StringComparison.Ordinal) && !_verbs.Contains(words[0]))
                LaunchCommand.Read(parsed, out string? problem).ShouldNotBeNull($"{document}: {command}: {problem}");
        }
    }

    [Fact]
    public void Every_row_of_the_specification_names_the_command_that_shows_it() =>
        SourceTree.Read("SPECIFICATION.md").Lines
            .Where(line => line.StartsWith('|') && !line.StartsWith("| ---", StringComparison.Ordinal)
                && !line.StartsWith("| promise", StringComparison.Ordinal))
            .Where(row => !row.TrimEnd('|', ' ').Split('|')[^1].Contains("`./lguest ", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Fact]
    public void The_README_begins_with_two_commands_that_do_their_own_set_up()
    {
        string readme = SourceTree.Read("README.md").Text;

        readme.IndexOf("./lguest demo", StringComparison.Ordinal)
            .ShouldBeInRange(1, readme.IndexOf("./lguest test", StringComparison.Ordinal));
    }

    private static bool IsDocument(string path) => path.EndsWith(".md", StringComparison.Ordinal);

    /// <summary>Lines of indented or fenced blocks, and words in backticks, that begin with ./lguest; what follows two blanks is
    /// a remark, and a command with brackets is a syntax, not an example.</summary>
    private static IEnumerable<string> Commands(string document) =>
        Command().Matches(SourceTree.Read(document).Text)
            .Select(match => match.Groups["c"].Value.Split("  ")[0].Trim())
            .Where(command => !command.Contains('['));

    private static IEnumerable<string> TestNames() => SourceTree.CSharp("tests")
        .Select(file => $"{file.Path[..^3].Replace('/', '.')}");

    private static IEnumerable<string> BenchmarkNames() => SourceTree.CSharp("bench")
        .SelectMany(file => BenchmarkName().Matches(file.Text).Select(match => match.Groups[1].Value));

    [GeneratedRegex(@"(?<![\w/.])src/[\w./-]*\w")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"\]\(([^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(^ +|`)(?<c>\./lguest\b[^`\r\n]*)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\bName => \$?""([^""]+)""")]
    private static partial Regex BenchmarkName();
}
