// lguest check: a drawing of what is right, a line about what is wrong.

using System.Xml.Linq;
using Lguest.Guest.Cpu;
using Lguest.Host.Commands;
using Lguest.Launcher;
using Lguest.Switcher.Actors;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Host.Tests.Programs;

public sealed class CheckProgramSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-check").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_topology_is_drawn_with_its_nodes_guests_and_lans()
    {
        var (exit, output, error) = Check("""
            lguest {
              name = pair
              nodes { left { port = 4051 }, right { } }
              lans { green { loss = 5% }, blue { kind = dma } }
              defaults.guest.kernel = "builtin:puppy1"
              guests { a { node = left, lans = [green, blue] }, b { lans = [blue] } }
            }
            """);

        error.ShouldBeEmpty();
        exit.ShouldBe(0);
        output.ReplaceLineEndings("\n").ShouldBe("""
            pair: 2 nodes, 2 lans, 2 Guests

             ┏━ green  ethernet 10.0.0.0/24, loss 5%
             ┃  ┏━ blue  dma
             ┃  ┃
             ┃  ┃    ╭─ left ─ 127.0.0.1:4051 ──────╮
             ┣━━╋━━━━┥  a  puppy1  16 MB  10.0.0.1  │
             ┃  ┃    ╰──────────────────────────────╯
             ┃  ┃
             ┃  ┃    ╭─ right ─ 127.0.0.1 ──────────╮
             ┃  ┣━━━━┥ *b  puppy1  16 MB            │
             ┃  ┃    ╰──────────────────────────────╯

            * wherever there is room when it is placed; drawn where that is with all nodes up

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_picture_is_well_formed_and_has_every_name()
    {
        string picture = Path.Combine(_folder, "out.svg");

        Check("lguest { nodes { left { }, right { } }, lans.green { }, guests.web { count = 3, lans = [green] } }", "--svg",
            picture).Exit.ShouldBe(0);

        var texts = XDocument.Load(picture).Descendants().Where(element => element.Name.LocalName is "text")
            .Select(element => element.Value).ToList();
        foreach (string name in (string[])["left", "right", "green", "web-1", "web-2", "web-3"])
            texts.ShouldContain(text => text.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mistake_costs_one_line_and_exit_code_2()
    {
        var (exit, output, error) = Check("lguest { nodes.a { }, guests.b.memory = much }");

        exit.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("t.conf:1:41: guest 'b': memory = 'much' is not a size");
        error.TrimEnd().Split('\n').ShouldHaveSingleItem();
        var none = new StringWriter();
        CommandLine.Run(["check", Path.Combine(_folder, "none.conf")], TextWriter.Null, none).ShouldBe(2);
        none.ToString().ShouldContain("there is no topology file");
    }

    [Fact]
    public void A_tap_that_cannot_be_had_on_this_machine_is_found_out_without_opening_it()
    {
        // The loopback device is on every machine, and is no tap; where there is no /dev/net/tun, or no right to use it, that comes first.
        var (exit, output, error) = Check("lguest { nodes.a { }, guests.b.lans = [green], lans.green.tap = lo }");

        exit.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("t.conf:1:65: lan 'green': ");
        ((string[])["is a network device of this machine, but not a tap; name another",
            "there is no /dev/net/tun here; load the module", "/dev/net/tun cannot be opened: no permission; ask for access"])
            .ShouldContain(problem => error.Contains(problem, StringComparison.Ordinal), error);
    }

    [Fact]
    public void What_speaks_against_a_way_out_is_told_with_the_place_of_its_setting()
    {
        const string Problem = "nat needs libslirp.so.0, which this machine does not have; install it";
        const string Text = "lguest {\n  nodes.a { }\n  lans.green { nat = on }\n  guests.b { }\n}";

        Should.Throw<MisconfiguredException>(() => TopologyFile.Parse(
            "t.conf", Text, _ => null, _ => true, lan => lan.Nat ? ("nat", Problem) : null))
            .Message.ShouldBe($"t.conf:3:22: lan 'green': {Problem}");
        TopologyFile.Parse("t.conf", Text, _ => null, _ => true).Topology.FindLan("green")!.Nat.ShouldBeTrue();
    }

    [Fact]
    public void What_speaks_against_the_translator_is_told_with_the_place_of_its_setting()
    {
        const string Problem = "it needs Linux";
        const string Text = "lguest {\n  nodes.a { }\n  switcher.engine = translator\n  guests.b { }\n}";

        Should.Throw<MisconfiguredException>(() => Parse(Text, () => Problem))
            .Message.ShouldBe("t.conf:3:21: lguest.switcher: the translator cannot run here: it needs Linux; write engine = auto");
        Engine(Parse(Text, () => null)).ShouldBe(EngineKind.Translator);
        Engine(Parse(Text.Replace("translator", "auto", StringComparison.Ordinal), () => Problem)).ShouldBe(EngineKind.Auto);
        Engine(Parse(Text.Replace("translator", "interpreter", StringComparison.Ordinal), () => Problem)).ShouldBe(EngineKind.Interpreter);

        static TopologyFile Parse(string text, Func<string?> problem) =>
            TopologyFile.Parse("t.conf", text, _ => null, _ => true, translatorProblem: problem);

        static EngineKind Engine(TopologyFile file) => SwitcherSettings.From(file.Config).Engine;
    }

    [Fact]
    public void The_kernel_that_a_guest_names_is_looked_into()
    {
        File.WriteAllBytes(Path.Combine(_folder, "vmlinux"), EmbeddedKernel.Read(EmbeddedKernel.FirstPuppy));
        File.WriteAllText(Path.Combine(_folder, "broken"), "no kernel");

        Check(With("vmlinux")).Error.TrimEnd().ShouldBe($"lguest: {Path.Combine(_folder, "t.conf")}:1:58: guest 'b': Linux 2.6.23 has no "
            + "driver for an entropy source; leave --rng out (in a topology: rng = auto)");
        Check(With("broken")).Error.ShouldContain(":1:43: guest 'b': " + Path.Combine(_folder, "broken") + " is not a kernel");

        static string With(string kernel) => $"lguest {{ nodes.a {{ }}, guests.b {{ kernel = {kernel}, rng = on }} }}";
    }

    private (int Exit, string Output, string Error) Check(string text, params string[] options)
    {
        string file = Path.Combine(_folder, "t.conf");
        File.WriteAllText(file, text);
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(["check", file, .. options], output, error), output.ToString(), error.ToString());
    }
}
