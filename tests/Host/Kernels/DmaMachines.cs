// A rack for Guests of Linux 2.6.23: one node, or two that know each other only over the network, each with its Switcher and its Dma.
// Guests are typed at and read from; each has a card on one shared page.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Lguest.Devices.Console;
using Lguest.Devices.Tests;
using Lguest.Launcher;
using Lguest.Launcher.Actors;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Host.Tests.Kernels;

internal sealed class DmaMachines : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);
    private readonly List<ActorSystem> _systems = [];
    private readonly List<IActorRef> _nodes = [];

    public static async Task<DmaMachines> Start(int nodes)
    {
        DmaMachines rack = new();
        for (int i = 0; i < nodes; i++)
        {
            var system = ActorSystem.Create($"rack{i}", Remote(nodes > 1).WithFallback(OneNode.Reference()));
            rack._systems.Add(system);
            rack._nodes.Add(system.ActorOf(NodeActor.Props(SwitcherActor.Props(SwitcherSettings.From(system.Settings.Config))), "node"));
        }

        for (int i = 0; i < nodes && nodes > 1; i++)
        {
            var others = ImmutableArray.CreateBuilder<IActorRef>();
            foreach (var other in rack._systems.Where(other => other != rack._systems[i]))
            {
                var address = new RootActorPath(((ExtendedActorSystem)other).Provider.DefaultAddress);
                others.Add(await rack._systems[i].ActorSelection(address / "user" / "node" / NodeActor.DmaName).ResolveOne(_patience));
            }

            rack._nodes[i].Tell(new DmaProtocol.Peers(others.ToImmutable()));
        }

        return rack;
    }

    /// <summary>Boots a Guest on a node and waits for its shell.</summary>
    public async Task<HostedGuest> Boot(int node, LauncherOptions options)
    {
        var plan = GuestPlan.Read(options);
        HostedGuest hosted = new();
        TerminalInput input = new(hosted.Keyboard, typed: false, () => { });
        hosted.Ended = _nodes[node].Ask<LauncherProtocol.GuestEnded>(
            new NodeProtocol.BootGuest(new GuestId(options.Name), plan, plan.Build(hosted.Printed), input, hosted.Printed),
                Timeout.InfiniteTimeSpan);
        input.Start();
        await hosted.Sees("LGUEST-SHELL-READY");
        return hosted;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
    }

    private static Config Remote(bool on) => on
        ? ConfigurationFactory.ParseString("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
        : Config.Empty;

    /// <summary>One Guest with its console.</summary>
    internal sealed class HostedGuest
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource? _seen;
        private string _wanted = "";

        public HostedGuest() => Printed.Changed = text =>
        {
            lock (_lock)
            {
                if (_seen is not null && text.Contains(_wanted, StringComparison.Ordinal))
                    _seen.TrySetResult();
            }
        };

        public Keyboard Keyboard { get; } = new();

        public Printed Printed { get; } = new();

        public Task<LauncherProtocol.GuestEnded> Ended { get; set; } = null!;

        /// <summary>Waits until the console has shown something.</summary>
        public async Task Sees(string text)
        {
            lock (_lock)
            {
                _wanted = text;
                _seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Printed.Text.Contains(text, StringComparison.Ordinal))
                    _seen.SetResult();
            }

            if (await Task.WhenAny(_seen.Task, Ended, Task.Delay(_patience)) != _seen.Task)
                throw new InvalidOperationException(
                    $"'{text}' was not seen{(Ended.IsCompleted ? $", the Guest ended: {Ended.Result.Outcome}" : "")}; the console "
                    + $"shows:\n{Printed.Text}");
        }

        /// <summary>Types a command and waits until it is done.</summary>
        public Task Does(string command, string until)
        {
            Keyboard.Type(command + "\n");
            return Sees(until);
        }
    }
}
