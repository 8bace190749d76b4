// The three standard streams, any of which may be missing or fail: nohup gives no readable input, a script may close one, a disk fills up,
// a reader ends. None of that ends the program; a loss is reported once, on standard error if there is one.

using System.Text;
using Lguest.Net.Files;

namespace Lguest.Host.Terminal;

/// <summary>Standard input, output and error of this process. Each call makes a stream of its own for the same descriptor.</summary>
internal static class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;

    /// <summary>Whether somebody looks at standard output.</summary>
    public static bool IsOutputTerminal => OperatingSystem.IsWindows() ? !Console.IsOutputRedirected : JobControl.IsTerminal(Output);

    /// <summary>Columns of the terminal that is standard output; 0 if that is not known.</summary>
    public static int OutputWidth => OperatingSystem.IsWindows() ? Console.WindowWidth : JobControl.Width(Output);

    /// <summary>Whether somebody looks at standard error.</summary>
    public static bool IsErrorTerminal => OperatingSystem.IsWindows() ? !Console.IsErrorRedirected : JobControl.IsTerminal(Error);

    /// <summary>Columns of the terminal that is standard error; 0 if that is not known.</summary>
    public static int ErrorWidth => OperatingSystem.IsWindows() ? Console.WindowWidth : JobControl.Width(Error);

    /// <summary>Standard input; at its end if it cannot be read.</summary>
    public static Stream OpenInput() => Open(Input, FileAccess.Read, null);

    /// <summary>Standard output. Nobody need hear of a reader that has left; any other fault is told.</summary>
    public static Stream OpenOutput() => Open(Output, FileAccess.Write, TellOutputFault);

    /// <summary>Standard output for text.</summary>
    public static TextWriter OutputWriter() => Writer(OpenOutput());

    /// <summary>Standard error, for lines. Where it cannot be written nobody is left to be told.</summary>
    public static TextWriter ErrorWriter() => Writer(Open(Error, FileAccess.Write, null));

    /// <summary>What ends a line on standard error while a Guest may have the terminal: in raw mode that does not return the carriage by
    /// itself. A file or a pipe gets lines as every file has them.</summary>
    public static string ErrorLineEnd => JobControl.IsTerminal(Error) ? "\r\n" : "\n";

    /// <summary>Tells a line while a Guest may have the terminal.</summary>
    public static void TellAside(TextWriter error, string line) => error.Write($"lguest: {line}{ErrorLineEnd}");

    private static void TellOutputFault(Exception problem)
    {
        if (FileFault.IsReaderGone(problem))
            return;
        using var error = ErrorWriter();
        TellAside(error, $"standard output cannot be written: {FileFault.Reason(problem)}; further output is lost");
    }

    private static Stream Open(int descriptor, FileAccess access, Action<Exception>? failed)
    {
        if (OperatingSystem.IsWindows())
            return new FailSafeStream(OpenConsole(descriptor), failed);
        return DescriptorStream.WasPassedOn(descriptor)
            ? new FailSafeStream(new DescriptorStream(descriptor, access), failed)
            : Stream.Null;
    }

    private static Stream OpenConsole(int descriptor) => descriptor switch
    {
        Input => Console.OpenStandardInput(),
        Output => Console.OpenStandardOutput(),
        _ => Console.OpenStandardError(),
    };

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
