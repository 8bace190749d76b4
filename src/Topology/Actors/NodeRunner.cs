// Runs nodes of a topology in this process until they are done. A node that the others went on without starts again as a new one. A second
// request to stop ends a node at once.
//
//J:Host:160 The end
// A topology ends when every Guest has come to its end: the leader says so to all nodes, each leaves the cluster in order, and the process
// that has the terminal prints the table. A user who cannot wait presses Ctrl-C: the first stops Guests and nodes in order, the second ends
// the process. The exit code tells a script what happened: 0 if all Guests shut down in order, 1 if not.

using System.Net;
using System.Net.Sockets;
using Lguest.Topology.Hocon;
using Lguest.Topology.Leading;
using Serilog;

namespace Lguest.Topology.Actors;

/// <summary>The nodes of one process.</summary>
/// <param name="file">The topology.</param>
/// <param name="local">Where the nodes report.</param>
/// <param name="log">Takes what their actors report.</param>
internal sealed class NodeRunner(TopologyFile file, LocalNodes local, ILogger log)
{
    private const int NotInOrder = 1;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ClusterNode> _running = [];
    private readonly TaskCompletionSource _forced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _alone;
    private int _stops;
    private string _stoppedBy = "";

    /// <summary>What became of the Guests, in the file's order; null if nobody has told.</summary>
    public IEnumerable<GuestEntry>? Entries => local.Last is { } ledger
        ? file.Topology.Guests.Select(guest => ledger.Entries.FirstOrDefault(entry => entry.Guest == guest.Name)
            ?? GuestEntry.New(guest.Name))
        : null;

    /// <summary>Runs nodes to their end.</summary>
    /// <param name="nodes">Which.</param>
    /// <param name="isAlone">Whether the topology's other nodes are in other processes.</param>
    /// <returns>0 if all was in order, else 1.</returns>
    /// <exception cref="MisconfiguredException">A node cannot start as the topology says.</exception>
    public async Task<int> Run(IReadOnlyList<NodeDefinition> nodes, bool isAlone)
    {
        _alone = isAlone;
        local.Joining(nodes.Select(node => node.Name));
        try
        {
            return await RunAll(nodes, isAlone).ConfigureAwait(false);
        }
        catch (MisconfiguredException)
        {
            // One of them cannot start: those that have are not left behind.
            ClusterNode[] started;
            lock (_lock)
                started = [.. _running.Values];
            foreach (var node in started)
                await node.Close(isGraceful: false).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<int> RunAll(IReadOnlyList<NodeDefinition> nodes, bool isAlone)
    {
        // All of them listen before the first one joins: what is wrong with one is told before anything has begun.
        ClusterNode[] started = [.. nodes.Select(Start)];
        IReadOnlyList<string> seeds = isAlone ? [.. file.Topology.Nodes.Select(node => ClusterNode.AddressOf(file.Topology, node))]
            : [started[0].Address];
        var ends = new List<Task<NodeEnd>>();
        foreach (var (definition, node) in nodes.Zip(started))
        {
            node.Join(seeds);
            ends.Add(RunNode(definition, node));
        }

        // A wish to end that came before has found some of them, or none.
        lock (_lock)
            if (_stops > 0)
                StopRunning();
        if (isAlone)
            foreach (var other in file.Topology.Nodes.Except(nodes))
                _ = TellIfUnknown(other);
        var all = Task.WhenAll(ends);
        if (await Task.WhenAny(all, _forced.Task).ConfigureAwait(false) != all)
            return NotInOrder;
        return (await all.ConfigureAwait(false)).Max(end => end.ExitCode);
    }

    /// <summary>The user wants it to end: Guests first, and the second time, or when that takes too long, at once. Any thread.</summary>
    public void Stop(string by)
    {
        lock (_lock)
        {
            if (++_stops > 1)
            {
                _forced.TrySetResult();
                return;
            }

            _stoppedBy = by;
            StopRunning();
        }

        _ = Task.Delay(file.Topology.Cluster.StopTimeout + _patience).ContinueWith(_ => _forced.TrySetResult(), TaskScheduler.Default);
    }

    private void StopRunning()
    {
        foreach (var node in _running.Values)
        {
            if (_alone)
                node.Leave();
            else
                node.StopAll(_stoppedBy);
        }
    }

    /// <summary>A node whose host nobody knows is waited for without end, since it may get its name later: the waiting node says
    /// so.</summary>
    private async Task TellIfUnknown(NodeDefinition other)
    {
        try
        {
            await Dns.GetHostAddressesAsync(other.Host).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            local.Say($"{other.HostPlace}: host '{other.Host}' of node '{other.Name}' is not known here; it is looked up again and again");
        }
    }

    private ClusterNode Start(NodeDefinition node)
    {
        lock (_lock)
            return _running[node.Name] = new ClusterNode(file, node, local, log);
    }

    /// <summary>The other nodes, and where they are just now.</summary>
    private IReadOnlyList<(string Node, string Address)> Others(string node)
    {
        var others = file.Topology.Nodes.Where(other => other.Name != node);
        if (_alone)
            return [.. others.Select(other => (other.Name, ClusterNode.AddressOf(file.Topology, other)))];
        lock (_lock)
            return [.. others.Where(other => _running.ContainsKey(other.Name)).Select(other => (other.Name, _running[other.Name].Address))];
    }

    private async Task<NodeEnd> RunNode(NodeDefinition definition, ClusterNode node)
    {
        while (true)
        {
            var end = await node.End.ConfigureAwait(false);
            await node.Close(isGraceful: end.Kind == NodeEndKind.Left).ConfigureAwait(false);
            if (end.Kind != NodeEndKind.CutOff)
                return end;
            if (!file.Topology.Cluster.Rejoin || Volatile.Read(ref _stops) > 0)
            {
                local.Say($"node {definition.Name} {end.Why}; its Guests were stopped");
                return end;
            }

            local.Say($"node {definition.Name} {end.Why}; its Guests were stopped, and it joins again");
            try
            {
                node = Start(definition);
            }
            catch (MisconfiguredException problem)
            {
                local.Say($"node {definition.Name} cannot join again: {problem.Message}");
                return end;
            }

            node.JoinAgain(() => Others(definition.Name), mayFound: definition == file.Topology.Nodes[0]);
        }
    }
}
