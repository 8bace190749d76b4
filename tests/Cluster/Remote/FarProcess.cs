// The far process as the test holds it: started, stopped where it stands, and let go on.

using System.Diagnostics;
using System.Reflection;
using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

/// <summary>A process that runs <see cref="FarNode"/>. Disposing it kills what is left of it.</summary>
internal sealed class FarProcess : IDisposable
{
    private readonly Process _process;

    private FarProcess(Process process, Address address)
    {
        _process = process;
        Address = address;
    }

    internal Address Address { get; }

    internal static async Task<FarProcess> Start(string name, string config)
    {
        string assembly = Assembly.GetExecutingAssembly().Location;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
            : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "exec", assembly, name, config },
        };
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith("listening ", StringComparison.Ordinal)) return new FarProcess(
                process, Address.Parse(line["listening ".Length..]));
        throw new InvalidOperationException($"the far process ended, code {process.ExitCode}, before it listened");
    }

    /// <summary>Stops the process where it stands, or lets it go on.</summary>
    internal async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
