// What can happen to a node that is a process: killed, stopped for a while and continued, started again; and that the others are not shaken
// by it, nor by processors that are busy with other things. The promise that a killed node is seen within ten seconds stands on Akka's
// default failure detector, and leases (src/Topology/Leading) on the process that was stopped too long ending itself, which it does
// for certain only with QuarantineActor (src/Host).
// LGUEST_BUSY_SECONDS makes the busy time longer.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Lguest.Support;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class HardDaysSpec : ClusterSpecBase
{
    private readonly List<MemberProcess> _processes = [];

    public override async Task DisposeAsync()
    {
        foreach (var process in _processes) process.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task With_the_default_failure_detector_a_killed_process_is_missed_within_ten_seconds_and_then_removed()
    {
        const string SoonRemoved = "akka.cluster.split-brain-resolver.stable-after = 2 s\n";
        ActorSystem[] nodes = [StartUnhurried(SoonRemoved), StartUnhurried(SoonRemoved)];
        foreach (var node in nodes) ClusterNode.Get(node).Join(Self(nodes[0]));
        var process = await Launch(SoonRemoved + Process(hasty: false), nodes[0]);
        // Until it is watched by those who shall miss it.
        await Task.Delay(TimeSpan.FromSeconds(3));

        process.Kill();

        await Until(() => nodes.All(node => ClusterNode.Get(node).State.Unreachable.Any(member => member.Address == process.Address)),
            "missed", TimeSpan.FromSeconds(10));
        await Until(() => nodes.All(node => ClusterNode.Get(node).State.Members.Count == 2), "removed");
    }

    [Fact]
    public async Task A_killed_process_loses_its_singleton_to_the_next_oldest()
    {
        var first = await Launch(Process());
        var nodes = new[] { await Launch(Process(), first), await Launch(Process(), first) };
        foreach (var node in nodes.Prepend(first)) node.Order("manage");
        await first.Until("singleton started", Patience);

        first.Kill();

        await nodes[0].Until("singleton started", Patience);
        await nodes[0].Until($"MemberRemoved {first.Address}", Patience);
        nodes[1].Said.ShouldNotContain("singleton started");
    }

    [Fact]
    public async Task A_process_that_was_stopped_too_long_is_removed_and_ends_itself_when_it_goes_on()
    {
        var first = await Launch(Process());
        var nodes = new[] { await Launch(Process(), first), await Launch(Process(), first) };
        foreach (var node in nodes.Prepend(first)) node.Order("manage");
        await first.Until("singleton started", Patience);

        await first.Signal("STOP");
        await nodes[0].Until("singleton started", 2 * Patience);
        await first.Signal("CONT");

        await first.Until("singleton stopped", Patience);
        await first.Until("terminated ClusterDowningReason", Patience);
        nodes[0].Said.ShouldNotContain("singleton stopped");
        nodes.ShouldAllBe(node => !node.HasExited);
        nodes[1].Said.ShouldNotContain($"MemberRemoved {nodes[0].Address}");
    }

    [Fact]
    public async Task A_process_that_was_stopped_for_a_moment_is_missed_and_found_again()
    {
        string patient = "akka.cluster.split-brain-resolver.stable-after = 30 s\n";
        var first = await Launch(patient + Process());
        var second = await Launch(patient + Process(), first);

        await second.Signal("STOP");
        await first.Until($"UnreachableMember {second.Address}", Patience);
        await second.Signal("CONT");

        await first.Until($"ReachableMember {second.Address}", Patience);
        first.Said.ShouldNotContain($"MemberDowned {second.Address}");
    }

    [Fact]
    public async Task A_killed_process_that_is_started_again_is_a_new_member()
    {
        // Of two halves the one with the lower address stays: that must be the first, should the other be long in coming back.
        int[] ports = [.. new[] { FreePorts.Next(), FreePorts.Next() }.Order()];
        var first = await Launch($"akka.remote.dot-netty.tcp.port = {ports[0]}\n{Process()}");
        var second = await Launch($"akka.remote.dot-netty.tcp.port = {ports[1]}\n{Process()}", first);
        second.Kill();

        // Akka.NET's remoting may never get through to a process that comes back before its predecessor is missed.
        await first.Until($"UnreachableMember {second.Address}", Patience);
        var again = await MemberProcess.Start(
            $"akka.remote.dot-netty.tcp.port = {second.Address.Port}\n{Process()}\nakka.cluster.seed-nodes = [\"{first.Address}\"]");
        _processes.Add(again);

        await again.Until($"MemberUp {again.Address}", Patience);
        again.Address.ShouldBe(second.Address);

        // It is up when it knows; the first says so in its own time.
        await Until(() => OfSecond().Count >= 6, "told by the first");
        OfSecond().ShouldBe(new[] { "MemberJoined", "MemberUp", "MemberDowned", "MemberRemoved", "MemberJoined", "MemberUp" }.Select(
            what => $"{what} {second.Address}"));

        List<string> OfSecond() =>
            [.. first.Said.Where(line => line.EndsWith(second.Address.ToString(), StringComparison.Ordinal)
                && line.StartsWith("Member", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_process_that_leaves_ends_in_order()
    {
        var first = await Launch(Process());
        var second = await Launch(Process(), first);

        second.Order("leave");

        await second.Until("terminated ClusterLeavingReason", Patience);
        await first.Until($"MemberRemoved {second.Address}", Patience);
        first.Said.ShouldNotContain($"UnreachableMember {second.Address}");
    }

    [Fact]
    public async Task With_every_core_kept_busy_nobody_is_missed()
    {
        double seconds = double.TryParse(Environment.GetEnvironmentVariable("LGUEST_BUSY_SECONDS"), CultureInfo.InvariantCulture,
            out double wanted) ? wanted : 10;
        var first = await Launch(Process(hasty: false));
        var second = await Launch(Process(hasty: false), first);
        foreach (var process in _processes) process.Order($"burn {Environment.ProcessorCount}");
        var clock = Stopwatch.StartNew();

        while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            _processes.SelectMany(process => process.Said).ShouldNotContain(
                line => line.StartsWith("UnreachableMember", StringComparison.Ordinal), $"after {clock.Elapsed}");
            await Task.Delay(200);
        }

        first.HasExited.ShouldBeFalse();
        second.HasExited.ShouldBeFalse();
    }

    private static string Process(bool hasty = true) =>
        $$"""
        akka {
          actor.provider = cluster
          loglevel = INFO
          stdout-loglevel = OFF
          remote.dot-netty.tcp.hostname = 127.0.0.1
          coordinated-shutdown.exit-clr = off
        }
        {{(hasty ? Hasty : "")}}
        """;

    /// <summary>Starts a process and waits until it is up in the cluster of another, or in one of its own.</summary>
    private Task<MemberProcess> Launch(string config, MemberProcess? contact = null) => Launch(config, contact?.Address);

    private Task<MemberProcess> Launch(string config, ActorSystem contact) => Launch(config, Self(contact));

    private async Task<MemberProcess> Launch(string config, Address? contact)
    {
        var process = await MemberProcess.Start(config.Contains("tcp.port", StringComparison.Ordinal) ? config
            : $"akka.remote.dot-netty.tcp.port = 0\n{config}");
        _processes.Add(process);
        process.Order($"join {contact ?? process.Address}");
        await process.Until($"MemberUp {process.Address}", Patience);
        return process;
    }
}
