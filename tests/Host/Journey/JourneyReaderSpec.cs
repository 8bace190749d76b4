// The journey is read out of plain source text: these tests show where a step begins, where it ends, and what is left of its comment.

using Lguest.Host.Commands;
using Lguest.Host.Journey;

namespace Lguest.Host.Tests.Journey;

public sealed class JourneyReaderSpec
{
    [Fact]
    public void A_step_is_a_tag_and_the_comment_below_it()
    {
        var step = Read("""
            int before;
                //J:Guest:020 The run loop
                // First line.
                //
                // Second.
                void Run();
                // Not part of it.
            """).ShouldHaveSingleItem();

        step.Chapter.ShouldBe("Guest");
        step.Number.ShouldBe(20);
        step.Title.ShouldBe("The run loop");
        step.File.ShouldBe("src/X.cs");
        step.Line.ShouldBe(2);
        step.Text.ShouldBe(["First line.", "", "Second."]);
    }

    [Fact]
    public void A_tag_ends_the_step_before_it()
    {
        var steps = Read("//J:Guest:1 One\n// text\n//J:Guest:2\n// more");

        steps.Select(step => step.Number).ShouldBe([1, 2]);
        steps[0].Text.ShouldBe(["text"]);
        steps[1].Title.ShouldBeEmpty();
        steps[1].Text.ShouldBe(["more"]);
    }

    [Theory]
    [InlineData("// J:Guest:1 spaced")]
    [InlineData("text //J:Guest:1")]
    [InlineData("//J:Guest:x")]
    public void Other_comments_are_no_steps(string line) => Read(line).ShouldBeEmpty();

    [Fact]
    public void Every_chapter_of_the_product_prints_its_steps_in_number_order()
    {
        foreach (string chapter in JourneyReader.ReadEmbedded().Select(step => step.Chapter).Distinct())
        {
            var output = new StringWriter();

            CommandLine.Run(["journey", chapter.ToLowerInvariant()], output, TextWriter.Null).ShouldBe(0);

            var numbers = output.ToString().Split('\n')
                .Where(line => line.Length > 3 && line.Take(3).All(char.IsAsciiDigit))
                .Select(line => int.Parse(line.Split(' ')[0]))
                .ToList();
            numbers.ShouldNotBeEmpty();
            numbers.ShouldBe(numbers.Order());
        }
    }

    private static List<JourneyStep> Read(string source) => [.. JourneyReader.Read("src/X.cs", new StringReader(source))];
}
