// The source is written to be read. What can be checked about that is checked here: the paragraph at the top of each file, the length of
// files, and the numbers of the journey.

using Lguest.Host.Journey;

namespace Lguest.Architecture.Tests;

public sealed class TellingSpec
{
    private const int ShortestParagraph = 40;

    private const int LongestFile = 400;

    [Fact]
    public void Every_file_opens_with_a_paragraph_that_says_why_it_exists() =>
        SourceTree.Sources
            .Where(file => file.OpeningParagraph.Length < ShortestParagraph)
            .Select(file => file.Path)
            .ShouldBeEmpty();

    [Fact]
    public void No_file_is_longer_than_four_hundred_lines_without_saying_why() =>
        SourceTree.Sources
            .Where(file => file.Lines.Length > LongestFile
                && !file.OpeningParagraph.Contains("long because", StringComparison.OrdinalIgnoreCase))
            .Select(file => $"{file.Path}: {file.Lines.Length} lines, and its opening paragraph does not say 'long because'")
            .ShouldBeEmpty();

    [Fact]
    public void Every_tag_of_the_journey_is_well_formed_and_in_a_known_chapter()
    {
        var tags = Travelled
            .SelectMany(file => file.Lines.Select((line, index) => (file.Path, Number: index + 1, Line: line.TrimStart())))
            .Where(line => line.Line.StartsWith("//J", StringComparison.Ordinal) || line.Line.StartsWith("// J:", StringComparison.Ordinal))
            .ToList();
        var steps = Steps();

        tags.Where(tag => !steps.Any(step => step.File == tag.Path && step.Line == tag.Number))
            .Select(tag => $"{tag.Path}:{tag.Number}: {tag.Line}")
            .ShouldBeEmpty("a tag reads //J:Chapter:NNN Title");
        steps.Where(step => !JourneyReader.Chapters.Contains(step.Chapter)).Select(step => $"{step.File}:{step.Line}: {step.Chapter}")
            .ShouldBeEmpty();
        steps.Where(step => step.Title.Length == 0 || step.Text.Count == 0).Select(step => $"{step.File}:{step.Line}")
            .ShouldBeEmpty("a step has a title and a text");
    }

    [Fact]
    public void No_number_of_the_journey_is_given_twice_in_a_chapter() =>
        Steps().GroupBy(step => (step.Chapter, step.Number))
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(step => $"{step.File}:{step.Line}"))}")
            .ShouldBeEmpty();

    /// <summary>The kernel has more steps than the core that runs it; told together, the core would be lost among them.</summary>
    [Fact]
    public void What_the_kernel_Puppy_tells_is_chapter_Puppy_and_nothing_else_is() =>
        Steps().Where(step => (step.Chapter == "Puppy") != step.File.StartsWith("guests/puppy/", StringComparison.Ordinal))
            .Select(step => $"{step.File}:{step.Line}: {step.Chapter}")
            .ShouldBeEmpty();

    [Fact]
    public void The_journey_inside_the_product_is_the_journey_of_the_sources() =>
        JourneyReader.ReadEmbedded().Select(step => (step.Chapter, step.Number))
            .ShouldBe(Steps().Select(step => (step.Chapter, step.Number)), ignoreOrder: true);

    /// <summary>The sources that travel inside the product.</summary>
    private static IEnumerable<SourceFile> Travelled => SourceTree.Sources
        .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal) || file.Path.StartsWith("guests/", StringComparison.Ordinal));

    private static List<JourneyStep> Steps() =>
        [.. Travelled.SelectMany(file => JourneyReader.Read(file.Path, new StringReader(file.Text)))];
}
