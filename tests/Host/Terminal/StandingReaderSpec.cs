// Somebody reads the program's output and then stands still, as a pager or a slow terminal does. The Guest waits for its printing, and
// with it all that ends in order; but who asks for the end twice gets it.

using System.Diagnostics;

namespace Lguest.Host.Tests.Terminal;

public sealed class StandingReaderSpec : IDisposable
{
    /// <summary>How long a second signal may take.</summary>
    private static readonly TimeSpan _atMost = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-standing-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task A_second_signal_ends_the_classic_launcher_whose_reader_stands_still()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals are sent by kill");
        using var process = ProductProcess.Start("exec LGUEST 16 puppy");
        await process.StandardOutput.ReadLineAsync();
        await Fill(process);

        await EndsAtTheSecond(process, "TERM", 128 + 15);
    }

    [SkippableFact]
    public async Task A_second_signal_ends_a_topology_whose_reader_stands_still_and_leaves_nothing_behind()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals are sent by kill");
        File.WriteAllBytes(Path.Combine(_folder, "d.img"), new byte[64 * 1024]);
        string helps = string.Concat(Enumerable.Repeat("help; ", 30));
        File.WriteAllText(Path.Combine(_folder, "t.conf"), $$"""
            lguest {
              nodes.a.port = 0
              guests.g { count = 8, memory = 8M, disks = [{ file = d.img, overlay = on }], arguments = "script={{helps}}" }
            }
            """);
        using var process = ProductProcess.Start($"exec LGUEST up {_folder}/t.conf");
        await process.StandardOutput.ReadLineAsync();
        SpinWait.SpinUntil(() => Directory.GetFiles(_folder, "*.layer").Length > 0, TimeSpan.FromSeconds(60)).ShouldBeTrue();
        await StandsStill(process);

        await EndsAtTheSecond(process, "HUP", null);
        Directory.GetFiles(_folder, "*.layer").ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("16 puppy", "\u0003\u0003\u0003")]
    [InlineData("up t.conf", "\u0003")]
    [InlineData("up t.conf", "\u0001?\u0003")]
    public async Task Keys_end_what_runs_at_a_terminal_while_the_reader_stands_still(string words, string keys)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pseudo terminals are tested as Linux has them");
        string helps = string.Concat(Enumerable.Repeat("help; ", 100));
        File.WriteAllText(Path.Combine(_folder, "t.conf"),
            $$"""lguest { nodes.a.port = 0, guests.g { count = 2, memory = 8M, arguments = "script={{helps}}" } }""");
        using var terminal = new PseudoTerminal();
        using var process = ProductProcess.Start($"cd {_folder} && exec LGUEST {words} <{terminal.Path}");
        await process.StandardOutput.ReadLineAsync();
        if (words.StartsWith("16", StringComparison.Ordinal))
            terminal.Type(string.Concat(Enumerable.Repeat("help\r", 200)));
        await StandsStill(process);

        // Once for an end in order, which waits for the reader, and once more for one that does not.
        terminal.Type(keys);
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        process.HasExited.ShouldBeFalse("the first time waits for an end in order");
        using var clock = new FairClock();
        terminal.Type(keys);

        (await ProductProcess.End(process, _patience)).ShouldBe(1);
        clock.Elapsed.ShouldBeLessThan(_atMost);
    }

    [SkippableFact]
    public async Task A_reader_that_reads_again_gets_all_that_was_printed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals are sent by kill");
        using var process = ProductProcess.Start("exec LGUEST 16 puppy");
        await process.StandardOutput.ReadLineAsync();
        await Fill(process);
        process.StandardInput.Write("echo the last\npoweroff\n");
        process.StandardInput.Close();

        // Once as it was typed, and once as it was said.
        (await process.StandardOutput.ReadToEndAsync()).Split("the last").Length.ShouldBe(3);

        (await ProductProcess.End(process, TimeSpan.FromSeconds(60))).ShouldBe(0);
    }

    /// <summary>Has the Guest print more than a pipe holds, while nobody reads.</summary>
    private static async Task Fill(Process process)
    {
        for (int i = 0; i < 200; i++)
            await process.StandardInput.WriteAsync("help\n");
        await process.StandardInput.FlushAsync();
        await StandsStill(process);
    }

    /// <summary>Waits until the thread that prints sits in its write: the pipe is full.</summary>
    private static Task StandsStill(Process process) => Task.Run(() => SpinWait
        .SpinUntil(() => Directory.GetDirectories($"/proc/{process.Id}/task").Any(IsWriting), TimeSpan.FromSeconds(60))
        .ShouldBeTrue("nothing waits for the reader"));

    private static bool IsWriting(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "wchan")).Contains("pipe_write", StringComparison.Ordinal)
                || File.ReadAllText(Path.Combine(task, "syscall")).StartsWith("1 0x1 ", StringComparison.Ordinal);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task EndsAtTheSecond(Process process, string signal, int? exitCode)
    {
        await ProductProcess.Signal(process, signal);
        process.HasExited.ShouldBeFalse("the first one waits for an end in order");
        using var clock = new FairClock();
        await ProductProcess.Signal(process, signal);
        int code = await ProductProcess.End(process, _patience);

        clock.Elapsed.ShouldBeLessThan(_atMost);
        if (exitCode is { } wanted)
            code.ShouldBe(wanted);
        else
            code.ShouldNotBe(0);
    }
}
