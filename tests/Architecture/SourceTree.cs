// The architecture tests read the sources themselves. This is their view of the tree: its root, its files without what builds leave
// behind, and a few questions about a file's text.

using System.Text.RegularExpressions;

namespace Lguest.Architecture.Tests;

/// <summary>One file of the source tree.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Text">The whole file.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    public string[] Lines { get; } = Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>The comment before the first line of code, without comment signs; empty if code comes first.</summary>
    public string OpeningParagraph
    {
        get
        {
            var words = new List<string>();
            bool inBlock = false;
            foreach (string line in Lines.Select(line => line.Trim()).SkipWhile(line => line.StartsWith("#!", StringComparison.Ordinal)))
            {
                if (!inBlock && line.Length > 0 && !CommentStart().IsMatch(line))
                    break;
                inBlock = (inBlock || line.StartsWith("/*", StringComparison.Ordinal)) && !line.Contains("*/", StringComparison.Ordinal);
                words.Add(line.Trim('/', '*', '#', ';', ' '));
            }

            return string.Join(' ', words).Trim();
        }
    }

    /// <summary>The lines with their line comments cut off, numbered from 1. A slash pair inside a string is cut, too.</summary>
    public IEnumerable<(int Number, string Code)> Code => Lines.Select((line, index) => (index + 1, LineComment().Replace(line, "")));

    [GeneratedRegex(@"^(//|/\*|#(?!\s*(include|define|if|ifdef|ifndef|pragma|error|undef|nullable)\b)|;)")]
    private static partial Regex CommentStart();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex LineComment();
}

/// <summary>The files of the tree that this test was built from.</summary>
internal static class SourceTree
{
    private static readonly string[] _rooms = ["src", "tests", "bench", "guests", "hocon", ".ci"];

    private static readonly string[] _told = [".cs", ".c", ".h", ".S", ".s", ".ld", ".lds", ".sh", ".py", ".conf", ".hocon"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file that a person wrote in the rooms of the house, and the text files at its root.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Walk()];

    /// <summary>Every source file: C#, C, assembly, scripts and configuration.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. All.Where(file => _told.Contains(Path.GetExtension(file.Path)) || IsScript(file))];

    /// <summary>The C# files under a folder.</summary>
    public static IEnumerable<SourceFile> CSharp(string folder) =>
        Sources.Where(file => file.IsCSharp && file.Path.StartsWith(folder + "/", StringComparison.Ordinal));

    public static SourceFile Read(string path) => new(path, File.ReadAllText(Path.Combine(Root, path)));

    private static bool IsScript(SourceFile file) => file.Text.StartsWith("#!", StringComparison.Ordinal);

    private static IEnumerable<SourceFile> Walk()
    {
        var files = Directory.EnumerateFiles(Root).Concat(_rooms.Select(room => Path.Combine(Root, room)).Where(Directory.Exists)
            .SelectMany(WalkFolder));
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            string text = File.ReadAllText(file);
            if (!text.Contains('\0', StringComparison.Ordinal))
                yield return new SourceFile(Path.GetRelativePath(Root, file).Replace('\\', '/'), text);
        }
    }

    private static IEnumerable<string> WalkFolder(string folder) => Path.GetFileName(folder) is "bin" or "obj" or "TestResults"
        ? []
        : Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder).SelectMany(WalkFolder));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Lguest.Cluster.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no Lguest.Cluster.sln above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
