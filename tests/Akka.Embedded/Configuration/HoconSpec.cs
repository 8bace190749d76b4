// What a configuration may say, and what it then means.

using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Embedded.Tests.Configuration;

public sealed class HoconSpec
{
    [Theory]
    [InlineData("a = x", "x")]
    [InlineData("a : x", "x")]
    [InlineData("a=x", "x")]
    [InlineData("a = x y  z", "x y  z")]
    [InlineData("a = \"x y\"", "x y")]
    [InlineData("a = x # comment", "x")]
    [InlineData("a = x // comment", "x")]
    [InlineData("# comment\n\na = x\n", "x")]
    [InlineData("{ a = x }", "x")]
    [InlineData("{ \"a\" : \"x\" }", "x")]
    [InlineData("a = x\na = y", "y")]
    [InlineData("a = x, b = y", "x")]
    [InlineData("a = \"tab\\tquote\\\"end\"", "tab\tquote\"end")]
    [InlineData("a = \"\\u0041\"", "A")]
    [InlineData("a = \"\"\"raw \\n \"text\" end\"\"\"", "raw \\n \"text\" end")]
    [InlineData("a = \"\"\"two\nlines\"\"\"", "two\nlines")]
    public void Texts(string hocon, string expected) => ConfigurationFactory.ParseString(hocon).GetString("a").ShouldBe(expected);

    [Fact]
    public void Paths_and_braces_mean_the_same()
    {
        var config = ConfigurationFactory.ParseString(
            """
            a.b.c = 1
            a { b { d = 2 } }
            a.b { e = 3 }
            "x.y" { z = 4 }
            """);

        config.GetInt("a.b.c").ShouldBe(1);
        config.GetInt("a.b.d").ShouldBe(2);
        config.GetInt("a.b.e").ShouldBe(3);
        config.GetConfig("a.b").GetInt("d").ShouldBe(2);
        config.HasPath("a.b").ShouldBeTrue();
        config.HasPath("a.x").ShouldBeFalse();
        config.GetConfig("nowhere").ShouldBeNull();
        config.GetInt("\"x.y\".z").ShouldBe(4);
    }

    [Fact]
    public void Values_of_every_kind()
    {
        var config = ConfigurationFactory.ParseString(
            """
            int = 42
            negative = -7
            long = 9000000000
            double = 1.5
            on = on
            true = true
            off = off
            nothing = null
            list = [a, "b c", d]
            numbers = [1, 2, 3]
            lines = [
              one
              two
            ]
            empty = []
            """);

        config.GetInt("int").ShouldBe(42);
        config.GetInt("negative").ShouldBe(-7);
        config.GetLong("long").ShouldBe(9_000_000_000);
        config.GetDouble("double").ShouldBe(1.5);
        config.GetBoolean("on").ShouldBeTrue();
        config.GetBoolean("true").ShouldBeTrue();
        config.GetBoolean("off").ShouldBeFalse();
        config.GetString("nothing").ShouldBeNull();
        config.GetStringList("list").ShouldBe(["a", "b c", "d"]);
        config.GetIntList("numbers").ShouldBe([1, 2, 3]);
        config.GetStringList("lines").ShouldBe(["one", "two"]);
        config.GetStringList("empty").ShouldBeEmpty();
        config.GetStringList("absent").ShouldBeEmpty();
        config.GetInt("absent", 3).ShouldBe(3);
        config.GetString("absent", "x").ShouldBe("x");
        config.GetBoolean("absent", true).ShouldBeTrue();
    }

    [Theory]
    [InlineData("50", 50)]
    [InlineData("50ms", 50)]
    [InlineData("50 milliseconds", 50)]
    [InlineData("2s", 2_000)]
    [InlineData("1.5 seconds", 1_500)]
    [InlineData("3 m", 180_000)]
    [InlineData("1 hour", 3_600_000)]
    [InlineData("2 d", 172_800_000)]
    [InlineData("0", 0)]
    public void Durations(string text, double milliseconds) =>
        ConfigurationFactory.ParseString($"t = {text}").GetTimeSpan("t").ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public void Infinite_is_a_duration() =>
        ConfigurationFactory.ParseString("t = infinite").GetTimeSpan("t").ShouldBe(Timeout.InfiniteTimeSpan);

