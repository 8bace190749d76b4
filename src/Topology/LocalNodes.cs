// What the nodes of one process share: the terminal, and the way to tell the program that they are done.

using Lguest.Launcher;
using Lguest.Net.Files;
using Lguest.Topology.Consoles;
using Lguest.Topology.Leading;

namespace Lguest.Topology;

/// <summary>Where the nodes of a process report. Any thread.</summary>
/// <param name="board">Shows what they say and what their Guests print.</param>
/// <param name="logs">Where the console of each Guest that has no log of its own is written; null for nowhere.</param>
internal sealed class LocalNodes(IConsoles board, string? logs = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource<NodeEnd>> _nodes = [];
    private readonly Dictionary<string, NodeMemory> _memories = [];
    private readonly List<string> _joining = [];
    private int _started;

    /// <summary>What all Guests came to, once that is known.</summary>
    public Ledger? Last { get; private set; }

    /// <summary>Completes when the node has nothing more to do.</summary>
    public Task<NodeEnd> Expect(string node)
    {
        lock (_lock)
        {
            var end = new TaskCompletionSource<NodeEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
            _nodes[node] = end;
            return end.Task;
        }
    }

    public void Say(string text) => board.Say(text);

    /// <summary>Nodes are about to join the cluster.</summary>
    public void Joining(IEnumerable<string> nodes)
    {
        lock (_lock)
        {
            _joining.AddRange(nodes);
            _started = _joining.Count;
            ShowJoining();
        }
    }

    /// <summary>A node is a member of the cluster.</summary>
    public void Joined(string node)
    {
        lock (_lock)
        {
            if (_joining.Remove(node))
                ShowJoining();
        }
    }

    /// <summary>What a node that starts again knows from before.</summary>
    public NodeMemory MemoryOf(string node)
    {
        lock (_lock)
            return _memories.GetValueOrDefault(node) ?? NodeMemory.None;
    }

    /// <summary>What a node is to know if it has to start again.</summary>
    public void Remember(string node, NodeMemory memory)
    {
        lock (_lock)
            _memories[node] = memory;
    }

    /// <summary>A console for a Guest that is about to start.</summary>
    public GuestConsole Open(GuestDefinition guest)
    {
        string? path = guest.Log ?? logs?.Replace(GuestDefinition.NameWord, guest.Name, StringComparison.Ordinal);
        Stream? log = null;
        try
        {
            log = path is not null ? GuestLog.Append(path, Lost) : null;
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            Lost(problem);
        }

        var console = new GuestConsole(guest.Name, board, log);
        board.Add(console);
        return console;

        void Lost(Exception problem) =>
            Say($"the log {path} of {guest.Name} cannot be written: {FileFault.Reason(problem, path!)}; it runs without");
    }

    /// <summary>All Guests of the topology have come to their end.</summary>
    public void Finish(string node, int exitCode, Ledger ledger)
    {
        Last = ledger;
        End(node, new NodeEnd(NodeEndKind.Finished, exitCode));
    }

    /// <summary>The node asked to leave and may.</summary>
    public void Left(string node) => End(node, new NodeEnd(NodeEndKind.Left, 0));

    /// <summary>The node's actor system has ended by itself: the others have taken it out.</summary>
    public void CutOff(string node)
    {
        var missed = MemoryOf(node).Missed;
        End(node, new NodeEnd(NodeEndKind.CutOff, 1)
        {
            Why = missed.IsEmpty ? "was taken out of the cluster" : $"is out of the cluster: no answer from {string.Join(", ", missed)}",
        });
    }

    private void ShowJoining() => board.Await(
        _joining.Count > 0
            ? $"{_started - _joining.Count} of {_started} nodes have joined, waiting for {string.Join(", ", _joining)}"
            : null);

    private void End(string node, NodeEnd end)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(node, out var expected))
                expected.TrySetResult(end);
        }
    }
}

/// <summary>How a node's work ended.</summary>
internal enum NodeEndKind
{
    /// <summary>The whole topology has come to its end.</summary>
    Finished,

    /// <summary>The node alone was asked to leave.</summary>
    Left,

    /// <summary>The others went on without it.</summary>
    CutOff,
}

/// <summary>The end of a node's work, and what the process is to answer because of it.</summary>
internal readonly record struct NodeEnd(NodeEndKind Kind, int ExitCode)
{
    /// <summary>What befell a node that was cut off, as the middle of a sentence that begins with its name.</summary>
    public string Why { get; init; } = "";
}
