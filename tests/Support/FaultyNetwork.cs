// A network that can be cut. Every node is reached by the others through a relay of its own, which knows who calls by the name that the
// caller gives in its first bytes; the bytes between two nodes can be held back in both directions, as on a cable that was pulled, and let
// go again. It needs a host on which all of 127.0.0.0/8 is loopback.

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lguest.Support;

public sealed class FaultyNetwork : IAsyncDisposable
{
    public const int Port = 25520;

    /// <summary>The port of the nodes' trunks.</summary>
    public const int TrunkPort = 25521;

    private readonly CancellationTokenSource _end = new();
    private readonly List<TcpListener> _listeners = [];
    private int _nodes;
    private readonly ConcurrentDictionary<(int, int), TaskCompletionSource> _cuts = new();
    private readonly ConcurrentDictionary<TcpClient, (int One, int Other, int Port)> _carried = new();
    private readonly string _net = $"127.{Random.Shared.Next(32, 255)}.{Random.Shared.Next(1, 255)}";

    /// <summary>What a node must be configured with to be the next one in this network: it listens behind its relay and is known by the
    /// relay's name.</summary>
    public string NextNode() => Configuration(Add());

    /// <summary>Opens the relay of one more node.</summary>
    /// <returns>The node's number, counted from 0.</returns>
    public int Add()
    {
        int node = _nodes++;
        foreach (int port in (int[])[Port, TrunkPort])
        {
            var listener = new TcpListener(IPAddress.Parse(PublicName(node)), port);
            listener.Start();
            _listeners.Add(listener);
            _ = Accept(listener, node, port);
        }

        return node;
    }

    /// <summary>The same for a node that comes back where it was.</summary>
    public string Configuration(int node) =>
        $"lguest.net.trunk.port = {TrunkPort}\nakka.remote.dot-netty.tcp {{ hostname = \"{PrivateName(node)}\", port = {Port}, "
        + $"public-hostname = \"{PublicName(node)}\", public-port = {Port} }}";

    /// <summary>From now on nothing passes between the two.</summary>
    public void Cut(int one, int other) => _cuts.TryAdd(Pair(one, other),
        new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>What was held back arrives, late.</summary>
    public void Heal(int one, int other)
    {
        if (_cuts.TryRemove(Pair(one, other), out var cut)) cut.SetResult();
    }

    /// <summary>Ends the connections between the two; new ones may be opened.</summary>
    /// <param name="one">A node.</param>
    /// <param name="other">Another.</param>
    /// <param name="port">Only those to this port of either; null for all.</param>
    /// <returns>How many there were.</returns>
    public int Reset(int one, int other, int? port = null)
    {
        int ended = 0;
        foreach (var (caller, line) in _carried)
        {
            if ((line.One, line.Other) != Pair(one, other) || (port is not null && line.Port != port))
                continue;
            caller.Dispose();
            ended++;
        }

        return ended;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var listener in _listeners) listener.Stop();
        foreach (var cut in _cuts.Values) cut.TrySetResult();
    }

    private static (int, int) Pair(int one, int other) => one < other ? (one, other) : (other, one);

    /// <summary>The address by which the others know a node.</summary>
    public string PublicName(int node) => $"{_net}.{100 + node}";

    /// <summary>The address at which it listens.</summary>
    public string PrivateName(int node) => $"{_net}.{200 + node}";

    private async Task Accept(TcpListener listener, int node, int port)
    {
        try
        {
            while (true) _ = Carry(await listener.AcceptTcpClientAsync(_end.Token), node, port);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Carry(TcpClient caller, int node, int port)
    {
        using var client = caller;
        using var server = new TcpClient();
        try
        {
            var near = client.GetStream();
            byte[] first = new byte[4096];
            int length = 0;
            int? from = null;
            while (from is null && length < first.Length)
            {
                int read = await near.ReadAsync(first.AsMemory(length), _end.Token);
                if (read == 0) return;
                length += read;
                from = Caller(first.AsSpan(0, length), node);
            }

            if (from is { } known)
            {
                var (one, other) = Pair(known, node);
                _carried[client] = (one, other, port);
            }

            await Passage(from, node);
            await server.ConnectAsync(IPAddress.Parse(PrivateName(node)), port, _end.Token);
            client.NoDelay = server.NoDelay = true;
            var far = server.GetStream();
            await far.WriteAsync(first.AsMemory(0, length), _end.Token);
            await Task.WhenAny(Pump(near, far, from, node), Pump(far, near, from, node));
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // One end has closed: the other is closed as well.
        }
        finally
        {
            _carried.TryRemove(client, out _);
        }
    }

    private async Task Pump(NetworkStream from, NetworkStream to, int? caller, int node)
    {
        byte[] buffer = new byte[16384];
        while (await from.ReadAsync(buffer, _end.Token) is var read and > 0)
        {
            await Passage(caller, node);
            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private Task Passage(int? caller, int node) =>
        caller is { } from && _cuts.TryGetValue(Pair(from, node), out var cut) ? cut.Task.WaitAsync(_end.Token) : Task.CompletedTask;

    /// <summary>Whose name stands in the greeting; addresses are written in plain letters by either runtime.</summary>
    private int? Caller(ReadOnlySpan<byte> greeting, int node)
    {
        for (int other = 0; other < _nodes; other++)
            if (other != node && greeting.IndexOf(Encoding.ASCII.GetBytes(PublicName(other))) >= 0) return other;
        return null;
    }
}
