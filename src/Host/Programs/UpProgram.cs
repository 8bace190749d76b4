// Runs a topology as a program: starts its nodes here, or one of them, waits until all Guests have ended or the user stops them, and prints
// the table.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Lguest.Devices;
using Lguest.Devices.Console;
using Lguest.Host.Terminal;
using Lguest.Launcher.Paths;
using Lguest.Machine.Actors;
using Lguest.Net.Files;
using Lguest.Topology;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Host.Programs;

/// <summary>What <c>lguest up</c> does.</summary>
internal static class UpProgram
{
    private const int NotInOrder = 1;
    private const int BadConfiguration = 2;

    /// <summary>Runs a topology with the process's terminal.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="error">Takes the line that says what is wrong.</param>
    /// <returns>0 all Guests shut down in order, 1 one did not, 2 it could not be started as asked.</returns>
    public static int Run(UpOptions options, TextWriter error)
    {
        using var input = StandardStreams.OpenInput();
        using var output = StandardStreams.OpenOutput();
        return Run(options, input, output, error, RawTerminal.EnterStandardInput, ConsoleStyle.OfStandardOutput);
    }

    /// <summary>The same with a terminal of the caller's.</summary>
    /// <param name="styleOf">What the output can show, given whether its terminal is in raw mode; null for plain lines.</param>
    public static int Run(
        UpOptions options,
        Stream input,
        Stream output,
        TextWriter error,
        Func<RawTerminal?> enterRawMode,
        Func<bool, ConsoleStyle>? styleOf = null)
    {
        try
        {
            var file = TopologyFile.Read(options.File, filesAreHere: options.Node is null);
            var nodes = Nodes(file.Topology, options.Node);
            CheckLog(file.Topology, options.Log);
            CheckForwards(file.Topology, nodes);
            var uses = TopologyFiles.Uses(file.Topology, file.Sources, nodes, options.Log);
            if (FileUses.Conflict([.. uses, .. FileUses.Standard]) is { } conflict)
                throw new RefusedException(conflict);
            LinuxGuests.Prepare(file.Topology, nodes, () => LinuxProgram.Builder(error));
            using var terminal = enterRawMode();
            bool typed = terminal is not null;
            var style = styleOf?.Invoke(typed) ?? ConsoleStyle.Plain;
            return RunNodes(file, nodes, options, input, output, typed, style).GetAwaiter().GetResult();
        }
        catch (Exception problem) when (problem is MisconfiguredException or RefusedException)
        {
            error.WriteLine($"lguest: {problem.Message}");
            return BadConfiguration;
        }
    }

    private static IReadOnlyList<NodeDefinition> Nodes(TopologyDefinition topology, string? only)
    {
        if (only is null)
            return topology.Nodes;
        var node = topology.FindNode(only)
            ?? throw new RefusedException($"{topology.File} has no node "
                + $"'{only}'{Suggestion.For(only, [.. topology.Nodes.Select(known => known.Name)])}");
        return topology.Nodes.FirstOrDefault(known => known.Port == 0) is { } portless
            ? throw new RefusedException($"node '{portless.Name}' of {topology.File} has no port, and nodes in several processes need "
                + "one each; write for example port = 4051")
            : [node];
    }

    private static void CheckLog(TopologyDefinition topology, string? log)
    {
        int writers = topology.Guests.Count(guest => guest.Log is null);
        if (log is not null && writers > 1 && !log.Contains(GuestDefinition.NameWord, StringComparison.Ordinal))
            throw new RefusedException($"{writers} Guests cannot write one log {log}; put {GuestDefinition.NameWord} into its name, for "
                + $"example --log={GuestDefinition.NameWord}.log");
    }

    /// <summary>Ports are opened with the ways out, by the first node, and are looked at before anything has begun.</summary>
    private static void CheckForwards(TopologyDefinition topology, IReadOnlyList<NodeDefinition> nodes)
    {
        if (!nodes.Contains(topology.Nodes[0]))
            return;
        foreach (var guest in topology.Guests)
            foreach (var forward in guest.Forwards)
                if (forward.Port.Problem() is { } problem)
                    throw new MisconfiguredException(forward.Place, $"guest '{guest.Name}': {problem}");
    }

    private static async Task<int> RunNodes(
        TopologyFile file,
        IReadOnlyList<NodeDefinition> nodes,
        UpOptions options,
        Stream input,
        Stream output,
        bool typed,
        ConsoleStyle style)
    {
        using var log = ProgramLog.Create(options.Verbose);
        StopSignals? signals = null;

        // The log goes to the same terminal and knows of no line that is rewritten.
        var plain = options.Verbose ? style with { IsTerminal = false } : style;
        var board = new ConsoleBoard(output, plain, by => signals?.Ask(by, NotInOrder));
        var runner = new NodeRunner(file, new LocalNodes(board, options.Log), log);
        using var stopping = signals = new StopSignals((by, _) => runner.Stop(by == nameof(PosixSignal.SIGINT) ? "Ctrl-C" : by));
        if (typed)
            new Thread(() => ReadKeys(input, board)) { IsBackground = true, Name = "terminal input" }.Start();
        int exitCode = await runner.Run(nodes, isAlone: options.Node is not null).ConfigureAwait(false);
        board.Await(null);
        if (runner.Entries is { } entries)
            board.Show(EndTable.Draw(entries, style));
        return exitCode;
    }

    private static void ReadKeys(Stream input, ConsoleBoard board)
    {
        byte[] keys = new byte[TerminalInput.PieceBytes];
        try
        {
            int got;
            while ((got = input.Read(keys)) > 0)
                board.Typed(keys.AsSpan(0, got), SystemClock.Instance.Monotonic.Span);
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // A terminal that went away types nothing more.
        }
    }
}
