// Whatever a file says, reading it ends in a topology or in one line about it, soon and with little memory. LGUEST_FUZZ_CASES scales how
// often that is tried.

using System.Globalization;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class TopologyFuzzSpec
{
    private const int OrdinaryCases = 3000;

    private const string Seed = """
        # A topology that has a bit of everything.
        vars { m = 32M, list = [a, "b", 3] }
        lguest {
          name = rack
          nodes { left { port = 4051, roles = [db, web] }, right { memory = 1G } }
          lans { green { delay = 20ms, jitter = 5ms, loss = 5%, rate = 10Mbit }, shared.kind = dma }
          defaults.guest { memory = ${vars.m}, arguments = "ip=%address% %name%" , lans = [green] }
          guests {
            a { node = left, disks = [{ file = x.img, overlay = on }, y.img], log = "%name%.log" }
            b { count = 3, role = web, cpu-share = 50% } // three
            c = ${lguest.guests.a} { lans = [{ lan = green, address = 10.0.0.77 }, shared], disks = [] }
          }
        }
        """;

    private static readonly string[] _words =
    [
        "{", "}", "[", "]", "=", ":", "+=", ",", "\n", "\"", "\"\"\"", "${", "${vars.m}", "${?x}", "include \"other.conf\"", "#", "//",
            "\\u12", "%name%", "%peers%",
        "999999999999999999999", "-1", "0", "1e309", "lguest", "guests", "nodes", "lans", "count = 1000", "memory = 0.1M", "\0", "ÿ", ".",
            "..", "\"\"", "null", "on", "\t",
    ];

    [Fact]
    public void Bent_topologies_are_read_or_refused_with_one_line()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("LGUEST_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture,
            out int wanted) ? Math.Max(1, wanted / 100) : OrdinaryCases;
        int read = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            string text = Bend(new Random(seed));
            try
            {
                TopologyFile.Parse("fuzz.conf", text, name => name == "other.conf" ? Seed : null, _ => true);
                read++;
            }
            catch (MisconfiguredException refused)
            {
                refused.Message.ShouldNotContain("\n", customMessage: $"seed {seed}");
                refused.Message.ShouldMatch(@"^(fuzz|other)\.conf:\d+:\d+: ", $"seed {seed}");
            }
        }

        read.ShouldBeGreaterThan(0, "some bends do no harm");
    }

    private static string Bend(Random dice)
    {
        string text = Seed;
        for (int bends = dice.Next(1, 6); bends > 0; bends--)
        {
            int at = dice.Next(text.Length + 1);
            int length = Math.Min(dice.Next(dice.Next(1, 40)), text.Length - at);
            text = dice.Next(4) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, _words[dice.Next(_words.Length)]),
                2 => text.Insert(at, text.Substring(dice.Next(text.Length - length + 1), length)),
                _ => text.Remove(at, length).Insert(at, _words[dice.Next(_words.Length)]),
            };
        }

        return text;
    }
}
