// Somebody sits at a terminal and starts a Guest: the whole program in a process of its own, from the first key to each way out. Whichever
// it is, the shell that comes back finds its terminal as it was.

using System.Diagnostics;

namespace Lguest.Host.Tests.Terminal;

public sealed class TerminalSessionSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int> WaysOut => new()
    {
        { "poweroff", 0 },
        { "the Guest's death", 1 },
        { "three Ctrl-C", 1 },
        { "SIGTERM", 128 + 15 },
        { "SIGINT", 128 + 2 },
        { "SIGHUP", 128 + 1 },
        { "SIGQUIT", 128 + 3 },
    };

    [SkippableTheory]
    [MemberData(nameof(WaysOut))]
    public async Task A_terminal_is_raw_for_its_Guest_and_as_before_on_every_way_out(string wayOut, int exitCode)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pseudo terminals are tested as Linux has them");
        using var terminal = new PseudoTerminal();
        byte[] before = terminal.Attributes;
        using var process = Start(terminal, "16 puppy");
        terminal.ReadUntil("puppy# ");
        terminal.Manners.ShouldBe(0u);

        // Each key goes to the Guest as it is pressed, and it is the Guest that echoes it.
        terminal.Type("ech");
        terminal.ReadUntil("ech");
        terminal.Type("o typed\r");
        terminal.ReadUntil("\ntyped");

        switch (wayOut)
        {
            case "poweroff":
                terminal.Type("poweroff\r");
                break;
            case "the Guest's death":
                terminal.Type("crash panic\r");
                break;
            case "three Ctrl-C":
                foreach (string key in (string[])["\u0003", "\u0003", "\u0003"])
                    terminal.Type(key);
                break;
            default:
                await ProductProcess.Signal(process, wayOut[3..]);
                break;
        }

        (await ProductProcess.End(process, _patience)).ShouldBe(exitCode, terminal.Shown);
        terminal.Attributes.ShouldBe(before);
        terminal.Shown.ShouldNotContain("\e", Case.Sensitive, "nothing but the Guest writes to the terminal, and Puppy has no colours");
    }

    [SkippableTheory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("up --help")]
    [InlineData("journey")]
    [InlineData("16 nokernel")]
    [InlineData("--verbose 16 puppy script=poweroff")]
    public async Task What_is_printed_on_a_terminal_leaves_no_mode_of_its_own_behind(string words)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "this test knows Linux's pseudo terminals only");
        using var terminal = new PseudoTerminal();
        byte[] before = terminal.Attributes;
        using var process = Start(terminal, words);
        terminal.ReadUntil("\n");

        terminal.KeepReading();
        await ProductProcess.End(process, _patience);

        terminal.Attributes.ShouldBe(before);
        terminal.Shown.ShouldNotContain("\e");
    }

    [SkippableFact]
    public async Task A_topology_in_a_terminal_that_is_closed_ends_and_leaves_nothing_behind()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid"), "setsid is not there to give it a terminal of its own");
        string folder = Directory.CreateTempSubdirectory("lguest-hangup-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "d.img"), new byte[64 * 1024]);
            const string topology = "lguest { nodes.a.port = 0, guests.g { disks = [{ file = d.img, overlay = on }] } }";
            File.WriteAllText(Path.Combine(folder, "t.conf"), topology);
            Process process;
            using (var terminal = new PseudoTerminal())
            {
                process = Process.Start("/bin/sh", [
                    "-c",
                    $"exec setsid --ctty --wait env TERM=xterm {ProductProcess.Command} up {folder}/t.conf {terminal.AllThree}",
                ]);
                terminal.ReadUntil("Type help");
                Directory.GetFiles(folder, "*.layer").ShouldHaveSingleItem();
            }

            await ProductProcess.End(process, _patience);
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["d.img", "t.conf"]);
            process.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Starts the program at a terminal that no shell shares out.</summary>
    /// <summary>With the signals as a terminal leaves them: who runs the tests in the background has the keys' signals ignored, and that is
    /// inherited.</summary>
    private static Process Start(PseudoTerminal terminal, string words) => Process.Start(
        "/bin/sh", ["-c", $"TERM=xterm exec env --default-signal=INT,QUIT {ProductProcess.Command} {words} {terminal.AllThree}"]);
}
