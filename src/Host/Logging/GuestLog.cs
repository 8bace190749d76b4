// The file to which a Guest's console is also written. If the disk is full, the log ends with one line; the Guest runs on.

using Lguest.Net.Files;

namespace Lguest.Host.Logging;

/// <summary>Opens logs of Guests.</summary>
internal static class GuestLog
{
    /// <summary>Opens a log, of which each write is in the file at once.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether it begins anew or goes on.</param>
    /// <param name="failed">Told once, on the writer's thread, when it cannot be written any more.</param>
    /// <exception cref="Exception">One that <see cref="FileFault.InOpening"/> knows: it cannot be opened.</exception>
    public static FailSafeStream Open(string path, FileMode mode, Action<Exception> failed) =>
        new(new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), failed);
}
