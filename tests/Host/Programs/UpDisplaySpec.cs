// What a user sees of a topology who asks for nothing special, and who asks for everything: the program in a process of its own, into
// pipes and at a terminal.

using System.Diagnostics;
using System.Text;
using Lguest.Host.Tests.Terminal;
using Lguest.Support;

namespace Lguest.Host.Tests.Programs;

public sealed class UpDisplaySpec : IDisposable
{
    private const string Painted = "\e[38;5;";
    private const string Progress = "0 of 1 nodes have joined, waiting for here";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lguest-display");
    private readonly string _file;

    public UpDisplaySpec()
    {
        _file = Path.Combine(_folder.FullName, "t.conf");
        File.WriteAllText(_file, """lguest { nodes.here.port = 0, guests.pup.arguments = "script=echo hello; poweroff" }""");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task By_default_a_pipe_gets_nodes_Guests_consoles_and_table_as_plain_lines_and_nothing_of_the_runtime()
    {
        var (output, error) = await Run($"up {_file}");

        error.ShouldBeEmpty();
        string[] lines = ["lguest: node here is up", "lguest: pup runs on here", "[pup] hello", "lguest: pup on here powered off"];
        foreach (string line in lines)
            output.Split('\n').ShouldContain(line);
        output.ShouldContain("│ pup ");
        output.ShouldNotContain('\e');
        output.ShouldNotContain('\r');
        output.ShouldNotContain("have joined");
        output.ShouldNotContain("akka", Case.Insensitive);
    }

    [Fact]
    public async Task With_verbose_the_log_of_nodes_and_runtime_is_on_stderr()
    {
        var (output, error) = await Run($"up --verbose {_file}");

        error.ShouldMatch(@"(?m)^lguest [\d:.]+ INF .*akka\.tcp://");
        output.ShouldContain("\n[pup] hello\n");
        output.ShouldNotContain(" INF ");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("--verbose ", true)]
    public async Task Each_try_to_reach_a_node_that_is_not_there_is_told_with_verbose_only(string option, bool isTold)
    {
        var (here, there) = (FreePorts.Next(), FreePorts.Next());
        await File.WriteAllTextAsync(_file, $$"""
            lguest {
              nodes { here.port = {{here}}, there.port = {{there}} }
              guests.pup { }
            }
            """);
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"{Program} up {option}{_file} --node here")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync();
            using var limit = new CancellationTokenSource(_patience);
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(limit.Token);
                line.ShouldNotBeNull(process.HasExited ? await error : "");
            }
            while (!line.StartsWith("lguest: waiting for 2 nodes", StringComparison.Ordinal));

            process.Kill();
            (await error).Contains(" WRN ", StringComparison.Ordinal).ShouldBe(isTold);
        }
        finally
        {
            process.Kill();
        }
    }

    [SkippableFact]
    public async Task A_terminal_shows_progress_and_names_in_colour()
    {
        string shown = await AtTerminal($"up {_file}", ("TERM", "xterm-256color"));

        shown.ShouldContain(Progress);
        shown.ShouldContain("\r\e[2K");
        shown.ShouldMatch(@"\e\[38;5;\d+m\[pup\]\e\[0m hello\r\n");
        shown.ShouldNotContain(" INF ");
    }

    [SkippableTheory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public async Task A_terminal_without_colours_gets_none(string variable, string value)
    {
        string shown = await AtTerminal($"up {_file}", ("TERM", "xterm-256color"), (variable, value));

        shown.ShouldNotContain(Painted);
        shown.ShouldContain("[pup] hello\r\n");
    }

    [SkippableFact]
    public async Task With_verbose_a_terminal_shows_the_log_and_no_line_that_is_rewritten()
    {
        string shown = await AtTerminal($"up --verbose {_file}", ("TERM", "xterm-256color"));

        shown.ShouldContain(" INF ");
        shown.ShouldNotContain(Progress);
    }

    [SkippableFact]
    public async Task A_file_gets_plain_lines_though_the_keys_come_from_a_terminal()
    {
        string output = Path.Combine(_folder.FullName, "output");
        await AtTerminal($"up {_file} >{output}", ("TERM", "xterm-256color"));

        string text = await File.ReadAllTextAsync(output);
        text.ShouldContain("\n[pup] hello\n");
        text.ShouldNotContain('\e');
        text.ShouldNotContain('\r');
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "lguest.dll");

    private static async Task<(string Output, string Error)> Run(string words)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"{Program} {words}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(_patience);
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(0, await error);
        return (await output, await error);
    }

    /// <summary>What the terminal has shown at the end.</summary>
    private static async Task<string> AtTerminal(string words, params (string Name, string Value)[] variables)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux's pseudo terminals are known here");
        using var terminal = new PseudoTerminal();
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", $"exec <{terminal.Path} >{terminal.Path} 2>{terminal.Path}; dotnet {Program} {words}; echo ended $?"]);
        start.Environment.Remove("NO_COLOR");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await Task.Run(() => terminal.ReadUntil("ended 0"));
        await process.WaitForExitAsync();
        return terminal.Shown;
    }
}
