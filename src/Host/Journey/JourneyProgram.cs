// Prints the journey: the list of chapters, or the steps of one chapter in order, each with its file and line.

using Lguest.Host.Commands;

namespace Lguest.Host.Journey;

/// <summary>The verb journey.</summary>
internal static class JourneyProgram
{
    /// <summary>Prints the chapters, or one of them.</summary>
    /// <param name="chapter">A chapter's name or the start of it, in any case; null for the list.</param>
    /// <param name="output">Takes the text.</param>
    /// <param name="error">Takes one line if there is no such chapter.</param>
    /// <returns>0, or 2 if there is no such chapter.</returns>
    public static int Run(string? chapter, TextWriter output, TextWriter error)
    {
        var steps = JourneyReader.ReadEmbedded();
        if (chapter is null)
        {
            List(steps, output);
            return 0;
        }

        string? name = JourneyReader.Chapters.FirstOrDefault(known => known.StartsWith(chapter, StringComparison.OrdinalIgnoreCase));
        var told = steps.Where(step => step.Chapter == name).ToList();
        if (told.Count == 0)
            return CommandLine.Complain(error, $"the journey has no chapter '{chapter}'; choose from {string.Join(", ", Told(steps))}");
        Tell(name!, told, output);
        return 0;
    }

    private static IEnumerable<string> Told(IReadOnlyList<JourneyStep> steps) =>
        JourneyReader.Chapters.Where(chapter => steps.Any(step => step.Chapter == chapter));

    private static void List(IReadOnlyList<JourneyStep> steps, TextWriter output)
    {
        output.WriteLine("Chapters of the journey, in reading order (lguest journey CHAPTER prints one):");
        output.WriteLine();
        foreach (string chapter in Told(steps))
        {
            var own = steps.Where(step => step.Chapter == chapter).ToList();
            output.WriteLine($"  {chapter,-12} {own.Count,3} {(own.Count == 1 ? "step " : "steps")}  {own[0].Title}");
        }
    }

    private static void Tell(string chapter, List<JourneyStep> steps, TextWriter output)
    {
        output.WriteLine(chapter);
        output.WriteLine(new string('=', chapter.Length));
        foreach (var step in steps)
        {
            output.WriteLine();
            output.WriteLine($"{step.Number:000} {step.Title}".TrimEnd());
            output.WriteLine($"    {step.File}:{step.Line}");
            output.WriteLine();
            foreach (string line in step.Text)
                output.WriteLine(line);
        }
    }
}
