// Finds two settings that name the same file although one of them writes it.

namespace Lguest.Host.Paths;

/// <summary>Compares the files of a run.</summary>
internal static class FileUses
{
    /// <summary>What this process was given by its shell: one of them may be a file as well.</summary>
    public static IEnumerable<FileUse> Standard => OperatingSystem.IsLinux()
        ? [FileUse.Read("standard input", "/proc/self/fd/0"), FileUse.Written("standard output", "/proc/self/fd/1")]
        : [];

    /// <summary>Looks for an output that is an input, or another output. No file is opened.</summary>
    /// <returns>One sentence that names both settings and the remedy; null if all is well.</returns>
    public static string? Conflict(IReadOnlyList<FileUse> uses)
    {
        foreach (var same in uses.GroupBy(use => FileIdentity.Of(use.Path)).Where(group => group.Key is not null))
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

        return null;
    }
}
