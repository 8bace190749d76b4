// The runtime keeps a file open for each of its libraries, and a node has sockets. Where a user may open only a few files (ulimit -n), a
// library is missed at some moment, which nobody would guess from what is said then. So the program looks first. It uses next to nothing of
// the runtime's for that, since each library counts; ./lguest looks, too, because with very few the runtime itself does not start.

using System.Runtime.InteropServices;

namespace Lguest.Devices.Files;

/// <summary>How many files this process may have open at once (getrlimit(2)).</summary>
internal static partial class OpenFileLimit
{
    /// <summary>The demo, with two nodes and a few Guests, has up to 180 open. The same number is in ./lguest.</summary>
    private const ulong Least = 256;

    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux
    private const int OpenFilesOfBsd = 8;
    private const int Error = 2;

    /// <summary>How many they are; on Linux.</summary>
    public static ulong Now => Get(OpenFiles, out var limit) == 0 ? limit.Now : Least;

    /// <summary>Tells on standard error, in one line, if they are too few.</summary>
    /// <returns>Whether they are.</returns>
    public static bool IsTooLow()
    {
        if (OperatingSystem.IsWindows())
            return false;

        // The runtime has raised the one that counts to the greatest that is allowed.
        if (Get(OperatingSystem.IsMacOS() ? OpenFilesOfBsd : OpenFiles, out var limit) != 0 || limit.Now >= Least)
            return false;
        string line = "lguest: only " + limit.Now + " files may be open at once (ulimit -n), and " + Least
            + " are needed; raise the limit\n";
        byte[] bytes = new byte[line.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)line[i];
        _ = Write(Error, in bytes[0], (nuint)bytes.Length);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Get(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, in byte bytes, nuint length);

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Now;
        public ulong Most;
    }
}
