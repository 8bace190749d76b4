// Configuration that somebody bent: reading it, and asking for what it holds, ends in a value or in an error that says where, never in another exception, a stack
// that overflows, or memory that grows without bounds. LGUEST_FUZZ_CASES makes it try harder.

using System.Globalization;
using System.Text;
using Akka.Configuration;

namespace Akka.Embedded.Tests.EmbeddedOnly;

public sealed class HoconFuzzSpec
{
    private const int DefaultCases = 20_000;
    private const int LongestText = 400;

    private static readonly string[] _pieces =
    [
        "a", "b", "c.d", "\"q.r\"", "lguest", " ", "\n", "=", ":", "+=", "{", "}", "[", "]", ",", "${a}", "${?b}", "${a.c}", "${", "}", "\"", "\"\"\"", "\\", "\\u00",
        "# note\n", "// note\n", "include \"x\"\n", "10ms", "5 s", "infinite", "64KiB", "1e9", "-1", "true", "off", "null", "\u00e9", "\ud800", "\0", "\t", "\r",
    ];

    private static readonly string[] _lines =
    [
        "a = 1\n", "b { c = x, d : \"y z\" }\n", "c.d = [1, 2 3, {e = f}]\n", "a.b = ${?b.c} 10ms\n", "lguest.a += 5 s\n", "\"q.r\" = \"\"\"raw\"\"\" # note\n", "{ }\n",
    ];

    private static readonly string[] _paths = ["a", "b", "a.b", "c.d", "c", "lguest.a", "\"q.r\"", "a.b.c.d"];

    [Fact]
    public void Any_text_is_a_configuration_or_an_error_that_says_where()
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable("LGUEST_FUZZ_CASES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : DefaultCases;
        var good = 0;
        for (var number = 0; number < cases; number++)
        {
            var text = Text(new Random(number));
            try
            {
                var config = ConfigurationFactory.ParseString(text);
                good++;
                Ask(config);
            }
            catch (FormatException refusal)
            {
                refusal.Message.ShouldNotBeNullOrWhiteSpace(text);
            }
        }

        good.ShouldBeGreaterThan(cases / 10);
        good.ShouldBeLessThan(cases);
    }

    [Fact]
    public void Nesting_has_an_end()
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("a {", "}"), ("a = [", "]"), ("{", "}")])
        {
            var deep = new StringBuilder().Insert(0, open, 200_000).Insert(open.Length * 200_000, close, 200_000).ToString();
            Should.Throw<FormatException>(() => ConfigurationFactory.ParseString(deep));
        }
    }

    [Fact]
    public void Substitutions_that_double_a_value_have_an_end()
    {
        foreach (var first in (string[])["xxxxxxxxxxxxxxxx", "[1, 2]"])
        {
            var text = new StringBuilder($"v0 = {first}\n");
            for (var i = 1; i < 60; i++)
                text.Append(CultureInfo.InvariantCulture, $"v{i} = ${{v{i - 1}}}${{v{i - 1}}}\n");
            Should.Throw<FormatException>(() => ConfigurationFactory.ParseString(text.ToString()));
        }
    }

    [Fact]
    public void A_long_chain_of_substitutions_has_an_end()
    {
        var text = new StringBuilder();
        for (var i = 20_000; i > 0; i--)
            text.Append(CultureInfo.InvariantCulture, $"v{i} = ${{v{i - 1}}}\n");
        text.Append("v0 = x\n");
        Should.Throw<FormatException>(() => ConfigurationFactory.ParseString(text.ToString()));
    }

    [Fact]
    public void A_long_text_is_read_in_a_time_that_grows_with_its_length_and_no_faster()
    {
        var name = new string('n', 1_000_000);
        ConfigurationFactory.ParseString($"a = {name}").GetString("a").ShouldBe(name);
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        // Half of the texts begin as lines that are right, and have a little something put in; the other half never were right.
        if (random.Next(2) == 0)
        {
            for (var lines = random.Next(1, 6); lines > 0; lines--)
                text.Append(_lines[random.Next(_lines.Length)]);
            for (var faults = random.Next(3); faults > 0; faults--)
                text.Insert(random.Next(text.Length), _pieces[random.Next(_pieces.Length)]);
            return text.ToString();
        }

        for (var pieces = random.Next(1, 40); pieces > 0 && text.Length < LongestText; pieces--)
            text.Append(_pieces[random.Next(_pieces.Length)]);
        return text.ToString();
    }

    private static void Ask(Config config)
    {
        foreach (var path in _paths)
        {
            if (!config.HasPath(path)) continue;
            Attempt(() => config.GetString(path));
            Attempt(() => config.GetInt(path).ToString(CultureInfo.InvariantCulture));
            Attempt(() => config.GetBoolean(path).ToString());
            Attempt(() => config.GetTimeSpan(path).ToString());
            Attempt(() => config.GetByteSize(path)?.ToString(CultureInfo.InvariantCulture));
            Attempt(() => string.Concat(config.GetStringList(path)));
            Attempt(() => config.GetConfig(path)?.ToString());
        }
    }

    /// <summary>A value of another kind than was asked for is told in one of the ways that callers know.</summary>
    private static void Attempt(Func<string?> read)
    {
        try
        {
            read();
        }
        catch (Exception refusal) when (refusal is FormatException or OverflowException or NotSupportedException or ConfigurationException)
        {
            refusal.Message.ShouldNotBeNullOrWhiteSpace();
        }
    }
}
