// Where the command line hands over to the demonstration: the embedded default Guest runs a script and a table tells what it took.

namespace Lguest.Host.Demo;

/// <summary>The demonstration as a program: needs no file but the product itself.</summary>
internal static class DemoProgram
{
    /// <summary>Runs the demonstration from start to end.</summary>
    /// <param name="output">Takes the Guest's console and the closing table.</param>
    /// <param name="error">Takes the one line that names the cause when the Guest cannot start or has died.</param>
    /// <returns>0 the Guest shut down in order, 1 it died.</returns>
    public static int Run(TextWriter output, TextWriter error)
    {
        error.WriteLine("lguest: this build has no demonstration yet");
        return 1;
    }
}
