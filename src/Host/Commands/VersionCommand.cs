// The option --version: the versions of the program and its runtimes.

using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Lguest.Host.Commands;

/// <summary><c>lguest --version</c></summary>
internal static class VersionCommand
{
    public static void Attach(RootCommand root) => root.Options.OfType<VersionOption>().Single().Action = new Print();

    /// <summary>The lines that --version prints.</summary>
    public static IEnumerable<string> Lines()
    {
        yield return $"lguest {Version(typeof(VersionCommand).Assembly)}";
        yield return $"runtime: {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}";
        yield return $"actors:  {ActorRuntime()}";
    }

    /// <summary>The actor runtime, as its own assembly calls itself.</summary>
    public static string ActorRuntime() => $"Akka.NET {Version(Assembly.Load("Akka"))?.Split('+')[0]}";

    private static string? Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private sealed class Print : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            foreach (string line in Lines())
                parseResult.InvocationConfiguration.Output.WriteLine(line);
            return 0;
        }
    }
}
