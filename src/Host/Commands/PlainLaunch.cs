// The plainest of all commands has no option: a size, a kernel, and words that are the kernel's whatever they look like. To set up the
// library that reads options takes a twelfth of what a small Guest needs from command to end, so this form is read without it.

using System.Globalization;
using Lguest.Launcher;

namespace Lguest.Host.Commands;

/// <summary><c>lguest MEMORY_MB KERNEL [kernel args...]</c></summary>
internal static class PlainLaunch
{
    /// <summary>Reads it as <see cref="LaunchCommand"/> does.</summary>
    /// <returns>Null for every other form, and for what is wrong with this one.</returns>
    public static LauncherOptions? Read(string[] args) =>
        args.Length > 1 && args[0].All(char.IsAsciiDigit) && args[1].Length > 0 && !args[1].StartsWith('-')
        && int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out int megabytes)
        && megabytes is >= 1 and <= LauncherOptions.LargestMemoryMegabytes
            ? new LauncherOptions(megabytes, args[1], [.. args[2..]], [])
            : null;
}
