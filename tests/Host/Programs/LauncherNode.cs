// Several Guests on one node, for tests that want them to meet: each with a keyboard and a screen of its own, all on the networks of the
// rack.

using System.Diagnostics;
using Lguest.Devices.Console;
using Lguest.Devices.Tests;
using Lguest.Guest.Cpu;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Host.Tests.Programs;

/// <summary>A node in this process, in real time.</summary>
internal sealed class LauncherNode : IAsyncDisposable
{
    private readonly Serilog.Core.Logger _log = ProgramLog.Create(verbose: false);

    /// <param name="engine">What executes the code of Guests; null for what the reference says.</param>
    public LauncherNode(EngineKind? engine = null) => Node = new OneNode(_log, engine: engine);

    public OneNode Node { get; }

    /// <summary>Boots a Guest, which goes on by itself.</summary>
    public LaunchedGuest Boot(string name, LauncherOptions options)
    {
        var plan = GuestPlan.Read(options with { Name = name });
        var guest = new LaunchedGuest(name);
        guest.Ended = Node.Run(name, plan, plan.Build(guest.Screen), guest.Input, guest.Screen);
        guest.Input.Start();
        return guest;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _log.DisposeAsync();
    }
}

/// <summary>A Guest of a rack, as somebody in front of it sees it.</summary>
internal sealed class LaunchedGuest
{
    private readonly Keyboard _keyboard = new();
    private readonly string _name;
    private readonly object _printed = new();
    private int _seen;

    public LaunchedGuest(string name)
    {
        _name = name;
        Input = new TerminalInput(_keyboard, typed: false, () => { });
        Screen.Changed = _ =>
        {
            lock (_printed)
                Monitor.PulseAll(_printed);
        };
    }

    public Printed Screen { get; } = new();

    public TerminalInput Input { get; }

    public Task<GuestOutcome> Ended { get; set; } = Task.FromCanceled<GuestOutcome>(new CancellationToken(canceled: true));

    /// <summary>Types a line.</summary>
    public LaunchedGuest Type(string line)
    {
        _keyboard.Type(line + "\n");
        return this;
    }

    /// <summary>Waits until the Guest has printed a text since the last one that was waited for.</summary>
    /// <returns>What it printed from there up to the end of the text.</returns>
    public string Expect(string text, int seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        lock (_printed)
        {
            while (true)
            {
                string printed = Screen.Text;
                int at = printed.IndexOf(text, _seen, StringComparison.Ordinal);
                if (at >= 0)
                {
                    string until = printed[_seen..(at + text.Length)];
                    _seen = at + text.Length;
                    return until;
                }

                var left = TimeSpan.FromSeconds(seconds) - watch.Elapsed;
                if (left <= TimeSpan.Zero || Ended.IsCompleted)
                    throw new TimeoutException($"{_name} did not print '{text}'; its last words: "
                        + $"{printed[Math.Max(0, printed.Length - 2000)..]}");
                Monitor.Wait(_printed, TimeSpan.FromMilliseconds(Math.Min(200, left.TotalMilliseconds)));
            }
        }
    }

    /// <summary>Runs a command in a shell whose echo is split, so that the mark is found in its output only.</summary>
    /// <returns>What the command printed.</returns>
    public string Shell(string command, int seconds = 60)
    {
        Type(command);
        Type("echo DO''NE");
        return Expect("\nDONE", seconds);
    }
}
