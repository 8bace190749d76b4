// The prose of this house is for readers who did not write it. Here is the list of words that it does without: literal translations, pet
// names and words that say less than the field's own. Beside it stand the two rules of form that a machine can keep: the width of a line,
// and that a name says what it does.

using System.Text.RegularExpressions;

namespace Lguest.Architecture.Tests;

public sealed class WordsSpec
{
    private const string Own = "tests/Architecture/WordsSpec.cs";

    private const int Widest = 140;

    [Theory]
    [InlineData("rubbish", "malformed input, noise", @"\brubbish\b")]
    [InlineData("bent", "damaged, corrupted, malformed", @"\bbent\b")]
    [InlineData("dear", "expensive", @"\b(is|are|was|too|so) dear\b")]
    [InlineData("whoever", "the reader, the holder, a program that", @"\bwhoever\b")]
    [InlineData("nobody wants to know", "has no listener", @"\bnobody wants\b")]
    [InlineData("is none", "is not one", @"(?<!there )\b(is|are) none\b(?! of the)")]
    [InlineData("as ever", "as usual", @"\bas ever\b")]
    [InlineData("befall", "happen to", @"\bbefalls?\b")]
    [InlineData("he, his, him for an actor, a Guest or a user", "it, its, they", @"\b(he|his|him|himself)\b")]
    [InlineData("behind an instruction, an address or memory", "after",
        @"\b(EIP|byte|page|pages|word|instruction|address|RAM|ring|blank) (is )?behind\b")]
    public void The_prose_does_without(string word, string better, string pattern)
    {
        var search = new Regex(pattern, RegexOptions.IgnoreCase);

        Prose().Where(line => search.IsMatch(line.Text)).Select(line => $"{line.Place}: {line.Text}")
            .ShouldBeEmpty($"'{word}': write {better}");
    }

    [Theory]
    [InlineData("Stay"), InlineData("Wish"), InlineData("Know"), InlineData("Part"), InlineData("Remark"), InlineData("Pace"),
        InlineData("Rack")]
    [InlineData("Tenant")]
    public void No_type_or_method_is_called(string name)
    {
        var declaration = new Regex($@"\b(class|struct|record|interface|enum)\s+{name}\b|\b(void|bool|int|Task|[A-Z]\w*[>?\]]?) {name}\(");

        SourceTree.Sources.Where(file => file.IsCSharp && file.Path != Own)
            .SelectMany(file => file.Code.Where(line => declaration.IsMatch(line.Code))
                .Select(line => $"{file.Path}:{line.Number}: {line.Code.Trim()}"))
            .ShouldBeEmpty("a name is the field's noun or says what is done: TokenBucket, LeaderCommand, RunSlice, HostedGuest");
    }

    [Fact]
    public void No_line_of_code_is_wider_than_140_columns() =>
        SourceTree.Sources.Where(file => file.IsCSharp)
            .SelectMany(file => file.Lines.Select((line, index) => (Line: line, Place: $"{file.Path}:{index + 1}")))
            .Where(line => line.Line.Length > Widest)
            .Select(line => $"{line.Place}: {line.Line.Length} columns")
            .ShouldBeEmpty();

    /// <summary>Comments, string literals and whole documents, line by line.</summary>
    private static IEnumerable<(string Place, string Text)> Prose()
    {
        foreach (var file in SourceTree.All.Concat(Documents()).Where(file => file.Path != Own))
            for (int i = 0; i < file.Lines.Length; i++)
                yield return ($"{file.Path}:{i + 1}", file.Lines[i].Trim());
    }

    private static IEnumerable<SourceFile> Documents() =>
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md")
            .Select(file => SourceTree.Read("docs/" + Path.GetFileName(file)));
}
