// The verb demo: shows in one run, with nothing but the product itself, what the house can do.

using System.CommandLine;
using Lguest.Host.Demo;
using Lguest.Host.Terminal;

namespace Lguest.Host.Commands;

/// <summary><c>lguest demo</c></summary>
internal static class DemoCommand
{
    public static Command Create(TextWriter error)
    {
        var command = new Command("demo", "Runs two nodes with two Guests each that talk to one another, and tells what it took.");
        command.SetAction(_ =>
        {
            using var input = TerminalInput.OpenStandardInput();
            using var console = Console.OpenStandardOutput();
            return DemoProgram.Run(input, console, error, RawTerminal.EnterStandardInput);
        });
        return command;
    }
}
