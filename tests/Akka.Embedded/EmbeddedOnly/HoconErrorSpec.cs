// What only the stand-in's HOCON reader does: say where an error is, and know optional substitutions and appending. Compiled only against it.

using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Embedded.Tests.EmbeddedOnly;

public sealed class HoconErrorSpec
{
    [Theory]
    [InlineData("a = \"unclosed", 1, 5)]
    [InlineData("a = 1\nb = \"bad \\q\"", 2, 11)]
    [InlineData("a = 1\n\n  b { c = 1", 3, 5)]
    [InlineData("a = [1, 2", 1, 5)]
    [InlineData("a = 1\n}", 2, 1)]
    [InlineData("a\nb = 1", 2, 1)]
    [InlineData("a = ", 1, 5)]
    [InlineData("x = ${nowhere}", 1, 5)]
    [InlineData("x = ${unclosed", 1, 5)]
    [InlineData("= 1", 1, 1)]
    [InlineData("include \"x\"", 1, 1)]
    public void An_error_says_line_and_column(string hocon, int line, int column) =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString(hocon)).Message.ShouldStartWith($"line {line}, column {column}: ");

    [Fact]
    public void An_error_in_an_include_names_it() =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString("include \"nodes.conf\"", _ => Parser.Parse("a = [", null)))
            .Message.ShouldBe("in include \"nodes.conf\": line 1, column 5: '[' is not closed");

    [Fact]
    public void An_optional_substitution_of_nothing_is_nothing()
    {
        var config = ConfigurationFactory.ParseString(
            """
            a = 1
            a = ${?nowhere}
            b = x${?nowhere}y
            c = [1, ${?nowhere}, 2]
            """);

        config.HasPath("a").ShouldBeFalse();
        config.GetString("b").ShouldBe("xy");
        config.GetIntList("c").ShouldBe([1, 2]);
    }

    [Fact]
    public void A_comma_may_follow_a_brace() =>
        ConfigurationFactory.ParseString("a { x = 1 }, b { y = 2 }").GetInt("b.y").ShouldBe(2);

    [Fact]
    public void A_list_can_be_appended_to()
    {
        var config = ConfigurationFactory.ParseString(
            """
            list = [1]
            list += 2
            list += 3
            other += x
            both = ${list} [4]
            """);

        config.GetIntList("list").ShouldBe([1, 2, 3]);
        config.GetStringList("other").ShouldBe(["x"]);
        config.GetIntList("both").ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void A_value_can_refer_to_what_it_was() =>
        ConfigurationFactory.ParseString("path = a\npath = ${path}\":b\"").GetString("path").ShouldBe("a:b");

    [Fact]
    public void An_object_can_be_changed_after_a_substitution()
    {
        var config = ConfigurationFactory.ParseString(
            """
            base { x = 1, y = 2 }
            derived = ${base} { y = 3 }
            derived.z = 4
            """);

        (config.GetInt("derived.x"), config.GetInt("derived.y"), config.GetInt("derived.z")).ShouldBe((1, 3, 4));
    }

    [Fact]
    public void A_circle_of_substitutions_is_an_error() =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString("a = ${b}\nb = ${a}")).Message.ShouldContain("unresolved");
}
