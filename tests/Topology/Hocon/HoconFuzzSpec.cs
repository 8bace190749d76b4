// Whatever is in a file, reading it ends in settings or in one line with a place, never in another exception, a stack that overflows, or
// memory without end. The texts are the topologies that are shipped, changed at random, and texts put together from pieces of the language.
// LGUEST_FUZZ_CASES makes it try harder, LGUEST_FUZZ_SEED repeats one case.

using System.Globalization;
using System.Text;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests.Hocon;

public sealed class HoconFuzzSpec
{
    private const int DefaultCases = 10_000;
    private const int LongestSize = 1 << 22;

    private static readonly string[] _pieces =
    [
        "a", "b", "c.d", "\"q.r\"", "lguest", " ", "\n", "=", ":", "+=", "{", "}", "[", "]", ",", "${a}", "${?b}", "${a.c}",
            "${lguest.guests}", "${", "\"", "\"\"\"", "\\", "\\u00",
        "# note\n", "// note\n", "include \"shipped\"\n", "include file(\"self\")\n", "10ms", "64KiB", "1e9", "-1", "true", "null",
            "\u00e9", "\ud800", "\0", "\t", "\r", "\u2028",
        "a = ${a} { b = 1 }\n", "a += x\n", "a { b = ${a.c}, c = [1] }\n",
    ];

    private static readonly string[] _shipped = [.. Directory.EnumerateFiles(ShippedTopologiesSpec.Folder(),
        "*.conf").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    [Fact]
    public void Any_text_is_settings_or_one_line_with_a_place()
    {
        int cases = Number("LGUEST_FUZZ_CASES") ?? DefaultCases;
        int? first = Number("LGUEST_FUZZ_SEED");
        int read = 0;
        for (int seed = first ?? 0; seed < (first + 1 ?? cases); seed++)
        {
            string text = Text(new Random(seed));
            try
            {
                Size(HoconFile.Read("t.conf", text, Included, name => name.Length % 2 == 0 ? name : null)).ShouldBeLessThan(LongestSize,
                    $"seed {seed}");
                read++;
            }
            catch (MisconfiguredException refused)
            {
                refused.Message.ShouldMatch(@"\A(t\.conf|shipped|self):[1-9]\d*:[1-9]\d*: [^\n]+\z", $"seed {seed}");
            }
            catch (Exception other) when (other is not ShouldAssertException)
            {
                throw new InvalidOperationException($"seed {seed} ends in {other.GetType().Name}: {other.Message}", other);
            }
        }

        if (first is null)
            read.ShouldBeInRange(cases / 100, cases * 9 / 10);
    }

    private static (string File, string Text) Included(string name, Place place) => name switch
    {
        "shipped" => (name, _shipped[0]),
        "self" => (name, "include \"self\""),
        _ => throw new MisconfiguredException(place, "there is no such file"),
    };

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : null;

    private static string Text(Random random)
    {
        if (random.Next(3) == 0)
        {
            var made = new StringBuilder();
            for (int pieces = random.Next(1, 40); pieces > 0; pieces--)
                made.Append(_pieces[random.Next(_pieces.Length)]);
            return made.ToString();
        }

        string text = _shipped[random.Next(_shipped.Length)];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(text.Length + 1);
            int length = Math.Min(random.Next(random.Next(1, 40)), text.Length - at);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, _pieces[random.Next(_pieces.Length)]),
                2 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                _ => text.Remove(at, length).Insert(at, ((char)random.Next(0x80)).ToString()),
            };
        }

        return text;
    }

    private static long Size(Setting setting) => setting switch
    {
        Setting.Section section => 1 + section.Fields.Sum(field => Size(field.Value)),
        Setting.Items items => 1 + items.Values.Sum(Size),
        Setting.Text text => 1 + text.Value.Length,
        _ => 1,
    };
}
