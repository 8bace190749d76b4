// How a program is told to end: by kill, by Ctrl-C, by a closed terminal, by keys where a terminal in raw mode makes no signal of them. The
// first time ends everything in order, which may take as long as the Guests need. The second ends it soon, in order or not.

using System.Runtime.InteropServices;

namespace Lguest.Host.Terminal;

/// <summary>Hears signals that ask for the end, from construction to disposal.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int SignalBase = 128; // what shells answer for a process that a signal ended
    private static readonly TimeSpan _lastGrace = TimeSpan.FromSeconds(1.5);

    private static readonly (PosixSignal Signal, int Number)[] _known =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    private readonly PosixSignalRegistration[] _signals;
    private readonly Action<string, int> _stop;
    private int _count;

    /// <param name="stop">Called for each signal, on any thread, with its name and what the process is to answer because of it.</param>
    public StopSignals(Action<string, int> stop)
    {
        _stop = stop;
        _signals = [.. _known.Select(known => PosixSignalRegistration.Create(known.Signal, context => Heard(context, known.Number)))];
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    /// <summary>The end was asked for in another way than by a signal; it counts like one. Any thread.</summary>
    /// <param name="by">How.</param>
    /// <param name="exitCode">What the process is to answer because of it.</param>
    public void Ask(string by, int exitCode)
    {
        if (Interlocked.Increment(ref _count) == 2)
            new Thread(() => ForceEnd(exitCode)) { IsBackground = true, Name = "forced end" }.Start();
        _stop(by, exitCode);
    }

    private void Heard(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        Ask(context.Signal.ToString(), SignalBase + number);
    }

    /// <summary>Ends the process although something still waits, for example for a reader that stands still. What must not be left behind
    /// hears of the end by the event of the process.</summary>
    private static void ForceEnd(int exitCode)
    {
        // The orderly end has this long to come first. A thread of its own sleeps, since the pool may be full of what is stuck.
        Thread.Sleep(_lastGrace);
        Environment.Exit(exitCode);
    }
}
