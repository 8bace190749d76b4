// A program that is told to end, or cannot begin, before much of it is there.

using System.Diagnostics;
using Lguest.Topology.Tests;

namespace Lguest.Host.Tests.Terminal;

public sealed class EarlyEndSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _atMost = TimeSpan.FromSeconds(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-early-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_node_that_waits_for_the_others_ends_when_it_is_told_to(string signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals are sent by kill");
        int[] ports = [Support.FreePorts.Next(), Support.FreePorts.Next()];
        File.WriteAllText(Path.Combine(_folder, "t.conf"),
            $"lguest {{ nodes {{ a.port = {ports[0]}, b.port = {ports[1]} }}, guests.g {{ }} }}");
        using var process = ProductProcess.Start($"exec LGUEST up {_folder}/t.conf --node b --verbose 2>{_folder}/log");
        SpinWait.SpinUntil(() => Log().Contains("seed", StringComparison.OrdinalIgnoreCase), _patience).ShouldBeTrue(Log());

        using var clock = new FairClock();
        await ProductProcess.Signal(process, signal);

        (await ProductProcess.End(process, _patience)).ShouldBe(0);
        clock.Elapsed.ShouldBeLessThan(_atMost, Log());

        string Log() => File.Exists($"{_folder}/log") ? File.ReadAllText($"{_folder}/log") : "";
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(129)]
    [InlineData(255)]
    public async Task Too_few_open_files_are_told_on_one_line(int files)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is Linux's");
        string script = Path.Combine(ShippedTopologiesSpec.Folder(), "..", "lguest");
        List<string> commands = [$"exec {script} 16 puppy"];

        // With fewer the runtime does not come to run anything of ours.
        if (files >= 40)
            commands.Add("exec LGUEST 16 puppy");
        foreach (string command in commands)
        {
            var (code, printed, error) = await ProductProcess.Run($"ulimit -n {files}; {command}");

            error.ShouldBe($"lguest: only {files} files may be open at once (ulimit -n), and 256 are needed; raise the limit\n");
            code.ShouldBe(2);
            printed.ShouldBeEmpty();
        }
    }

    [SkippableFact]
    public async Task As_many_open_files_as_are_asked_for_are_enough_for_a_small_topology()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is Linux's");
        File.WriteAllText(Path.Combine(_folder, "t.conf"),
            "lguest { nodes { a.port = 0, b.port = 0 }, guests.g { count = 4, arguments = \"script=poweroff\" } }");

        var (code, _, error) = await ProductProcess.Run($"ulimit -n 256; exec LGUEST up {_folder}/t.conf");

        code.ShouldBe(0, error);
        error.ShouldBeEmpty();
    }
}
