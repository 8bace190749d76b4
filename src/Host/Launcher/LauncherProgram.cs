// Where the command line hands over to the Launcher: one Guest, started in the foreground, its console on this terminal.

namespace Lguest.Host.Launcher;

/// <summary>The classic launcher as a program: boots one Guest and stays until it has ended.</summary>
internal static class LauncherProgram
{
    /// <summary>Runs the Guest that <paramref name="options"/> describe; its console is the process's stdin and stdout.</summary>
    /// <param name="options">The Guest as asked for; form is checked, files are not opened yet.</param>
    /// <param name="error">Takes the one line that names the cause when the Guest cannot start or has died.</param>
    /// <returns>0 the Guest shut down in order, 1 it died, 2 it could not be started as asked.</returns>
    public static int Run(LauncherOptions options, TextWriter error)
    {
        error.WriteLine($"lguest: this build has no Launcher yet and cannot boot {options.Kernel}");
        return 2;
    }
}
