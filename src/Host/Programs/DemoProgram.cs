// The demo: runs hocon/pair.conf, which is embedded in the program, as up runs any topology. Two nodes, two Guests on each, frames between
// them all, and a table at the end.

using Lguest.Devices.Block;
using Lguest.Devices.Files;
using Lguest.Host.Terminal;
using Lguest.Net.Files;

namespace Lguest.Host.Programs;

/// <summary>The demonstration as a program: needs no file but the product itself.</summary>
internal static class DemoProgram
{
    private const string Resource = "pair.conf";
    private const int NotStarted = 2;

    /// <summary>Runs the demonstration from start to end.</summary>
    /// <param name="console">Takes what the Guests print, the events and the closing table.</param>
    /// <param name="error">Takes the one line that names the cause when it cannot start.</param>
    /// <returns>0 the Guests shut down in order, 1 one of them died, 2 it could not be started.</returns>
    public static int Run(Stream console, TextWriter error) =>
        Run(Stream.Null, console, error, isVerbose: false, () => null, _ => ConsoleStyle.Plain);

    /// <summary>The same with somebody at the terminal.</summary>
    public static int Run(
        Stream input, Stream console, TextWriter error, bool isVerbose, Func<RawTerminal?> enterRawMode, Func<bool, ConsoleStyle> styleOf)
    {
        // The topology's disk is its own file, so it needs a folder of its own for a while.
        try
        {
            string folder = Directory.CreateTempSubdirectory("lguest-demo").FullName;
            using Leftover leftover = new(folder);
            string file = Path.Combine(folder, Resource);
            Unpack(file);
            return UpProgram.Run(new UpOptions(file, Verbose: isVerbose), input, console, error, enterRawMode, styleOf);
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            error.WriteLine(
                $"lguest: the demo needs a folder in {Path.GetTempPath()}: {FileFault.Reason(problem)}; make room there, or set TMPDIR");
            return NotStarted;
        }
    }

    /// <summary>Writes the topology to a file, with blank lines up to a whole sector: it is also the Guests' disk.</summary>
    private static void Unpack(string file)
    {
        using var source = typeof(DemoProgram).Assembly.GetManifestResourceStream(Resource)!;
        using var copy = File.Create(file);
        source.CopyTo(copy);
        byte[] rest = new byte[-copy.Length & (FileDisk.SectorBytes - 1)];
        rest.AsSpan().Fill((byte)'\n');
        copy.Write(rest);
    }
}
