// The command check: reads a topology as up does, starts nothing, and draws it.

using System.CommandLine;
using Lguest.Host.Programs;

namespace Lguest.Host.Commands;

/// <summary><c>lguest check FILE.conf [--svg FILE]</c></summary>
internal static class CheckCommand
{
    public static Command Create(TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "The topology." };
        var svg = new Option<string?>("--svg") { Description = "Also writes the drawing to this file, as SVG.", HelpName = "FILE" };
        var command = new Command("check", "Checks a topology and draws it, without starting anything.") { file, svg };
        command.SetAction(parsed => CheckProgram.Run(parsed.GetValue(file)!, parsed.GetValue(svg), parsed.InvocationConfiguration.Output,
            error));
        return command;
    }
}
