// The verb up: runs a topology, all of it or one of its nodes.

using System.CommandLine;
using Lguest.Host.Programs;

namespace Lguest.Host.Commands;

/// <summary><c>lguest up FILE.conf [--node NAME] [--log FILE]</c></summary>
internal static class UpCommand
{
    public static Command Create(TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "The topology." };
        var node = new Option<string?>("--node")
        {
            Description = "Runs only this node; the others run in other processes.",
            HelpName = "NAME"
        };
        var log = new Option<string?>("--log")
        {
            Description = "Also writes each Guest's console to a file; %name% in it stands for the "
            + "Guest's name.",
            HelpName = "FILE"
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Logs to stderr what the nodes do.", Arity = ArgumentArity.Zero };
        var command = new Command("up", "Runs a topology until all its Guests have ended.") { file, node, log, verbose };
        command.SetAction(parsed => UpProgram.Run(new UpOptions(
            parsed.GetValue(file)!, parsed.GetValue(node), parsed.GetValue(verbose), parsed.GetValue(log)), error));
        return command;
    }
}
