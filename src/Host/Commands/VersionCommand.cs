// The option --version: the versions of the program and its runtimes, and what this host can execute Guests with.

using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using Lguest.Guest.Cpu;

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
        yield return $"engines: {EnginesHere(Engines.TranslatorProblem, Engines.WindowsProblem)}";
    }

    /// <summary>The actor runtime, as its own assembly calls itself.</summary>
    public static string ActorRuntime() => $"Akka.NET {Version(Assembly.Load("Akka"))?.Split('+')[0]}";

    /// <summary>The engines of a host.</summary>
    /// <param name="problem">What speaks against its translator; null for nothing.</param>
    /// <param name="windowless">What speaks against windows; null for nothing.</param>
    public static string EnginesHere(string? problem, string? windowless) =>
        problem is not null ? $"interpreter (no translator: {problem})"
        : windowless is not null ? $"interpreter, translator (no windows: {windowless})"
        : "interpreter, translator with windows";

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
