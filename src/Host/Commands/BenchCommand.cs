// The verb bench: the benchmarks are a program of their own in the source tree, so that the product does not carry them; this verb finds
// and runs it.

using System.CommandLine;
using System.Diagnostics;
using Lguest.Host.Terminal;

namespace Lguest.Host.Commands;

/// <summary><c>lguest bench [NAME...]</c></summary>
internal static class BenchCommand
{
    public static Command Create(TextWriter error)
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Runs only benchmarks whose name contains one of these words.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("bench", "Measures what SPECIFICATION.md promises and prints one table.") { names };
        command.SetAction(parsed => Run(parsed.GetValue(names) ?? [], error));
        return command;
    }

    private static int Run(string[] names, TextWriter error)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string project = Path.Combine(folder.FullName, "bench", "Lguest.Bench.csproj");
            if (File.Exists(project))
                return Start(project, names);
        }

        return CommandLine.Complain(error, "the benchmarks are part of the source tree; run ./lguest bench there");
    }

    private static int Start(string project, string[] names)
    {
        using var process = Process.Start("dotnet", ["run", "-c", "Release", "--project", project, "--", .. names]);

        // A shell's Ctrl-C reaches all of them; what is sent to us alone must not leave the measurements running on by themselves.
        using StopSignals signals = new((_, _) => process.Kill(entireProcessTree: true));
        process.WaitForExit();
        return process.ExitCode;
    }
}
