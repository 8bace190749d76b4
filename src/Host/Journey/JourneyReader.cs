// Finds the steps of the journey in the sources. A step is a tagged comment above the code that it explains, so it moves with the code.

using System.Text.RegularExpressions;

namespace Lguest.Host.Journey;

/// <summary>Reads tagged comments out of source files.</summary>
internal static partial class JourneyReader
{
    /// <summary>The chapters, in reading order.</summary>
    public static IReadOnlyList<string> Chapters { get; } =
        ["Preparation", "Guest", "Translator", "Puppy", "Switcher", "Boards", "Drivers", "Launcher", "Host", "Net", "Cluster", "Mastery"];

    /// <summary>The steps in one file, in the order in which they stand there; a chapter's name is not checked.</summary>
    public static IEnumerable<JourneyStep> Read(string file, TextReader source)
    {
        JourneyStep? step = null;
        var text = new List<string>();
        int number = 0;
        while (source.ReadLine() is { } line)
        {
            number++;
            var tag = Tag().Match(line);
            var comment = Comment().Match(line);
            if (step is not null && (tag.Success || !comment.Success))
            {
                yield return step with { Text = Trim(text) };
                step = null;
            }

            if (tag.Success)
            {
                step = new JourneyStep(tag.Groups[1].Value, int.Parse(tag.Groups[2].ValueSpan), tag.Groups[3].Value.Trim(), file, number,
                    []);
                text = [];
            }
            else if (step is not null)
                text.Add(comment.Groups[1].Value);
        }

        if (step is not null)
            yield return step with { Text = Trim(text) };
    }

    /// <summary>All steps of the sources inside this program, by chapter in reading order and number.</summary>
    public static IReadOnlyList<JourneyStep> ReadEmbedded()
    {
        var assembly = typeof(JourneyReader).Assembly;
        var steps = new List<JourneyStep>();
        foreach (string name in assembly.GetManifestResourceNames().Where(IsSource))
        {
            using var source = new StreamReader(assembly.GetManifestResourceStream(name)!);
            steps.AddRange(Read(name, source));
        }

        return [.. steps.OrderBy(step => ChapterIndex(step.Chapter)).ThenBy(step => step.Number)];
    }

    private static int ChapterIndex(string chapter) => Chapters.ToList().IndexOf(chapter);

    private static bool IsSource(string name) => Path.GetExtension(name) is ".cs" or ".c" or ".h" or ".S";

    private static string[] Trim(List<string> text) =>
        [.. text.SkipWhile(string.IsNullOrWhiteSpace).Reverse().SkipWhile(string.IsNullOrWhiteSpace).Reverse()];

    [GeneratedRegex(@"^\s*//J:(\w+):(\d{1,6})\b(.*)$")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s*// ?(?!/)(.*)$")]
    private static partial Regex Comment();
}
