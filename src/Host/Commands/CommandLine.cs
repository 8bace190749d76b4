// The command line as a whole: its commands, and the answer to a wrong one. Anything else is the classic launcher syntax of lguest, where
// everything after the kernel belongs to the kernel, even if it looks like an option.

using System.CommandLine;
using System.CommandLine.Parsing;
using Lguest.Host.Programs;
using Lguest.Topology.Hocon;

namespace Lguest.Host.Commands;

/// <summary>Reads the arguments of the process and runs the verb they name.</summary>
internal static class CommandLine
{
    /// <summary>Exit code for bad usage or configuration, always with one line on stderr.</summary>
    public const int BadUsage = 2;

    /// <summary>Runs the verb that <paramref name="args"/> name.</summary>
    /// <param name="args">The arguments as the process got them.</param>
    /// <param name="output">Takes what the verb prints.</param>
    /// <param name="error">Takes the one line that names cause and remedy when something is wrong.</param>
    /// <returns>0 in order, 1 a Guest died, 2 bad usage.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            if (PlainLaunch.Read(args) is { } plain)
                return LauncherProgram.Run(plain, error);
            var parsed = Parse(args, error);
            if (parsed.Errors.Count > 0)
                return Complain(error, Problem(parsed), parsed);
            if (SwitchWithValue(args, parsed) is { } wrong)
                return Complain(error, $"{wrong} takes no value", parsed);
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception fault)
        {
            // What a user can mend has been told by the verb; whatever else there is must not end in a page of stack trace.
            return LastResort.Tell(fault, error);
        }
    }

    /// <summary>Reads the arguments without running anything; the result carries what was wrong with them.</summary>
    public static ParseResult Parse(string[] args, TextWriter error)
    {
        var root = Build(error);

        // Without a response file syntax: a kernel argument may begin with '@'. Without bundling: no option here is a letter among others.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        return root.Parse(FenceKernelArguments(args, root), parsing);
    }

    /// <summary>Says on one line what is wrong with the command, and where to look.</summary>
    /// <param name="error">Takes the line.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="parsed">The command, where it has a help of its own.</param>
    /// <returns><see cref="BadUsage"/>, for the caller to return.</returns>
    public static int Complain(TextWriter error, string message, ParseResult? parsed = null)
    {
        string verb = parsed?.CommandResult.Command is { } command and not RootCommand ? $"{command.Name} " : "";
        string line = string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        error.WriteLine($"lguest: {line.TrimEnd('.')} (lguest {verb}--help shows the usage)");
        return BadUsage;
    }

    /// <summary>That no option is called so, with the one that was probably meant.</summary>
    public static string NoOption(string word, ParseResult parsed) => $"there is no option '{word}'"
        + Meant(word.Split('=')[0], OptionsOf(parsed).Select(option => option.Name));

    /// <summary>"; did you mean 'x'?", or nothing where no word is near.</summary>
    public static string Meant(string word, IEnumerable<string> known) =>
        Suggestion.Nearest(word, known) is { } near ? $"; did you mean '{near}'?" : "";

    private static IEnumerable<Option> OptionsOf(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive));

    /// <summary>What the library says about a wrong command, in this program's words where it is a matter of every day.</summary>
    private static string Problem(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var stray, ..] ? stray.StartsWith('-') ? NoOption(stray, parsed) : $"'{stray}' is one word too many"
        : parsed.Errors[0].Message;

    /// <summary>An option that takes no value and was given one, as in --rng=on, which would be read as the next word.</summary>
    private static string? SwitchWithValue(string[] args, ParseResult parsed)
    {
        var switches = OptionsOf(parsed).Where(option => option.Arity.MaximumNumberOfValues == 0).ToList();
        return FenceKernelArguments(args, (RootCommand)parsed.RootCommandResult.Command).TakeWhile(word => word != "--")
            .Where(word => word.Contains('=')).Select(word => word.Split('=')[0])
            .FirstOrDefault(name => switches.Any(option => option.Name == name || option.Aliases.Contains(name)));
    }

    private static RootCommand Build(TextWriter error)
    {
        var root = LaunchCommand.Create(error);
        root.Subcommands.Add(DemoCommand.Create(error));
        root.Subcommands.Add(LinuxCommand.Create(error));
        root.Subcommands.Add(UpCommand.Create(error));
        root.Subcommands.Add(CheckCommand.Create(error));
        root.Subcommands.Add(CertCommand.Create(error));
        root.Subcommands.Add(BenchCommand.Create(error));
        root.Subcommands.Add(JourneyCommand.Create(error));
        VersionCommand.Attach(root);
        HelpText.Attach(root);
        return root;
    }

    /// <summary>
    /// Puts <c>--</c> before the first word that is neither an option nor the value of one, unless that word is a verb: from there on
    /// nothing is read as an option.
    /// </summary>
    private static string[] FenceKernelArguments(string[] args, RootCommand root)
    {
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--" || root.Subcommands.Any(verb => verb.Name == args[i]))
                return args;
            if (!args[i].StartsWith('-'))
                return [.. args[..i], "--", .. args[i..]];
            if (TakesNextWord(args[i], root))
                i++;
        }

        return args;
    }

    private static bool TakesNextWord(string option, RootCommand root) =>
        root.Options.Any(known => known.Arity.MinimumNumberOfValues > 0 && (known.Name == option || known.Aliases.Contains(option)));
}
