// The default command: the classic launcher syntax, with lguest's own option names. Devices keep their order on the command line, since a
// disk's name depends on it.

using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lguest.Guest.Cpu;
using Lguest.Host.Launcher;
using Lguest.Host.Launcher.Boards;

namespace Lguest.Host.Commands;

/// <summary><c>lguest [options] MEMORY_MB KERNEL [kernel args...]</c></summary>
internal static class LaunchCommand
{
    private static readonly Option<string> _initrd = new("--initrd", "-i")
    {
        Description = "Initial RAM disk for the kernel.",
        HelpName = "FILE"
    };

    private static readonly Option<string[]> _block = new("--block", "-b")
    {
        Description = "Adds a virtio disk: vda, vdb ... in the order given.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> _rng = new("--rng", "-r")
    {
        Description = "Adds a virtio entropy source.",
        Arity = ArgumentArity.Zero
    };

    private static readonly Option<string?> _engine = new("--engine")
    {
        Description = "What executes the Guest's code; auto is the translator where this host can run it.",
        HelpName = string.Join('|', Engines.Words.Select(known => known.Word)),
    };

    private static readonly Option<string?> _board = new("--board")
    {
        Description = "The kind of machine: lguest's, or a plain PC; without it, the one that the kernel was built for.",
        HelpName = string.Join('|', BoardKind.Words),
    };

    private static readonly Option<string?> _log = new("--log")
    {
        Description = "Also writes the Guest's console to this file.",
        HelpName = "FILE"
    };

    private static readonly Option<string[]> _tunnel = new("--tunnet", "-t")
    {
        Description = "Adds a network card connected to this machine or to networks beyond it.",
        HelpName = "IPADDR|bridge:NAME|nat",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> _share = new("--sharenet", "-s")
    {
        Description = "Adds a network card of the first generation on a page shared with all Guests that name the same file.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Logs to stderr what the Launcher does.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Argument<string?> _memory = new("MEMORY_MB")
    {
        Description = "Guest memory in megabytes.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> _kernel = new("KERNEL")
    {
        Description = $"An ELF vmlinux or a bzImage, or '{EmbeddedKernel.Puppy}', the Guest kernel inside this program; "
            + $"'{EmbeddedKernel.FirstPuppy}' is its first generation.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string[]> _kernelArguments = new("ARGS")
    {
        Description = "Arguments for the kernel.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The options of every machine, whatever it boots.</summary>
    public static ImmutableArray<Option> MachineOptions => [_block, _tunnel, _rng, _engine, _log, _verbose];

    /// <summary>The root command: what runs when no verb is named.</summary>
    public static RootCommand Create(TextWriter error)
    {
        var root = new RootCommand("Runs small paravirtualised Linux machines.")
        {
            _initrd, _block, _tunnel, _share, _rng, _board, _engine, _log, _verbose, _memory, _kernel, _kernelArguments,
        };
        root.SetAction(parsed => Read(parsed, out string? problem) is { } options
            ? LauncherProgram.Run(options, error)
            : CommandLine.Complain(error, problem));
        return root;
    }

    /// <summary>Reads one Guest from the parsed command line.</summary>
    /// <returns>The Guest, or null with <paramref name="problem"/> saying what is missing or wrong.</returns>
    public static LauncherOptions? Read(ParseResult parsed, out string problem)
    {
        problem = "";
        string? memory = parsed.GetValue(_memory);
        string? kernel = parsed.GetValue(_kernel);
        if (string.IsNullOrEmpty(memory))
            problem = "a Guest needs its memory in megabytes and a kernel, as in: lguest 64 vmlinux root=/dev/vda";
        else if (memory.StartsWith('-'))
            problem = $"there is no option '{memory}'";
        else if (!memory.All(char.IsAsciiDigit))
            problem = $"'{memory}' is neither a command nor a memory size; a size is a whole number of megabytes, as in: lguest 64 vmlinux";
        else if (!int.TryParse(memory, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size is < 1
            or > LauncherOptions.LargestMemoryMegabytes)
            problem = $"a Guest cannot have {memory} megabytes of memory; choose 1 to {LauncherOptions.LargestMemoryMegabytes}";
        else if (string.IsNullOrEmpty(kernel))
            problem = $"no kernel named after the memory size; name one, as in: lguest {size} vmlinux, or lguest {size} "
                + $"{EmbeddedKernel.Puppy}";
        else
        {
            return ReadMachine(parsed, size, out problem) is { } machine ? machine with
            {
                Kernel = kernel,
                KernelArguments = [.. parsed.GetValue(_kernelArguments) ?? []],
                Initrd = parsed.GetValue(_initrd),
            } : null;
        }

        return null;
    }

    /// <summary>Reads what else a Guest is to have: what <see cref="MachineOptions"/> say.</summary>
    /// <returns>A Guest without a kernel, or null with <paramref name="problem"/> saying what is wrong.</returns>
    public static LauncherOptions? ReadMachine(ParseResult parsed, int megabytes, out string problem)
    {
        var (devices, wires, wrong) = Devices(parsed);
        string? engine = parsed.GetValue(_engine);
        string? board = parsed.GetValue(_board);
        var kind = engine is null ? null : Engines.Parse(engine);
        problem = wrong is not null
            ? $"--tunnet={wrong} is not understood; write the Host's address (192.168.19.1), a bridge (bridge:br0), or nat"
            : engine is not null && kind is null ? $"--engine={engine} is not an engine; write auto, interpreter or translator"
            : board is not null && !BoardKind.Words.Contains(board) ? $"--board={board} is not a kind of machine; write lguest or pc"
            : "";
        return problem.Length > 0 ? null : new LauncherOptions(megabytes, "", [], devices, Verbose: parsed.GetValue(_verbose))
        {
            Log = parsed.GetValue(_log),
            Wires = wires,
            Engine = kind,
            Board = board,
        };
    }

    private static (ImmutableArray<DeviceOption> Devices, ImmutableArray<OutsideWire> Wires, string? Wrong) Devices(ParseResult parsed)
    {
        var wires = ImmutableArray.CreateBuilder<OutsideWire>();
        string? wrong = null;
        var devices = ImmutableArray.CreateBuilder<DeviceOption>();
        string? option = null;
        foreach (var token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
                break;
            if (token.Type == TokenType.Option)
                option = token.Value;
            if (token.Type == TokenType.Option && Names(_rng, token.Value))
                devices.Add(new DeviceOption.Rng());
            else if (token.Type == TokenType.Argument && option is not null && Names(_block, option))
                devices.Add(new DeviceOption.Block(token.Value));
            else if (token.Type == TokenType.Argument && option is not null && Names(_tunnel, option))
                AddCard(token.Value);
            else if (token.Type == TokenType.Argument && option is not null && Names(_share, option))
                devices.Add(new DeviceOption.SharedNet(token.Value, DeviceOption.SharedNet.AnySlot));
        }

        return (devices.ToImmutable(), wires.ToImmutable(), wrong);

        void AddCard(string text)
        {
            if (OutsideWire.Parse(text, wires.Count, out var mac) is not { } wire)
            {
                wrong ??= text;
                return;
            }

            wires.Add(wire);
            devices.Add(new DeviceOption.Net(wire.Lan, mac));
        }
    }

    private static bool Names(Option option, string word) => option.Name == word || option.Aliases.Contains(word);
}
