// Handles exceptions that no command expects. The user gets one line with what happened, and a file with the details for a report, instead
// of a page of stack trace in the terminal.

using System.Reflection;
using System.Text;

namespace Lguest.Host.Commands;

/// <summary>Tells faults of the program itself.</summary>
internal static class LastResort
{
    /// <summary>Exit code: whatever ran has not ended in order.</summary>
    public const int NotInOrder = 1;

    /// <summary>Does the same for what escapes on any other thread of this process, and ends it.</summary>
    public static void Watch(TextWriter error) => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        var fault = unhandled.ExceptionObject as Exception ?? new InvalidOperationException(unhandled.ExceptionObject.ToString());
        Environment.Exit(Tell(fault, error));
    };

    /// <summary>Writes the fault to a file and one line about it.</summary>
    /// <param name="fault">What has escaped.</param>
    /// <param name="error">Takes the line.</param>
    /// <param name="folder">Where the file goes; null for the folder of temporary files.</param>
    /// <returns><see cref="NotInOrder"/>, for the caller to return.</returns>
    public static int Tell(Exception fault, TextWriter error, string? folder = null)
    {
        var cause = Innermost(fault);
        string words = string.Join(' ', cause.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string report = Report(fault, folder ?? Path.GetTempPath());
        error.WriteLine($"lguest: internal error, {cause.GetType().Name}: {words.TrimEnd('.')}; please report it{report}");
        return NotInOrder;
    }

    private static Exception Innermost(Exception fault) =>
        fault is AggregateException { InnerExceptions.Count: > 0 } many ? Innermost(many.InnerExceptions[0])
        : fault is TargetInvocationException or TypeInitializationException && fault.InnerException is { } inner ? Innermost(inner)
        : fault;

    private static string Report(Exception fault, string folder)
    {
        string path = Path.Combine(folder, $"lguest-fault-{Path.GetRandomFileName()}.txt");
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            string[] lines = [.. VersionCommand.Lines(), fault.ToString(), ""];
            file.Write(Encoding.UTF8.GetBytes(string.Join(Environment.NewLine, lines)));
            return $" with the file {path}";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $" (no file could be written to {folder})";
        }
    }
}
