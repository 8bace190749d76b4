// A scenario is a topology in processes of their own and somebody who listens to what they say: the program as a user has it, with nothing
// of it known from within. docs/testing.md tells how to write one.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Lguest.Host.Tests.Terminal;
using Lguest.Support;

namespace Lguest.Host.Tests.Scenarios;

/// <summary>A running topology, each node in its own process. Disposal ends it, in whatever state it is.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    /// <summary>Three nodes; the mover runs on b and may live on c as well, the stayer only on b. Each prints something all the
    /// time.</summary>
    public const string Workers = """
        lguest {
          name = rack
          nodes {
            a { }
            b { roles = [worker] }
            c { roles = [worker] }
          }
          lans.green { }
          defaults.guest {
            memory = 8M
            lans = [green]
            arguments = "ip=%address%/24 script=ping 10.0.0.99 -c 100000 -W 300 -i 100"
          }
          guests {
            mover {
              role = worker
              placement = pack
            }
            stayer {
              node = b
            }
          }
        }
        """;

    /// <summary>What a process had printed before lies in a pipe for a while, the longer the busier the machine, and the last slice of a
    /// Guest ends after its lease.</summary>
    public static readonly TimeSpan Pipe = TimeSpan.FromSeconds(3);

    private const string Ended = "(its process has ended)";

    private static readonly TimeSpan _gossip = TimeSpan.FromSeconds(6);

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-scenario").FullName;
    private readonly List<string> _names = [];
    private readonly Dictionary<string, Process> _nodes = [];
    private readonly ConcurrentQueue<(string Node, DateTime At, string Text)> _lines = new();
    private readonly SemaphoreSlim _news = new(0);

    private FaultyNetwork? _network;

    private Scenario()
    {
    }

    /// <summary>How long to wait for anything.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(150);

    /// <summary>Everything that was said so far, for the message of a test that fails.</summary>
    public string Story => string.Join('\n', _lines.Select(line => $"{line.At:HH:mm:ss.fff} {line.Node}| {line.Text}"));

    /// <summary>A file beside the topology's, where the files are that it names.</summary>
    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Starts a topology, each of the nodes named in a process of its own. Ports are chosen here.</summary>
    public static Scenario Start(string topology, params string[] nodes)
    {
        var text = new StringBuilder(topology);
        foreach (var (node, port) in nodes.Select(node => (node, FreePorts.Next())))
            text.Append($"\nlguest.nodes.{node}.port = {port}");
        return new Scenario().StartNodes(text.ToString(), nodes);
    }

    /// <summary>The Guests of <see cref="Workers"/> are where they belong, every node is up, and every node knows it.</summary>
    public async Task IsSettled()
    {
        await Prints("stayer", "seq=", on: "b");
        await Prints("mover", "seq=", on: "b");
        await IsUpEverywhere("c", "mover");
    }

    /// <summary>A node is up, and gossip has had the time to tell all others so: two nodes of which one takes the other for joining still
    /// are no majority of three.</summary>
    /// <param name="node">The node that was started last.</param>
    /// <param name="clock">A Guest that prints all the time.</param>
    public async Task IsUpEverywhere(string node, string clock) =>
        await Prints(clock, "seq=", after: await Says($"node {node} is up", from: "a") + _gossip);

    /// <summary>The same on a network that can be cut: each node is reached by the others through a relay. Needs a host on which all of
    /// 127.0.0.0/8 is loopback.</summary>
    public static Scenario StartCuttable(string topology, params string[] nodes)
    {
        var scenario = new Scenario { _network = new FaultyNetwork() };
        var text = new StringBuilder(topology);
        foreach (string node in nodes)
        {
            int number = scenario._network.Add();
            text.Append(
                $"\nlguest.nodes.{node} {{ host = \"{scenario._network.PublicName(number)}\", port = {FaultyNetwork.Port}")
                .Append($", trunk-port = {FaultyNetwork.TrunkPort}")
                .Append($", listen-host = \"{scenario._network.PrivateName(number)}\" }}");
        }

        return scenario.StartNodes(text.ToString(), nodes);
    }

    /// <summary>Waits until somebody has said it.</summary>
    /// <param name="text">A part of the line.</param>
    /// <param name="from">Only lines of this node's process; null for any.</param>
    /// <param name="after">Only lines said after this moment.</param>
    /// <returns>When it was said.</returns>
    public Task<DateTime> Says(string text, string? from = null, DateTime after = default) =>
        Hears(text, node => from is null || node == from, after);

    /// <summary>The same, said by anybody but one node: for what that one would say of itself if it were wrong.</summary>
    public Task<DateTime> SaysOther(string text, string than, DateTime after = default) => Hears(text, node => node != than, after);

    /// <summary>Listens for so long, and fails as soon as somebody has said it, now or before.</summary>
    public async Task SaysNothing(string text, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration)
        {
            if (_lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal)))
                throw new InvalidOperationException($"somebody said '{text}':\n{Story}");
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    /// <summary>Waits until a Guest has printed it.</summary>
    public Task<DateTime> Prints(string guest, string text, string? on = null, DateTime after = default) =>
        Says($"[{guest}] {text}", on, after);

    /// <summary>When a Guest printed something on a node, as far as that was heard.</summary>
    public IReadOnlyList<DateTime> SignsOfLife(string guest, string on) =>
        [.. _lines.Where(line => line.Node == on && line.Text.StartsWith($"[{guest}]", StringComparison.Ordinal)).Select(line => line.At)];

    /// <summary>kill -9.</summary>
    public DateTime Kill(string node) => Signal(node, "KILL");

    /// <summary>Stops a process where it is.</summary>
    public DateTime Freeze(string node) => Signal(node, "STOP");

    /// <summary>Lets it go on.</summary>
    public DateTime Thaw(string node) => Signal(node, "CONT");

    /// <summary>From now on nothing passes between a node and all others, as if its cable were pulled.</summary>
    public DateTime CutOff(string node) => ForEachOther(node, (network, one, other) => network.Cut(one, other));

    /// <summary>The cable is in again: what was held back arrives, late.</summary>
    public DateTime Heal(string node) => ForEachOther(node, (network, one, other) => network.Heal(one, other));

    /// <summary>Ends all connections of a node, which may be opened again at once.</summary>
    public DateTime Reset(string node) => ForEachOther(node, (network, one, other) => network.Reset(one, other));

    /// <summary>Ctrl-C.</summary>
    public DateTime Interrupt(string node) => Signal(node, "INT");

    /// <summary>What a node's process has used of the machine's processors.</summary>
    public TimeSpan ProcessorTime(string node)
    {
        _nodes[node].Refresh();
        return _nodes[node].TotalProcessorTime;
    }

    /// <summary>Waits until a node's process has ended; its exit code.</summary>
    public async Task<int> Ends(string node)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _nodes[node].WaitForExitAsync(limit.Token);
        return _nodes[node].ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _nodes.Values)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (_network is not null)
            await _network.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Scenario StartNodes(string text, string[] nodes)
    {
        string file = Path.Combine(_folder, "scenario.conf");
        File.WriteAllText(file, text);
        _names.AddRange(nodes);
        foreach (string node in nodes)
            StartNode(file, node);
        return this;
    }

    private DateTime ForEachOther(string node, Action<FaultyNetwork, int, int> what)
    {
        int one = _names.IndexOf(node);
        for (int other = 0; other < _names.Count; other++)
            if (other != one)
                what(_network!, one, other);
        return DateTime.UtcNow;
    }

    private DateTime Signal(string node, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _nodes[node].Id.ToString()]);
        kill.WaitForExit();
        return DateTime.UtcNow;
    }

    private void StartNode(string file, string node)
    {
        string[] command = [.. IgnoredSignals.Undone, "dotnet", Path.Combine(AppContext.BaseDirectory, "lguest.dll"), "up", file, "--node",
            node];
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => Heard(node, Ended);
        process.OutputDataReceived += (_, line) => Heard(node, line.Data);
        process.ErrorDataReceived += (_, line) => Heard(node, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _nodes.Add(node, process);
    }

    private void Heard(string node, string? text)
    {
        if (text is null)
            return;
        _lines.Enqueue((node, DateTime.UtcNow, text));
        _news.Release();
    }

    private async Task<DateTime> Hears(string text, Func<string, bool> by, DateTime after)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            foreach (var line in _lines)
                if (line.At > after && by(line.Node) && line.Text.Contains(text, StringComparison.Ordinal))
                    return line.At;
            var ended = _lines.Where(line => line.Text == Ended).ToList();
            if (ended.Count == _nodes.Count && DateTime.UtcNow - ended[^1].At > Pipe)
                throw new InvalidOperationException($"nobody is left who could say '{text}':\n{Story}");
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"nobody said '{text}' within {Patience.TotalSeconds} s:\n{Story}");
            await _news.WaitAsync(TimeSpan.FromMilliseconds(200));
        }
    }
}
