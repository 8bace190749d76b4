// The verb demo: shows in one run, with nothing but the product itself, what the house can do.

using System.CommandLine;
using Lguest.Host.Demo;

namespace Lguest.Host.Commands;

/// <summary><c>lguest demo</c></summary>
internal static class DemoCommand
{
    public static Command Create(TextWriter error)
    {
        var command = new Command("demo", "Boots the Guest kernel inside this program, lets it work, and tells what it took.");
        command.SetAction(parsed =>
        {
            using var console = Console.OpenStandardOutput();
            return DemoProgram.Run(console, parsed.InvocationConfiguration.Output, error);
        });
        return command;
    }
}
