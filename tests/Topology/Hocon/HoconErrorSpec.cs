// What is no HOCON is refused where it stands, and what is said names what is missing. Nothing is read as something else than what is
// written.

using System.Globalization;
using System.Text;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests.Hocon;

public sealed class HoconErrorSpec
{
    [Theory]
    [InlineData("a { x = 1 } b { x = 2 }",
        "1:13: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("{ a { x = 1 } b = 2 }",
        "1:15: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("a = 1 b = 2", "1:7: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("a = [1] b = 2", "1:9: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("a = ${?x} b += 2",
        "1:11: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("include \"i\" b = 2", "1:13: a comma or a new line is missing before 'b'")]
    [InlineData("a = foo { b = 1 }", "1:9: a section cannot follow a text in one value; a comma or a new line is missing before it")]
    [InlineData("a = [] abc []", "1:8: a text cannot follow a list in one value; a comma or a new line is missing before it")]
    [InlineData("a = {} []", "1:8: a list cannot follow a section in one value; a comma or a new line is missing before it")]
    [InlineData("a = { } x", "1:9: a text cannot follow a section in one value; a comma or a new line is missing before it")]
    [InlineData("b = [1]\na = x ${b}",
        "2:7: ${b}, which stands for a list, cannot follow a text in one value; a comma or a new line is missing before it")]
    [InlineData("b = 1\na = ${b} { c = 2 }",
        "2:10: a section cannot follow a text in one value; a comma or a new line is missing before it")]
    [InlineData("a = 1\na += 2", "2:6: a list cannot follow a text in one value; a comma or a new line is missing before it")]
    [InlineData("a = [{ b = 1 } { b = 2 }]",
        "1:16: a comma or a new line is missing before a section, which would be merged with the one before it")]
    [InlineData("a = [[1] [2]]", "1:10: a comma or a new line is missing before a list, which would be merged with the one before it")]
    [InlineData("a = b=c",
        "1:6: '=' cannot stand in a value without quotes; put the value in quotes, or a comma or a new line before the next setting")]
    [InlineData("a = C:\\x",
        "1:6: ':' cannot stand in a value without quotes; put the value in quotes, or a comma or a new line before the next setting")]
    [InlineData("a = x*",
        "1:6: '*' cannot stand in a value without quotes; put the value in quotes, or a comma or a new line before the next setting")]
    [InlineData("a = $x",
        "1:5: '$' cannot stand in a value without quotes; put the value in quotes, or a comma or a new line before the next setting")]
    [InlineData("a = 1,, b = 2", "1:7: this comma does not stand between two settings; remove it")]
    [InlineData(", a = 1", "1:1: this comma does not stand between two settings; remove it")]
    [InlineData("a = [1,,2]", "1:8: this comma does not stand between two items; remove it")]
    [InlineData("a = [,1]", "1:6: this comma does not stand between two items; remove it")]
    [InlineData("a = 1 ]", "1:7: this ']' closes nothing; remove it")]
    [InlineData("a = [1 }", "1:8: this '}' stands within a list; close that with ']' before it")]
    [InlineData("a = 1\n}", "2:1: this '}' closes nothing; remove it")]
    [InlineData("{ a = 1 } b = 2", "1:11: 'b' follows the end of the configuration; remove it")]
    [InlineData("a = 1\n\n  b { c = 1", "3:5: this '{' is never closed; add a '}'")]
    [InlineData("a = [1, 2", "1:5: this '[' is never closed; add a ']'")]
    [InlineData("[1]", "1:1: a configuration is a section and not a list; write NAME = [...]")]
    [InlineData("a\nb = 1", "2:1: after 'a' there must be '=' and a value, or '{' and settings")]
    [InlineData("a 20M\n", "2:1: after 'a 20M' there must be '=' and a value, or '{' and settings")]
    [InlineData("a", "1:2: after 'a' there must be '=' and a value, or '{' and settings")]
    [InlineData("a = ", "1:5: 'a' has no value; write one after the '=', \"\" for an empty one")]
    [InlineData("a =\nb = 2", "1:4: 'a' has no value; write one after the '=', \"\" for an empty one")]
    [InlineData("a =\n\"b\" { }", "1:4: 'a' has no value; write one after the '=', \"\" for an empty one")]
    [InlineData("{ a = }", "1:7: 'a' has no value; write one after the '=', \"\" for an empty one")]
    [InlineData("= 1", "1:1: a name must stand here, not '='")]
    [InlineData("a..b = 1", "1:3: a name must stand here, not '.'")]
    [InlineData("a. = 1", "1:4: a name must stand here, not '='")]
    [InlineData("a/b*c = 1", "1:4: after 'a/b' there must be '=' and a value, or '{' and settings")]
    [InlineData("a = \"unclosed\nb = 1", "1:5: a quoted text has no end; close it with \" on the same line")]
    [InlineData("a = 1\nb = \"bad \\q\"", "2:10: there is no such escape; write \\\\ for a backslash")]
    [InlineData("a = \"\\u12\"", "1:10: \\u needs four hexadecimal digits, as in \\u00e9")]
    [InlineData("a = \"\"\"open", "1:5: a text in three quotes has no end; close it with \"\"\"")]
    [InlineData("a = ${x", "1:5: this '${' is never closed; add a '}'")]
    [InlineData("a = ${}", "1:5: '${}' names nothing; write the path of a setting between the braces")]
    [InlineData("a = ${b*c}", "1:8: '*' cannot stand in a path without quotes; write for example ${a.\"b/c\"}")]
    [InlineData("a = ${nowhere}", "1:5: ${nowhere} is neither a setting in the file nor an environment variable; "
        + "write it, or ${?...} if it may be missing")]
    [InlineData("vars.small = 1\na = ${vars.smal}", "2:5: ${vars.smal} is neither a setting in the file nor an environment variable; "
        + "did you mean ${vars.small}?")]
    [InlineData("a = [null]", "1:6: null cannot be an item of a list; remove it, or put it in quotes")]
    [InlineData("include \"none\"", "1:1: there is no file 'none'")]
    [InlineData("include \"\"", "1:1: no file can have the name that is included; write the name of a file")]
    [InlineData("include \"a\0b\"", "1:1: no file can have the name that is included; write the name of a file")]
    [InlineData("include url(\"http://x\")", "1:9: include needs the name of a file in quotes")]
    [InlineData("include file(\"i\"", "1:17: a ')' is missing after the name of the included file")]
    [InlineData("include \"bad\"", "bad:2:5: this '[' is never closed; add a ']'")]
    public void Each_is_refused_with_its_place_and_what_is_missing(string text, string complaint) =>
        HoconTexts.Complaint(text, ("i", "x = 1"), ("bad", "\na = [")).ShouldBe(complaint);

    [Theory]
    [InlineData("a = ${a}", "1:5: ${a} is neither a setting before this one nor an environment variable; write "
        + "it, or ${?...} if it may be missing")]
    [InlineData("a = ${b}\nb = ${a}", "2:5: ${a} refers back to itself through other settings; remove one of them")]
    [InlineData("a = ${?b}x\nb = ${?a}y", "2:5: ${?a} refers back to itself through other settings; remove one of them")]
    [InlineData("a = 1\na = ${b}2\nb = ${a}", "3:5: ${a} refers back to itself through other settings; remove one of them")]
    [InlineData("b = ${a}\na = 1\na = ${b}2", "3:5: ${b} refers back to itself through other settings; remove one of them")]
    [InlineData("a { b = ${a} }", "1:5: this setting contains itself through its substitutions; remove one of them")]
    [InlineData("a = [${a}]", "1:6: this setting contains itself through its substitutions; remove one of them")]
    public void What_leads_back_to_itself_is_refused(string text, string complaint) => HoconTexts.Complaint(text).ShouldBe(complaint);

    [Fact]
    public void A_file_that_includes_itself_is_refused_with_the_way_that_led_there()
    {
        HoconTexts.Complaint("x = 1\ninclude \"b\"", ("b", "include \"c\""), ("c", "\nx { include \"b\" }"))
            .ShouldBe("c:2:5: 'b' includes itself: t.conf -> b -> c -> b; remove the include");
        var many = Enumerable.Range(0, 30).Select(i => (i.ToString(CultureInfo.InvariantCulture), $"include \"{i + 1}\"")).ToArray();
        HoconTexts.Complaint("include \"0\"", many).ShouldStartWith("14:1:1: includes go deeper than 16 files: t.conf -> 0 -> 1 -> ");
        HoconTexts.Complaint(string.Concat(Enumerable.Repeat("include \"leaf\"\n", 300)),
            ("leaf", "a = 1")).ShouldStartWith("257:1: there are more than 256 includes");
        HoconTexts.Complaint(string.Concat(Enumerable.Repeat("include \"leaf\"\n", 20)),
            ("leaf", new string(' ', 100_000))).ShouldContain("characters; make it shorter");
    }

    [Fact]
    public void Nesting_has_an_end()
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("a {", "}"), ("a = [", "]"), ("[", "]"), ("{ b = ", "}")])
            HoconTexts.Complaint("a = " + string.Concat(Enumerable.Repeat(open, 50_000))
                + string.Concat(Enumerable.Repeat(close, 50_000))).ShouldNotBeEmpty();
        HoconTexts.Complaint(string.Concat(Enumerable.Repeat("a.", 50_000)) + "a = 1").ShouldContain("deeper than");
        HoconTexts.Complaint("a = " + new string('[', 50_000)).ShouldContain("deeper than");
    }

    [Theory]
    [InlineData("v{0} = ${{v{1}}}\n", "v0 = x\n", "refer to one another")]
    [InlineData("v{0} = ${{v{1}}} {{ b = 1 }}\n", "v0 {{ a = 1 }}\n", "")]
    [InlineData("v{0} {{ a = ${{v{1}}} }}\n", "v0 = x\n", "nest settings more than")]
    [InlineData("v{0} = [${{v{1}}}]\n", "v0 = x\n", "nest settings more than")]
    [InlineData("x = ${{?x}}y\n", "", "refer to one another")]
    [InlineData("x += y\n", "", "refer to one another")]
    public void A_long_chain_of_substitutions_has_an_end(string link, string end, string complaint)
    {
        foreach (var numbers in (IEnumerable<int>[])[Enumerable.Range(1, 20_000), Enumerable.Range(1, 20_000).Reverse()])
        {
            var text = new StringBuilder();
            foreach (int number in numbers)
                text.Append(string.Format(CultureInfo.InvariantCulture, link, number, number - 1));
            text.Append(string.Format(CultureInfo.InvariantCulture, end));
            Refusal(text.ToString())?.ShouldContain(complaint);
        }
    }

    [Theory]
    [InlineData("v0 = xxxxxxxxxxxxxxxx\n", "v{0} = ${{v{1}}}${{v{1}}}\n")]
    [InlineData("v0 = [1, 2]\n", "v{0} = ${{v{1}}}${{v{1}}}\n")]
    [InlineData("v0 = [1, 2]\n", "v{0} = [${{v{1}}}, ${{v{1}}}]\n")]
    [InlineData("v0 {{ a = 1 }}\n", "v{0} {{ l = ${{v{1}}}, r = ${{v{1}}} }}\n")]
    [InlineData("v0 = x\n", "v0 = ${{v0}}${{v0}}\n")]
    public void Substitutions_that_double_a_value_have_an_end(string start, string link)
    {
        var text = new StringBuilder(string.Format(CultureInfo.InvariantCulture, start));
        for (int i = 1; i < 60; i++)
            text.Append(string.Format(CultureInfo.InvariantCulture, link, i, i - 1));

        HoconTexts.Complaint(text.ToString()).ShouldContain("more text than a configuration may have");
    }

    [Theory]
    [InlineData("v{0} = ${{big}}\n")]
    [InlineData("v{0} = ${{big}} {{ x = 1 }}\n")]
    public void A_large_section_that_many_refer_to_has_an_end(string link)
    {
        var text = new StringBuilder("big {\n");
        for (int i = 0; i < 20_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"k{i}=1\n");
        text.Append("}\n");
        for (int i = 0; i < 20_000; i++)
            text.Append(string.Format(CultureInfo.InvariantCulture, link, i));

        HoconTexts.Complaint(text.ToString()).ShouldContain("more text than a configuration may have");
    }

    [Fact]
    public void A_long_text_is_read_in_a_time_that_grows_no_faster_than_its_length()
    {
        string name = new string('n', 1_000_000);
        HoconTexts.Show(HoconTexts.Read($"a = {name}")).Length.ShouldBe(name.Length + 4);
        HoconTexts.Read(string.Concat(Enumerable.Range(0, 60_000).Select(i => $"a.k{i} = 1\n"))).Child("a").Fields.Length.ShouldBe(60_000);
    }

    private static string? Refusal(string text)
    {
        try
        {
            HoconTexts.Read(text);
            return null;
        }
        catch (MisconfiguredException refused)
        {
            return refused.Message;
        }
    }
}
