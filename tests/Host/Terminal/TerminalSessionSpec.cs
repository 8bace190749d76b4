// Somebody sits at a terminal and starts a Guest: the whole program in a process of its own, from the first key to each way out. Whichever it is, the
// shell that comes back finds its terminal as it was.

using System.Diagnostics;
using System.Text;

namespace Lguest.Host.Tests.Terminal;

public sealed class TerminalSessionSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int> WaysOut => new()
    {
        { "poweroff", 0 },
        { "three Ctrl-C", 1 },
        { "SIGTERM", 128 + 15 },
        { "SIGINT", 128 + 2 },
        { "SIGHUP", 128 + 1 },
    };

    [SkippableTheory]
    [MemberData(nameof(WaysOut))]
    public async Task A_terminal_is_raw_for_its_Guest_and_as_before_on_every_way_out(string wayOut, int exitCode)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pseudo terminals are tested as Linux has them");
        using var terminal = new PseudoTerminal();
        var before = terminal.Attributes;
        var program = Path.Combine(AppContext.BaseDirectory, "lguest.dll");
        using var process = Process.Start("/bin/sh", ["-c", $"exec {string.Join(' ', [.. IgnoredSignals.Undone, "dotnet", program])} 16 puppy <{terminal.Path} >{terminal.Path} 2>{terminal.Path}"]);
        var shown = ReadUntil(terminal, "puppy# ", "");
        terminal.Manners.ShouldBe(0u);

        // Each key goes to the Guest as it is pressed, and it is the Guest that echoes it.
        terminal.Type("ech");
        shown = ReadUntil(terminal, "ech", shown);
        terminal.Type("o typed\r");
        shown = ReadUntil(terminal, "\ntyped", shown);

        switch (wayOut)
        {
            case "poweroff":
                terminal.Type("poweroff\r");
                break;
            case "three Ctrl-C":
                foreach (var key in (string[])["\u0003", "\u0003", "\u0003"])
                    terminal.Type(key);
                break;
            default:
                using (var kill = Process.Start("kill", ["-s", wayOut[3..], $"{process.Id}"]))
                    await kill.WaitForExitAsync();
                break;
        }

        using var limit = new CancellationTokenSource(_patience);
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(exitCode, shown);
        terminal.Attributes.ShouldBe(before);
    }

    /// <summary>Reads on until a text has been shown.</summary>
    private static string ReadUntil(PseudoTerminal terminal, string wanted, string before)
    {
        var shown = new StringBuilder(before);
        var reading = Task.Run(() =>
        {
            while (!shown.ToString(before.Length, shown.Length - before.Length).Contains(wanted, StringComparison.Ordinal))
            {
                var more = terminal.Read();
                if (more.Length == 0)
                    break;
                shown.Append(more);
            }
        });
        reading.Wait(_patience).ShouldBeTrue($"'{wanted}' was not shown, but: {shown}");
        return shown.ToString();
    }
}
