// The command demo: shows in one run, with the program alone, what lguest can do.

using System.CommandLine;
using Lguest.Host.Programs;
using Lguest.Host.Terminal;

namespace Lguest.Host.Commands;

/// <summary><c>lguest demo [--verbose]</c></summary>
internal static class DemoCommand
{
    public static Command Create(TextWriter error)
    {
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Logs to stderr what the nodes do.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("demo", "Runs two nodes with two Guests each that ping one another, and prints a table.")
        {
            verbose,
        };
        command.SetAction(parsed =>
        {
            using var input = StandardStreams.OpenInput();
            using var console = StandardStreams.OpenOutput();
            bool isVerbose = parsed.GetValue(verbose);
            return DemoProgram.Run(input, console, error, isVerbose, RawTerminal.EnterStandardInput, ConsoleStyle.OfStandardOutput);
        });
        return command;
    }
}
