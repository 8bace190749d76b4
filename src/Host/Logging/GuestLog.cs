// The file that a Guest's console is written to as well. A disk that fills up costs the log, and a line that says so, and not the Guest.

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
