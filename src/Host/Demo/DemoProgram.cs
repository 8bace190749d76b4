// The demonstration: the embedded Guest kernel boots with a script of its own, does a bit of everything a kernel does, switches off, and a
// table tells what that took. It goes the same way as any other Guest, through the Launcher, so that what it shows is the real thing.

using System.Diagnostics;
using Lguest.Host.Launcher;

namespace Lguest.Host.Demo;

/// <summary>The demonstration as a program: needs no file but the product itself.</summary>
internal static class DemoProgram
{
    private static readonly LauncherOptions _guest = new(
        MemoryMegabytes: 16,
        Kernel: LauncherOptions.EmbeddedKernel,
        KernelArguments: ["script=/demo.script"],
        Devices: [new DeviceOption.Rng()]);

    /// <summary>Runs the demonstration from start to end.</summary>
    /// <param name="console">Takes what the Guest prints, as it prints it.</param>
    /// <param name="output">Takes the closing table; may lead to the same place.</param>
    /// <param name="error">Takes the one line that names the cause when the Guest cannot start or has died.</param>
    /// <returns>0 the Guest shut down in order, 1 it died, 2 this build holds no Guest kernel.</returns>
    public static int Run(Stream console, TextWriter output, TextWriter error)
    {
        var start = Stopwatch.GetTimestamp();
        var exitCode = LauncherProgram.Run(_guest, Stream.Null, console, error, enterRawMode: () => null, out var outcome);
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (outcome?.Statistics is { } statistics)
            DemoTable.Write(output, statistics, elapsed);
        return exitCode;
    }
}
