// A Guest's console wants every key as it is pressed and nothing echoed; the shell that started us wants its terminal back as it was. This holds the
// terminal in raw mode and gives it back on every way out that a process has: disposal, the end of the process, signals, an unhandled exception.

using System.Runtime.InteropServices;

namespace Lguest.Host.Terminal;

/// <summary>Raw mode of one terminal, from construction until it is first restored (termios(3)).</summary>
internal sealed partial class RawTerminal : IDisposable
{
    // Larger than struct termios of any C library. Its insides are left to cfmakeraw.
    private const int TermiosBytes = 256;
    private const int Now = 0; // TCSANOW
    private const int StandardInput = 0;

    private readonly int _descriptor;
    private readonly byte[] _saved;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _restored;

    private RawTerminal(int descriptor, byte[] saved)
    {
        _descriptor = descriptor;
        _saved = saved;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
    }

    /// <summary>Puts the terminal of this process into raw mode.</summary>
    /// <returns>The terminal; null if standard input is none.</returns>
    public static RawTerminal? EnterStandardInput()
    {
        if (Console.IsInputRedirected)
            return null;

        // .NET's console sets up the terminal in its own way when something first needs it, a log line for example, and would take a key away from the
        // Guest again: Ctrl-C. So it is made to do that now, and told that Ctrl-C is a key like any other.
        Console.TreatControlCAsInput = true;
        return Enter(StandardInput);
    }

    /// <summary>Puts a terminal into raw mode.</summary>
    /// <param name="descriptor">A file descriptor.</param>
    /// <returns>The terminal; null if the descriptor is none, or this system has no such thing as termios.</returns>
    public static RawTerminal? Enter(int descriptor)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var saved = new byte[TermiosBytes];
        if (GetAttributes(descriptor, saved) != 0)
            return null;
        var raw = saved.ToArray();
        MakeRaw(raw);
        var terminal = new RawTerminal(descriptor, saved);
        if (SetAttributes(descriptor, Now, raw) == 0)
            return terminal;
        terminal.Dispose();
        return null;
    }

    /// <summary>Gives the terminal back as it was found; later calls do nothing. Any thread.</summary>
    public void Restore()
    {
        if (Interlocked.Exchange(ref _restored, 1) == 0)
            _ = SetAttributes(_descriptor, Now, _saved);
    }

    public void Dispose()
    {
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        foreach (var signal in _signals)
            signal.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int actions, [In] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] attributes);

    private void OnExit(object? sender, EventArgs arguments) => Restore();
}
