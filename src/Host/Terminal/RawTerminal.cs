// A Guest's console wants every key as it is pressed and nothing echoed; the shell that started us wants its terminal back as it was.
// This holds the terminal in raw mode and gives it back on every way out that a process has: disposal, the end of the process, signals,
// an unhandled exception. It also gives it back while the process is stopped, and leaves it alone in the background, where it belongs to
// another job.

using System.Runtime.InteropServices;

namespace Lguest.Host.Terminal;

/// <summary>Raw mode of one terminal, from construction until it is first restored (termios(3)).</summary>
internal sealed partial class RawTerminal : IDisposable
{
    // Larger than struct termios of any C library. Its insides are left to cfmakeraw.
    private const int TermiosBytes = 256;
    private const int Now = 0; // TCSANOW
    private const int StandardInput = 0;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly int _descriptor;
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Timer _timer;
    private byte[]? _found;
    private bool _isRaw;
    private bool _isOver;

    private RawTerminal(int descriptor)
    {
        _descriptor = descriptor;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
        if (!OperatingSystem.IsWindows())
        {
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTSTP, Pause));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, Continue));
        }

        EnterIfOurs();

        // A shell brings a job that runs in the background to the foreground without a word to it.
        _timer = new Timer(_ => EnterIfOurs(), null, _look, _look);
    }

    /// <summary>Puts the terminal of this process into raw mode, as soon as it is in the foreground.</summary>
    /// <returns>The terminal; null if standard input is not one.</returns>
    public static RawTerminal? EnterStandardInput() => Enter(StandardInput);

    /// <summary>Puts a terminal into raw mode.</summary>
    /// <param name="descriptor">A file descriptor.</param>
    /// <returns>The terminal; null if the descriptor is not one, or this system has no such thing as termios.</returns>
    public static RawTerminal? Enter(int descriptor) => JobControl.IsTerminal(descriptor) ? new RawTerminal(descriptor) : null;

    /// <summary>Gives the terminal back as it was found; later calls do nothing. Any thread.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _isOver = true;
            Leave();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private void EnterIfOurs()
    {
        lock (_lock)
        {
            if (_isOver || _isRaw || !JobControl.IsInForeground(_descriptor))
                return;
            byte[] attributes = new byte[TermiosBytes];
            if (GetAttributes(_descriptor, attributes) != 0)
                return;

            // What a shell restores of a job that was stopped may be what the job itself had made of it: the first one counts.
            _found ??= attributes.ToArray();
            MakeRaw(attributes);
            _isRaw = SetAttributes(_descriptor, Now, attributes) == 0;
        }
    }

    private void Leave()
    {
        if (_isRaw && _found is not null && JobControl.IsInForeground(_descriptor))
            _ = SetAttributes(_descriptor, Now, _found);
        _isRaw = false;
    }

    private void Pause(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
            Leave();
        JobControl.StopHere();
    }

    /// <summary>However it was stopped: raw mode is not what it was. The runtime's own handler is kept away, which would restore settings
    /// of its own.</summary>
    private void Continue(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
            _isRaw = false;
        EnterIfOurs();
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int actions, [In] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] attributes);

    private void OnExit(object? sender, EventArgs arguments) => Restore();
}
