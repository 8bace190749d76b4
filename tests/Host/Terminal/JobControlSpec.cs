// A shell with job control and a Guest as one of its jobs: stopped, continued, in the background and back. While the Guest has the
// terminal it is raw, and while the shell has it, it is the shell's.

using System.Diagnostics;

namespace Lguest.Host.Tests.Terminal;

public sealed class JobControlSpec : IDisposable
{
    private const string Prompt = "shell> ";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly PseudoTerminal? _terminal;
    private readonly Process? _shell;

    public JobControlSpec()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/setsid") || !File.Exists("/bin/bash"))
            return;
        _terminal = new PseudoTerminal();
        const string shell = "setsid --ctty --wait bash --norc --noprofile --noediting -i";
        _shell = Process.Start("/bin/sh", [
            "-c",
            $"PS1='{Prompt}' TERM=xterm exec {string.Join(' ', IgnoredSignals.Undone)} {shell} {_terminal.AllThree}",
        ]);
        _terminal.ReadUntil(Prompt);
    }

    public void Dispose()
    {
        _terminal?.Dispose();
        _shell?.Kill(entireProcessTree: true);
        _shell?.Dispose();
    }

    [SkippableTheory]
    [InlineData("TSTP")]
    [InlineData("STOP")]
    public async Task A_job_that_was_stopped_has_a_raw_terminal_again_in_the_foreground(string signal)
    {
        var terminal = Terminal();
        terminal.Type($"{ProductProcess.Command} 16 puppy\r");
        terminal.ReadUntil("puppy# ");
        terminal.Manners.ShouldBe(0u);

        await Send(signal);
        terminal.ReadUntil("Stopped");
        terminal.ReadUntil(Prompt);
        terminal.Manners.ShouldNotBe(0u);
        terminal.Type("fg\r");
        Eventually(() => terminal.Manners == 0);
        terminal.Type("echo again\r");
        terminal.ReadUntil("\nagain");
        terminal.Type("poweroff\r");
        terminal.ReadUntil(Prompt);

        terminal.Manners.ShouldBe(PseudoTerminal.Signals | PseudoTerminal.Lines | PseudoTerminal.Echo);
        terminal.Shown.ShouldNotContain("\e[?1h");
    }

    [SkippableFact]
    public async Task A_job_that_goes_on_in_the_background_leaves_the_terminal_to_the_shell()
    {
        var terminal = Terminal();
        terminal.Type($"{ProductProcess.Command} 16 puppy\r");
        terminal.ReadUntil("puppy# ");
        await Send("TSTP");
        terminal.ReadUntil("Stopped");
        terminal.ReadUntil(Prompt);

        terminal.Type("bg\r");
        terminal.ReadUntil(Prompt);
        terminal.Type("jobs\r");
        terminal.ReadUntil("Running");
        terminal.Manners.ShouldNotBe(0u);
        terminal.Type("fg\r");

        Eventually(() => terminal.Manners == 0);
        terminal.Type("echo here\r");
        terminal.ReadUntil("\nhere");
    }

    [SkippableFact]
    public void A_job_that_was_started_in_the_background_runs_and_gets_the_terminal_when_it_is_brought_forward()
    {
        var terminal = Terminal();
        terminal.Type($"{ProductProcess.Command} 16 puppy &\r");
        terminal.ReadUntil("puppy# ");
        terminal.Manners.ShouldNotBe(0u);
        terminal.Type("jobs\r");
        terminal.ReadUntil("Running");

        terminal.Type("fg\r");

        Eventually(() => terminal.Manners == 0);
        terminal.Type("echo here\r");
        terminal.ReadUntil("\nhere");
        terminal.Type("poweroff\r");
        terminal.ReadUntil(Prompt);
        terminal.Manners.ShouldBe(PseudoTerminal.Signals | PseudoTerminal.Lines | PseudoTerminal.Echo);
    }

    private static void Eventually(Func<bool> holds) => SpinWait.SpinUntil(holds, _patience).ShouldBeTrue();

    private PseudoTerminal Terminal()
    {
        Skip.If(_terminal is null, "bash and setsid are not both there");
        return _terminal!;
    }

    /// <summary>Sends a signal to the program, the only one that any shell below ours runs.</summary>
    private async Task Send(string signal)
    {
        foreach (string line in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
            if (IsOurs(line))
                using (var kill = Process.Start("kill", ["-s", signal, Path.GetFileName(line)]))
                    await kill.WaitForExitAsync();
    }

    /// <summary>Whether a process is the program, in the session of our shell.</summary>
    private bool IsOurs(string process)
    {
        try
        {
            // pid (comm) state ppid pgrp session ...
            string[] words = File.ReadAllText(Path.Combine(process, "stat")).Split(' ');
            return words[1] == "(dotnet)" && words[5] == _shell!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
