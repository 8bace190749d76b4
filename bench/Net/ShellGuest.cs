// A Guest with somebody at its console: whole machines in this process, with the Switcher, the devices and the lan that the product has,
// and nothing that stands for any of them.

using System.Diagnostics;
using System.Text;
using Lguest.Devices.Console;
using Lguest.Launcher;
using Lguest.Switcher.Slots;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Bench.Net;

/// <summary>A running Guest: what it prints can be waited for, and lines can be typed.</summary>
internal sealed class ShellGuest
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly Screen _screen = new();
    private readonly TerminalInput _input = TerminalInput.Open();
    private readonly string _name;
    private readonly Task<GuestOutcome> _ended;
    private int _seen;

    /// <summary>Boots it.</summary>
    public ShellGuest(OneNode node, LauncherOptions options)
    {
        _name = options.Name;
        var plan = GuestPlan.Read(options);
        _ended = node.Run(options.Name, plan, plan.Build(_screen), _input, _screen);
    }

    /// <summary>Waits for a text, printed since the last that was waited for.</summary>
    /// <returns>What was printed from there to its end.</returns>
    public string Expect(string text)
    {
        var watch = Stopwatch.StartNew();
        lock (_screen.Printed)
        {
            while (true)
            {
                string news = _screen.Printed.ToString(_seen, _screen.Printed.Length - _seen);
                int at = news.IndexOf(text, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _seen += at + text.Length;
                    return news[..(at + text.Length)];
                }

                if (_ended.IsCompleted || watch.Elapsed > _patience)
                    throw new InvalidOperationException($"{_name} did not print '{text}' but {news}");
                Monitor.Wait(_screen.Printed, TimeSpan.FromMilliseconds(200));
            }
        }
    }

    /// <summary>Types a command into the shell of a Linux Guest and waits until that has done it.</summary>
    /// <returns>What it printed.</returns>
    public string Shell(string command)
    {
        // The quotes keep the terminal's echo from being taken for the answer.
        Type(command);
        Type("echo DO''NE");
        return Expect("\nDONE");
    }

    /// <summary>Types a line.</summary>
    public void Type(string line) => _input.Push(Encoding.ASCII.GetBytes(line + "\n"));

    /// <summary>Waits until it has shut down in order.</summary>
    /// <returns>What it did.</returns>
    public GuestStatistics End() => _ended.Wait(_patience) && _ended.Result is GuestOutcome.PoweredOff { Statistics: { } statistics }
        ? statistics
        : throw new InvalidOperationException($"{_name} did not power off");

    private sealed class Screen : MemoryStream
    {
        public StringBuilder Printed { get; } = new();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (Printed)
            {
                Printed.Append(Encoding.Latin1.GetString(buffer));
                Monitor.PulseAll(Printed);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
