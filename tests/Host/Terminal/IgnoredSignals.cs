// A test run that was started in the background, with nohup or by a script, ignores interrupts and hang-ups, and whatever it starts
// inherits that. Programs that are to be interrupted must be started without the inheritance, or they would rightly not listen.

using System.Globalization;

namespace Lguest.Host.Tests.Terminal;

/// <summary>What to put in front of a command so that it hears signals that this process ignores.</summary>
internal static class IgnoredSignals
{
    private const ulong HangUpAndInterrupt = 0b11;

    /// <summary>Empty where nothing is ignored; else GNU's <c>env</c>, which can undo it.</summary>
    public static string[] Undone => AreIgnored() ? ["env", "--default-signal=HUP,INT"] : [];

    private static bool AreIgnored()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber,
            CultureInfo.InvariantCulture) & HangUpAndInterrupt) != 0;
    }
}
