// The exceptions that .NET throws when a file cannot be opened, read or written. Not all are IOException: EACCES, EPERM and EBADF arrive as
// UnauthorizedAccessException, EFBIG as ArgumentOutOfRangeException. A catch that misses one ends the process because of a full disk or a
// closed descriptor.

namespace Lguest.Net.Files;

/// <summary>Tells faults of files from bugs of ours, for the filters of catch clauses.</summary>
public static class FileFault
{
    /// <summary>Errno 32, EPIPE: the reader of a pipe has gone.</summary>
    private const int BrokenPipe = 32;

    /// <summary>Whether reading or writing an open file may throw this.</summary>
    public static bool InUse(Exception problem) => problem is IOException or UnauthorizedAccessException || IsTooLarge(problem);

    /// <summary>Whether opening a file by its name may throw this.</summary>
    public static bool InOpening(Exception problem) => InUse(problem) || problem is ArgumentException or NotSupportedException;

    /// <summary>A file that may not grow as far as a write wants: the limit of the file system, or of the user (RLIMIT_FSIZE).</summary>
    private static bool IsTooLarge(Exception problem) =>
        problem is ArgumentOutOfRangeException { ParamName: "value", TargetSite.DeclaringType.Namespace: "System.IO" };

    /// <summary>Whether somebody stopped reading, which is no fault but a wish.</summary>
    public static bool IsReaderGone(Exception problem) => problem is IOException && (problem.HResult & 0xffff) == BrokenPipe;

    /// <summary>The same for a file that could not be opened by its name. The system calls a directory "denied", and .NET repeats the
    /// name.</summary>
    public static string Reason(Exception problem, string path) =>
        path.Length == 0 ? "it has no name"
        : Directory.Exists(path) ? "it is a directory"
        : problem is DirectoryNotFoundException ? $"there is no folder {Path.GetDirectoryName(Path.GetFullPath(path))}"
        : Reason(problem);

    /// <summary>The reason as a part of a sentence that names the file itself; for "access denied" that of the error below it, which says
    /// more.</summary>
    public static string Reason(Exception problem)
    {
        if (IsTooLarge(problem))
            return "File too large";
        string text = (problem.InnerException as IOException ?? problem).Message;
        return text.Split(" : '")[0].TrimEnd('.');
    }
}
