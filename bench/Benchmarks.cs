// Every benchmark there is, in the order of the table: the one list to which a new one is added.

using Lguest.Bench.Actors;
using Lguest.Bench.Booting;
using Lguest.Bench.Clustering;
using Lguest.Bench.Comparing;
using Lguest.Bench.Idle;
using Lguest.Bench.Machine;
using Lguest.Bench.Net;
using Lguest.Bench.Remote;
using Lguest.Bench.Switching;
using Lguest.Guest.Cpu;

namespace Lguest.Bench;

/// <summary>The visible list of all benchmarks.</summary>
internal static class Benchmarks
{
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new TellRoundTrip(),
        new TellAllocation(),
        new RemoteRoundTrip(),
        new RemoteThroughput(),
        new TwoNodesUp(),
        new GuestInstructions("sieve", Loops.Sieve),
        new GuestInstructions("hash", Loops.Hash),
        new GuestInstructions("sort", Loops.Sort),
        new RunLoopAllocation(),
        .. EnginePrograms.All.Select(program => new EngineLoop(program.Name)),
        new EngineLoopMean(),
        .. ShellWork.All.Select(work => new EngineLinux(work.Name)),
        new EngineLinux(null),
        new EngineBoot(),
        new EngineLeave(),
        new EngineCost(),
        new DebianCost(),
        new PuppyBoot(),
        new PuppyLife(),
        new KernelBoot(),
        new KernelBootInstructions(),
        new DebianBoot(EngineKind.Auto, 1),
        new DebianBoot(EngineKind.Interpreter, 3),
        new DebianBootInstructions(),
        new IdleMemory(100, 300),
        new IdleMemory(400, 1000),
        new IdleProcessorTime(400),
        new IdleDebian(1),
        new IdleDebian(20),
        new RackMemory(20),
        new IdleAnswer(20),
        new LocalHypercall(),
        new ActorHypercall(),
        new CpuShare(10),
        new CpuShare(25),
        new CpuShare(50),
        new LanThroughput(acrossNodes: false),
        new LanThroughput(acrossNodes: true),
        new LanLatency(acrossNodes: false),
        new LanLatency(acrossNodes: true),
        new RingToRing(acrossNodes: false),
        new RingToRing(acrossNodes: true),
        new PuppyEcho(),
        new LinuxStream(),
        new DebianStream(EngineKind.Auto, 60),
        new DebianStream(EngineKind.Interpreter, 20),
        new DebianPing(),
        new LanDelay(),
    ];
}