    [Theory]
    [InlineData("soon")]
    [InlineData("5 fortnights")]
    [InlineData("\"-1 s\"")]
    public void What_is_no_duration_is_refused(string text) =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString($"t = {text}").GetTimeSpan("t"));

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512b", 512)]
    [InlineData("1k", 1_024)]
    [InlineData("1 KiB", 1_024)]
    [InlineData("1kB", 1_000)]
    [InlineData("64 M", 67_108_864)]
    [InlineData("64MB", 64_000_000)]
    [InlineData("2 GiB", 2_147_483_648)]
    public void Sizes(string text, long bytes) => ConfigurationFactory.ParseString($"s = {text}").GetByteSize("s", null).ShouldBe(bytes);

    [Fact]
    public void What_is_no_size_is_refused() =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString("s = 5 bags").GetByteSize("s", null));

    [Fact]
    public void Substitutions_put_in_what_is_said_elsewhere()
    {
        var config = ConfigurationFactory.ParseString(
            """
            base { x = 1, y = 2 }
            text = hello
            copy = ${text}
            joined = ${text} world
            derived = ${base}
            later = ${defined.below}
            defined.below = 5
            """);

        config.GetString("copy").ShouldBe("hello");
        config.GetString("joined").ShouldBe("hello world");
        config.GetInt("derived.x").ShouldBe(1);
        config.GetInt("later").ShouldBe(5);
    }

    [Fact]
    public void A_substitution_of_nothing_is_an_error() =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString("a = ${nowhere}")).Message.ShouldContain("nowhere");

    [Fact]
    public void Includes_are_asked_of_the_caller()
    {
        var config = ConfigurationFactory.ParseString(
            """
            outer {
              include "inner"
              own = 1
            }
            """,
            name => Parser.Parse($"from = {name}, own = 2", null));

        config.GetString("outer.from").ShouldBe("inner");
        config.GetInt("outer.own").ShouldBe(1);
    }

    [Fact]
    public void A_fallback_fills_the_gaps()
    {
        var above = ConfigurationFactory.ParseString("a { x = 1 }\nlist = [1]");
        var below = ConfigurationFactory.ParseString("a { x = 10, y = 20 }\nlist = [2, 3]\nz = 30");

        var config = above.WithFallback(below);

        config.GetInt("a.x").ShouldBe(1);
        config.GetInt("a.y").ShouldBe(20);
        config.GetInt("z").ShouldBe(30);
        config.GetIntList("list").ShouldBe([1]);
        config.GetConfig("a").GetInt("y").ShouldBe(20);
        Should.Throw<ArgumentException>(() => config.WithFallback(config));
    }

    [Fact]
    public void A_text_is_a_configuration()
    {
        Config config = "a = 1";

        config.GetInt("a").ShouldBe(1);
        config.IsEmpty.ShouldBeFalse();
        ConfigurationFactory.Empty.IsEmpty.ShouldBeTrue();
        Config.Empty.IsNullOrEmpty().ShouldBeTrue();
    }

    [Fact]
    public void Sections_can_be_walked()
    {
        var config = ConfigurationFactory.ParseString("nodes { a { port = 1 }\n b { port = 2 } }");

        config.GetConfig("nodes").AsEnumerable().ToDictionary(node => node.Key, node => node.Value.GetObject().GetKey("port").GetInt())
            .ShouldBe(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, ignoreOrder: true);
    }

    [Fact]
    public void What_cannot_be_read_is_a_format_error() =>
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString("a = \"bad \\q escape\""));

    [Fact]
    public void An_unknown_truth_is_refused() =>
        Should.Throw<NotSupportedException>(() => ConfigurationFactory.ParseString("a = perhaps").GetBoolean("a"));
}
