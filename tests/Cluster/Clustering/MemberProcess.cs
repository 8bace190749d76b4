// A node in a process of its own, as a test holds it: told what to do, listened to, killed, put to sleep for a while.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Akka.Actor;

namespace Lguest.Cluster.Tests.Clustering;

/// <summary>A process that runs <see cref="MemberNode"/>. Disposing it kills what is left of it.</summary>
internal sealed class MemberProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();

    private MemberProcess(Process process)
    {
        _process = process;
        _ = Listen();
    }

    internal Address Address { get; private set; } = null!;

    /// <summary>All that it has said so far, in order.</summary>
    internal IReadOnlyCollection<string> Said => _said;

    internal bool HasExited => _process.HasExited;

    internal static async Task<MemberProcess> Start(string config)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
            : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "exec", Assembly.GetExecutingAssembly().Location, "member", config },
        };
        var member = new MemberProcess(Process.Start(start)!);
        await member.Until(line => line.StartsWith("listening ", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        member.Address = Address.Parse(member.Said.First(line =>
            line.StartsWith("listening ", StringComparison.Ordinal))["listening ".Length..]);
        return member;
    }

    internal void Order(string order) => _process.StandardInput.WriteLine(order);

    /// <summary>As the power cord does it.</summary>
    internal void Kill() => _process.Kill();

    /// <summary>Stops the process where it stands (STOP), or lets it go on (CONT).</summary>
    internal async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    internal Task Until(string line, TimeSpan patience) => Until(said => said == line, patience, line);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task Until(Func<string, bool> wanted, TimeSpan patience, string what = "to listen")
    {
        var clock = Stopwatch.StartNew();
        while (!_said.Any(wanted))
        {
            (clock.Elapsed < patience).ShouldBeTrue($"[{what}] was not said in {patience} but:\n{string.Join('\n', _said)}");
            await Task.Delay(20);
        }
    }

    private async Task Listen()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _said.Enqueue(line);
    }
}
