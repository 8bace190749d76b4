// The file to which a Guest's console is also written. If the disk is full, the log ends with one line; the Guest runs on.

using Lguest.Net.Files;

namespace Lguest.Launcher;

/// <summary>Opens logs of Guests.</summary>
internal static class GuestLog
{
    /// <summary>Opens a log that begins anew, of which each write is in the file at once.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told once, on the writer's thread, when it cannot be written any more.</param>
    /// <exception cref="Exception">One that <see cref="FileFault.InOpening"/> knows: it cannot be opened.</exception>
    public static FailSafeStream Create(string path, Action<Exception> failed) => new(OutputFile.Create(path), failed);

    /// <summary>The same with a log that goes on after what it has.</summary>
    public static FailSafeStream Append(string path, Action<Exception> failed) =>
        new(OutputFile.Append(path, FileAccess.Write), failed);
}
