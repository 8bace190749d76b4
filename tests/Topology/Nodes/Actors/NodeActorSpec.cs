// A node whose parts fail: it must not stay as a node that takes Guests and has nobody to run them.

using Akka.Actor;
using Lguest.Devices.Console;
using Lguest.Devices.Tests;
using Lguest.Launcher;
using Lguest.Net.Lans;
using Lguest.Switcher.Slots;
using Lguest.Topology.Nodes.Actors;
using Serilog.Core;

namespace Lguest.Topology.Tests.Nodes.Actors;

public sealed class NodeActorSpec : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly OneNode _node = new(Logger.None);

    private ActorSystem System => ((ActorRefWithCell)_node.StartLan(new LanSettings("any"))).Underlying.System;

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("node/switcher")]
    [InlineData("node/dma")]
    [InlineData("node")]
    public async Task A_node_that_has_lost_a_part_ends_and_its_Guests_with_it(string path)
    {
        var plan = GuestPlan.Read(new LauncherOptions(16, "puppy", [], []));
        var screen = new Printed();
        var running = _node.Run("g", plan, plan.Build(screen), TerminalInput.Open(), screen);
        SpinWait.SpinUntil(() => screen.Text.Contains("puppy# ", StringComparison.Ordinal), _patience).ShouldBeTrue();
        var system = System;

        var lost = system.ActorSelection("/user/" + path);
        if (path == "node")
            lost.Tell(new NodeProtocol.BootGuest(new GuestId("g"), plan, null!, null!, null!));
        else
            lost.Tell(Kill.Instance);

        await system.WhenTerminated.WaitAsync(_patience);
        (await running.WaitAsync(_patience)).ShouldBeOfType<GuestOutcome.Died>().Reason.ShouldStartWith("its node failed");
    }

    [Fact]
    public async Task A_Guest_whose_launcher_fails_ends_alone()
    {
        var plan = GuestPlan.Read(new LauncherOptions(16, "puppy", [], []));
        var (one, other) = (new Printed(), new Printed());
        var failing = _node.Run("one", plan, plan.Build(one), TerminalInput.Open(), one);
        using var keys = TerminalInput.Open();
        var running = _node.Run("other", plan, plan.Build(other), keys, other);
        SpinWait.SpinUntil(() => one.Text.Contains("puppy# ", StringComparison.Ordinal), _patience).ShouldBeTrue();

        System.ActorSelection("/user/node/guest-one").Tell(Kill.Instance);

        (await failing.WaitAsync(_patience)).ShouldBeOfType<GuestOutcome.Died>().Reason.ShouldStartWith("a part of its node failed");
        keys.Push("poweroff\n"u8.ToArray());
        (await running.WaitAsync(_patience)).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }
}
