// One process with one node and its actor system. The actors are put together here; the rest of the program only passes in a plan and gets
// an outcome.

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Lguest.Devices;
using Lguest.Devices.Console;
using Lguest.Guest.Cpu;
using Lguest.Launcher;
using Lguest.Launcher.Actors;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;
using Lguest.Net.Trunks.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Topology.Peers.Actors;
using Serilog;

namespace Lguest.Topology.Nodes.Actors;

/// <summary>A node in this process, for as long as it is not disposed.</summary>
internal sealed class OneNode : IAsyncDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly ActorSystem _system;
    private readonly IActorRef _node;
    private readonly IActorRef _trunk;
    private readonly ConcurrentDictionary<string, IActorRef> _lans = new();

    /// <param name="log">Takes what the actors report.</param>
    /// <param name="isReachable">Whether other processes of this machine can reach it, and no other machine.</param>
    /// <param name="engine">What executes the code of Guests; null for what the reference says.</param>
    public OneNode(ILogger log, bool isReachable = false, EngineKind? engine = null)
    {
        _system = ActorSystem.Create("lguest", isReachable ? Reachable().WithFallback(Reference()) : Reference());
        var logger = LogActor.Start(_system, log);
        _system.EventStream.Subscribe(logger, typeof(LogEvent));
        var trunks = TrunkSettings.From(_system.Settings.Config);
        _trunk = _system.ActorOf(TrunkActor.Props(isReachable ? trunks : trunks with { IsEnabled = false }), TrunkActor.Name);
        var settings = SwitcherSettings.From(_system.Settings.Config);
        _node = _system.ActorOf(
            NodeActor.Props(SwitcherActor.Props(settings with { Engine = engine ?? settings.Engine })), "node");
    }

    /// <summary>The product's defaults, as embedded.</summary>
    public static Config Reference() =>
        SwitcherSettings.Reference(Environment.ProcessorCount).WithFallback(NetSettings.Reference()).WithFallback(PeerSettings.Local);

    /// <summary>Starts a virtual network, into which Guests that are started later can be plugged by its name.</summary>
    /// <returns>Its actor, for other ports than those of Guests.</returns>
    public IActorRef StartLan(LanSettings lan) =>
        _lans.GetOrAdd(lan.Name, _ => _system.ActorOf(LanActor.Props(lan, NetSettings.From(_system.Settings.Config)), $"lan-{lan.Name}"));

    /// <summary>Starts a network and its way out, if it has one.</summary>
    /// <param name="wire">What the command line asked for.</param>
    /// <param name="forwards">Ports of this machine that lead into its Guest.</param>
    /// <exception cref="RefusedException">The way out cannot be opened here, with the reason.</exception>
    public void StartWire(OutsideWire wire, ImmutableArray<PortForward> forwards = default)
    {
        var lan = StartLan(new LanSettings(wire.Lan));
        var net = NetSettings.From(_system.Settings.Config);
        try
        {
            _system.ActorOf(
                wire.Tunnel is { } tunnel ? WayOut.Tap(lan, net, tunnel)
                    : WayOut.Nat(lan, net, NatSettings.Usual, forwards.IsDefault ? [] : forwards, ForwardTold),
                $"out-{wire.Lan}");
        }
        catch (OutsideException problem)
        {
            throw new RefusedException(problem.Message);
        }
    }

    private void ForwardTold(PortForward forward, string? problem)
    {
        if (problem is null)
            _system.Log.Info("{0}", forward);
        else
            _system.Log.Error("{0}: {1}", forward, problem);
    }

    /// <summary>Runs a Guest to its end.</summary>
    public async Task<GuestOutcome> Run(string name, GuestPlan plan, BuiltGuest built, TerminalInput input, Stream output)
    {
        var ended = _node.Ask<LauncherProtocol.GuestEnded>(
            new NodeProtocol.BootGuest(new GuestId(name), plan, built, input, output) { Lans = _lans.GetValueOrDefault },
                Timeout.InfiniteTimeSpan);
        if (await Task.WhenAny(ended, _system.WhenTerminated).ConfigureAwait(false) != ended)
            return new GuestOutcome.Died("its node failed; the log says how (--verbose)", null);
        return (await ended.ConfigureAwait(false)).Outcome;
    }

    /// <summary>Lets other processes know where this node's Dma listens.</summary>
    /// <exception cref="RefusedException">One of the files takes no more.</exception>
    public void Announce(IReadOnlyList<ShareFile> shares)
    {
        foreach (var share in shares)
            share.Announce(((ExtendedActorSystem)_system).Provider.DefaultAddress.ToString());
    }

    /// <summary>Tells the node's Dma about those of other processes that have a file in common with this one, until it is
    /// cancelled.</summary>
    public async Task MeetOthers(IReadOnlyList<ShareFile> shares, CancellationToken end)
    {
        if (shares.Count == 0)
            return;
        Dictionary<string, IActorRef> known = [];
        using PeriodicTimer timer = new(_look);
        try
        {
            do
            {
                var there = shares.SelectMany(share => share.Others()).Distinct().ToList();
                bool isNew = false;
                foreach (string gone in known.Keys.Except(there).ToList())
                    isNew |= known.Remove(gone);
                foreach (string address in there.Where(address => !known.ContainsKey(address)))
                {
                    if (await FindDma(address).ConfigureAwait(false) is { } dma)
                        isNew |= known.TryAdd(address, dma);
                }

                if (isNew)
                {
                    _trunk.Tell(new TrunkProtocol.Peers([.. known.Values.Select(dma => dma.Path.Address)]));
                    _node.Tell(new DmaProtocol.Peers([.. known.Values]));
                }
            }
            while (await timer.WaitForNextTickAsync(end).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The Guest has ended, and with it the wish to meet anybody.
        }
    }

    private async Task<IActorRef?> FindDma(string address)
    {
        if (!ActorPath.TryParseAddress(address, out var parsed))
            return null;
        try
        {
            return await _system.ActorSelection(new RootActorPath(parsed) / "user" / "node" / NodeActor.DmaName).ResolveOne(_patience)
                .ConfigureAwait(false);
        }
        catch (ActorNotFoundException)
        {
            // It has just gone, or is not up yet: the next look will tell.
            return null;
        }
    }

    private static Config Reachable() => ConfigurationFactory
        .ParseString("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
        .WithFallback(PeerSettings.Remote);

    /// <summary>Ends every Guest; their <see cref="Run"/> returns soon after. Any thread.</summary>
    public void StopGuests(string by, int exitCode) => _node.Tell(new NodeProtocol.StopGuests(by, exitCode));

    public ValueTask DisposeAsync() => new(_system.Terminate());
}
