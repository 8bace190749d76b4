// The demonstration: hocon/pair.conf, which travels inside the program. Two nodes, two Guests on each, packets between them all, and a table of what that took. It goes the same
// way as any other topology, so that what it shows is the real thing.

using Lguest.Host.Terminal;
using Lguest.Host.Topologies;
using Lguest.Host.Topologies.Consoles;

namespace Lguest.Host.Demo;

/// <summary>The demonstration as a program: needs no file but the product itself.</summary>
internal static class DemoProgram
{
    private const string Resource = "pair.conf";

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
        var folder = Directory.CreateTempSubdirectory("lguest-demo");
        try
        {
            var file = Path.Combine(folder.FullName, Resource);
            using (var source = typeof(DemoProgram).Assembly.GetManifestResourceStream(Resource)!)
            using (var copy = File.Create(file))
                source.CopyTo(copy);
            return UpProgram.Run(new UpOptions(file, Verbose: isVerbose), input, console, error, enterRawMode, styleOf);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
