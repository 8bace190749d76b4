// The default command: the classic launcher syntax, with lguest's own option names. Devices keep their order on the command line, since a
// disk's name depends on it.

using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lguest.Guest.Cpu;
using Lguest.Host.Programs;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Net.Outside;
using Lguest.Switcher.Time;

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
        HelpName = string.Join('|', BoardFamily.Words),
    };

    private static readonly Option<string?> _boot = new("--boot")
    {
        Description = "The way into a PC's kernel: unpacked by the Host, unpacking itself, or by its entry for virtual machines.",
        HelpName = string.Join('|', PcEntries.Words.Select(known => known.Word)),
    };

    private static readonly Option<string?> _kvm = new("--kvm")
    {
        Description = "Whether a PC tells its kernel that it is a virtual one, in KVM's words, with a clock; on, if not said.",
        HelpName = "on|off",
    };

    private static readonly Option<string?> _clock = new("--clock")
    {
        Description = "The Guest's time: the Host's, or one that counts instructions, so that a run can be repeated.",
        HelpName = string.Join('|', ClockKinds.Words.Select(known => known.Word)),
    };

    private static readonly Option<string?> _seed = new("--seed")
    {
        Description = "Makes the Guest's random bytes from this number; without it they are the Host's, in virtual time those of 0.",
        HelpName = "NUMBER",
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

    private static readonly Option<string[]> _forward = new("--forward")
    {
        Description = "Opens a port of this machine (127.0.0.1, if no other address is named) into the Guest, by --tunnet=nat.",
        HelpName = "tcp|udp:[ADDR:]PORT:PORT",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> _share = new("--sharenet", "-s")
    {
        Description = "Adds a network card of the first generation on a page shared with all Guests that name the same file.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> _folder = new("--share")
    {
        Description = "Adds a folder of this machine, by virtio 9P; with :ro the Guest may only read it.",
        HelpName = "[TAG=]DIR[:ro]",
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
        Hidden = true, // from the help of the verbs, before which none of these three can stand
    };

    private static readonly Argument<string?> _kernel = new("KERNEL")
    {
        Description = $"An ELF vmlinux, a bzImage or a Multiboot kernel, or '{EmbeddedKernel.Puppy}', the Guest kernel inside this "
            + $"program; '{EmbeddedKernel.FirstPuppy}' is its first generation.",
        Arity = ArgumentArity.ZeroOrOne,
        Hidden = true,
    };

    private static readonly Argument<string[]> _kernelArguments = new("ARGS")
    {
        Description = "Arguments for the kernel.",
        Arity = ArgumentArity.ZeroOrMore,
        Hidden = true,
    };

    /// <summary>The options of every machine, whatever it boots.</summary>
    public static ImmutableArray<Option> MachineOptions =>
        [_block, _tunnel, _forward, _folder, _rng, _boot, _kvm, _engine, _clock, _seed, _log, _verbose];

    /// <summary>The root command: what runs when no verb is named.</summary>
    public static RootCommand Create(TextWriter error)
    {
        var root = new RootCommand("Runs small paravirtualised Linux machines.")
        {
            _initrd, _block, _tunnel, _forward, _share, _folder, _rng, _board, _boot, _kvm, _engine, _clock, _seed, _log, _verbose,
            _memory, _kernel,
            _kernelArguments,
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
            problem = CommandLine.NoOption(memory, parsed);
        else if (!memory.All(char.IsAsciiDigit))
            problem = $"'{memory}' is neither a command nor a memory size"
                + (CommandLine.Meant(memory, parsed.RootCommandResult.Command.Subcommands.Select(verb => verb.Name)) is { Length: > 0 } verb
                    ? verb : "; a size is a whole number of megabytes, as in: lguest 64 vmlinux");
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
        wrong ??= DoubleTag(devices);
        string? engine = parsed.GetValue(_engine);
        string? board = parsed.GetValue(_board);
        string? clock = parsed.GetValue(_clock);
        string? seed = parsed.GetValue(_seed);
        string? boot = parsed.GetValue(_boot);
        string? kvm = parsed.GetValue(_kvm);
        var entry = boot is null ? PcEntry.Unpacked : PcEntries.Parse(boot);
        var kind = engine is null ? null : Engines.Parse(engine);
        var time = clock is null ? ClockKind.Real : ClockKinds.Parse(clock);
        ulong number = 0;
        var forwards = Forwards(parsed.GetValue(_forward) ?? [], out string? wrongForward);
        problem = wrong is not null ? wrong
            : wrongForward is not null ? wrongForward
            : engine is not null && kind is null ? $"--engine={engine} is not an engine; write auto, interpreter, translator or lockstep"
            : time is null ? $"--clock={clock} is not a clock; write real or virtual"
            : seed is not null && !ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                ? $"--seed={seed} is not a number; write one from 0 to {ulong.MaxValue}"
            : board is not null && !BoardFamily.Words.Contains(board) ? $"--board={board} is not a kind of machine; write lguest or pc"
            : entry is null ? $"--boot={boot} is not a way into a kernel; write linux, bzimage or pvh"
            : kvm is not (null or "on" or "off") ? $"--kvm={kvm} is not a switch; write on or off"
            : "";
        return problem.Length > 0 ? null : new LauncherOptions(megabytes, "", [], devices, Verbose: parsed.GetValue(_verbose))
        {
            Log = parsed.GetValue(_log),
            Wires = wires,
            Forwards = forwards,
            Engine = kind,
            Board = board,
            Clock = time ?? ClockKind.Real,
            Seed = seed is null ? null : number,
            Boot = entry!.Value,
            IsKvm = kvm is not "off",
        };
    }

    private static ImmutableArray<PortForward> Forwards(string[] texts, out string? wrong)
    {
        wrong = null;
        var forwards = ImmutableArray.CreateBuilder<PortForward>();
        foreach (string text in texts)
        {
            if (PortForward.Parse(text) is not { } forward)
                wrong ??= $"--forward={text} is not understood; write {PortForward.Form}";
            else if (forwards.Any(forward.Clashes))
                wrong ??= $"--forward={text} asks for a port that another --forward has; choose another port";
            else
                forwards.Add(forward);
        }

        return forwards.ToImmutable();
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
            else if (token.Type == TokenType.Argument && option is not null && Names(_folder, option))
                AddFolder(token.Value);
        }

        return (devices.ToImmutable(), wires.ToImmutable(), wrong);

        void AddCard(string text)
        {
            if (OutsideWire.Parse(text, wires.Count, out var mac) is not { } wire)
            {
                wrong ??= $"--tunnet={text} is not understood; write the Host's address (192.168.19.1), a bridge (bridge:br0), or nat";
                return;
            }

            wires.Add(wire);
            devices.Add(new DeviceOption.Net(wire.Lan, mac));
        }

        void AddFolder(string text)
        {
            if (DeviceOption.Share.Parse(text, out string problem) is { } share)
                devices.Add(share);
            else
                wrong ??= $"--share={text} is not understood: {problem}; write a folder, or TAG=FOLDER, and :ro after it if you like";
        }
    }

    private static string? DoubleTag(IEnumerable<DeviceOption> devices) =>
        devices.OfType<DeviceOption.Share>().GroupBy(share => share.Tag).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? $"two shared folders have the tag '{twice.Key}'; give one another, as in: --share={twice.Key}2={twice.Last().Folder}" : null;

    private static bool Names(Option option, string word) => option.Name == word || option.Aliases.Contains(word);
}
