// The verb journey: prints the hard parts of the source in the order in which they are best read.

using System.CommandLine;

namespace Lguest.Host.Commands;

/// <summary><c>lguest journey [CHAPTER]</c></summary>
internal static class JourneyCommand
{
    public static Command Create(TextWriter error)
    {
        var chapter = new Argument<string?>("CHAPTER")
        {
            Description = "The chapter to print; without one, the list of chapters.",
            Arity = ArgumentArity.ZeroOrOne
        };
        var command = new Command("journey", "Tells how the machine works, chapter by chapter, from its source.") { chapter };
        command.SetAction(parsed => Journey.JourneyProgram.Run(parsed.GetValue(chapter), parsed.InvocationConfiguration.Output, error));
        return command;
    }
}
