// Finds two settings that name the same file although one of them writes it, and a file of the program's where a Guest could replace it.

using Lguest.Devices.Files;

namespace Lguest.Launcher.Paths;

/// <summary>Compares the files of a run.</summary>
internal static class FileUses
{
    private const int MostLinks = 40;

    /// <summary>What this process was given by its shell: one of them may be a file as well.</summary>
    public static IEnumerable<FileUse> Standard => OperatingSystem.IsLinux()
        ? [FileUse.Read("standard input", "/proc/self/fd/0"), FileUse.Written("standard output", "/proc/self/fd/1")]
        : [];

    /// <summary>Looks for an output that is an input, or another output, and for files that lie in a folder that a Guest writes. No file is
    /// opened.</summary>
    /// <returns>One sentence that names both settings and the remedy; null if all is well.</returns>
    public static string? Conflict(IReadOnlyList<FileUse> uses)
    {
        var files = uses.Where(use => use.Kind != FileUseKind.Folder);
        foreach (var same in files.GroupBy(use => FileIdentity.Of(use.Path)).Where(group => group.Key is not null))
        {
            var written = same.FirstOrDefault(use => use.Kind == FileUseKind.Output)
                ?? same.FirstOrDefault(use => use.Kind == FileUseKind.Shared);
            if (written is null)
                continue;
            bool isShared = written.Kind == FileUseKind.Shared;
            var other = same.FirstOrDefault(use => use != written && !(isShared && use.Kind == FileUseKind.Shared));
            if (other is not null)
                return $"{written.Setting} and {other.Setting} are the same file, which would be overwritten; name another file";
        }

        foreach (var folder in uses.Where(use => use.Kind == FileUseKind.Folder))
            if (FileIdentity.Of(folder.Path) is { } identity
                && uses.FirstOrDefault(use => use.Kind is not (FileUseKind.Folder or FileUseKind.Loaded) && LiesIn(use.Path, identity))
                    is { } inside)
                return $"{inside.Setting} is in the folder of {folder.Setting}, where the Guest could put a link in its place; "
                    + "write :ro after the folder, or keep the file elsewhere";
        return null;
    }

    /// <summary>Whether a file is in a folder, or a link by which it is named. What this process was given open already is no
    /// path.</summary>
    private static bool LiesIn(string path, string folder)
    {
        if (path.Length == 0 || path.Contains('\0') || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal))
            return false;
        string named = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return IsBelow(WithoutLinks(path), folder) || IsBelow(Path.Combine(WithoutLinks(named), "_"), folder);
    }

    private static bool IsBelow(string path, string folder)
    {
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
            if (FileIdentity.Of(above) == folder)
                return true;
        return false;
    }

    private static string WithoutLinks(string path, int links = 0)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        string real = Path.Combine(WithoutLinks(parent, links), Path.GetFileName(full));
        return links < MostLinks && new FileInfo(real).LinkTarget is { } target
            ? WithoutLinks(Path.GetFullPath(target, Path.GetDirectoryName(real)!), links + 1) : real;
    }
}
