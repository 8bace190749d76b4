// Tells whether two paths are the same file, through links, other folders or hard links: the file system's number of the file decides. For
// a file that does not exist yet, its folder and name decide.

using System.Globalization;
using System.Runtime.InteropServices;
using Lguest.Devices.Share;
using Lguest.Net.Files;

namespace Lguest.Devices.Files;

/// <summary>Tells files from each other (statx(2)).</summary>
internal static partial class FileIdentity
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeAndNumber = 0x101; // STATX_TYPE | STATX_INO
    private const int MostLinks = 40;
    private const int Types = 0xf000; // S_IFMT
    private const int Folder = 0x4000; // S_IFDIR
    private const int BlockDevice = 0x6000; // S_IFBLK
    private const int RegularFile = 0x8000; // S_IFREG

    /// <summary>What two names have in common if and only if they are the same file.</summary>
    /// <returns>Null for what keeps nothing, such as a terminal, a pipe or /dev/null, and for what can be no file.</returns>
    public static string? Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
            return null;
        try
        {
            return Of(Path.GetFullPath(path), 0);
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            // It cannot be looked at, so it cannot be overwritten either: the one that opens it says why.
            return null;
        }
    }

    private static string? Of(string path, int links)
    {
        if (links > MostLinks)
            return null;
        if (OperatingSystem.IsLinux() && TryStatus(path, out var status))
        {
            return (status.Mode & Types) switch
            {
                RegularFile or Folder => string.Create(
                    CultureInfo.InvariantCulture, $"{status.DeviceMajor}:{status.DeviceMinor}:{status.Inode}"),
                BlockDevice => string.Create(CultureInfo.InvariantCulture, $"block {status.OwnMajor}:{status.OwnMinor}"),
                _ => null,
            };
        }

        if (!OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal))
            return null;
        if (new FileInfo(path).LinkTarget is { } target)
            return Of(Path.GetFullPath(target, Path.GetDirectoryName(path)!), links + 1);
        return Path.GetDirectoryName(path) is { } folder ? $"{Of(folder, links)}/{Path.GetFileName(path)}" : path;
    }

    private static bool TryStatus(string path, out LinuxCalls.FileStatus status)
    {
        try
        {
            return GetStatus(CurrentFolder, path, 0, TypeAndNumber, out status) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than the call: names and links have to do.
            status = default;
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out LinuxCalls.FileStatus status);
}
