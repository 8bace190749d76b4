// The verb linux: a distribution's own kernel and programs, got once and booted to a shell. The machine's options are those of the classic
// launcher.

using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lguest.Devices;
using Lguest.Host.Programs;
using Lguest.Launcher;
using Lguest.Linux;
using Lguest.Topology;

namespace Lguest.Host.Commands;

/// <summary><c>lguest linux [options] [-- kernel args...]</c></summary>
internal static class LinuxCommand
{
    private const string UsualMemory = "256";

    private static readonly Option<string> _memory = new("--memory", "-m")
    {
        Description = "Guest memory in megabytes.",
        HelpName = "MB",
        DefaultValueFactory = _ => UsualMemory,
    };

    private static readonly Option<string[]> _with = new("--with")
    {
        Description = "Further packages, with what they need.",
        HelpName = "NAME,NAME...",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> _pae = new("--pae")
    {
        Description = "Takes the kernel with PAE (686-pae).",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> _image = new("--image")
    {
        Description = "Has the root file system on this disk (vda), made if it is not there; else it is in memory, and new each time.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> _kernelWords = new("--kernel-args")
    {
        Description = "Arguments for the kernel in one word; those after -- follow them.",
        HelpName = "WORDS",
    };

    private static readonly Option<bool> _prepare = new("--prepare")
    {
        Description = "Gets and makes what is needed, and starts nothing.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> _update = new("--update")
    {
        Description = "Asks for newer packages, also where there are some.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Argument<string[]> _arguments = new("ARGS")
    {
        Description = "Arguments for the kernel, after --.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create(TextWriter error)
    {
        var command = new Command("linux", "Boots the distribution's own kernel and programs to a shell with a network; gets them once.")
        {
            _memory, _with, _pae, _image, _kernelWords, _prepare, _update, _arguments,
        };
        foreach (var option in LaunchCommand.MachineOptions)
            command.Options.Add(option);
        command.SetAction(parsed => Read(parsed, out string problem) is { } options
            ? LinuxProgram.Run(options, parsed.InvocationConfiguration.Output, error)
            : CommandLine.Complain(error, problem, parsed));
        return command;
    }

    /// <summary>Reads the parsed command line.</summary>
    /// <returns>What is asked for, or null with <paramref name="problem"/> saying what is wrong.</returns>
    public static LinuxOptions? Read(ParseResult parsed, out string problem)
    {
        string memory = parsed.GetValue(_memory) ?? UsualMemory;
        string? stray = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && IsArgument(parsed, token)).Select(token => token.Value).FirstOrDefault();
        if (stray is not null)
        {
            problem = stray.StartsWith('-') ? CommandLine.NoOption(stray, parsed)
                : $"'{stray}' is not understood; words for the kernel come after --";
            return null;
        }

        if (!int.TryParse(memory, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size is < 1
            or > LauncherOptions.LargestMemoryMegabytes)
        {
            problem = $"--memory={memory} is no size for a Guest; write megabytes, 1 to {LauncherOptions.LargestMemoryMegabytes}";
            return null;
        }

        if (size < LinuxGuests.LeastMegabytes && parsed.GetValue(_image) is null)
        {
            problem = $"--memory={memory} is too little for a Linux whose files are in memory; write {LinuxGuests.LeastMegabytes} at "
                + "least, or have them on a disk with --image";
            return null;
        }

        if (LaunchCommand.ReadMachine(parsed, size, out problem) is not { } machine)
            return null;
        try
        {
            ImmutableArray<string> words =
            [
                .. (parsed.GetValue(_kernelWords) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
                .. parsed.GetValue(_arguments) ?? [],
            ];
            return new LinuxOptions(
                LinuxRequest.Of(parsed.GetValue(_pae), parsed.GetValue(_with) ?? []),
                machine with { KernelArguments = words },
                parsed.GetValue(_image),
                parsed.GetValue(_prepare),
                parsed.GetValue(_update));
        }
        catch (RefusedException refused)
        {
            problem = refused.Message;
            return null;
        }
    }

    private static bool IsArgument(ParseResult parsed, Token token) =>
        parsed.GetResult(_arguments)?.Tokens.Any(own => ReferenceEquals(own, token)) == true;
}
