// The part of a node's agent that builds Guests. Reading files and filling memory is slow and may fail, and must not keep the agent from
// renewing its lease.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Switcher.Slots;
using Lguest.Topology.Consoles;
using Lguest.Topology.Leading;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Actors;

internal sealed partial class NodeAgentActor
{
    private void Start(TopologyProtocol.StartGuest start)
    {
        if (Topology.FindGuest(start.Guest) is not { } guest)
            return;
        if (_endings.TryGetValue((start.Guest, start.Incarnation), out var ending))
        {
            Sender.Tell(new TopologyProtocol.Ended(_node, ending));
            return;
        }

        if (_hosted.TryGetValue(start.Guest, out var hosted))
        {
            if (hosted.Incarnation == start.Incarnation)
                Sender.Tell(new TopologyProtocol.Started(_node, start.Guest, start.Incarnation));
            return;
        }

        hosted = new HostedGuest(guest, start.Incarnation, Now);
        _hosted.Add(start.Guest, hosted);
        Remember();
        Sender.Tell(new TopologyProtocol.Started(_node, start.Guest, start.Incarnation));
        hosted.Output = _local.Open(guest);
        _toBuild.Enqueue(hosted);
        if (_toBuild.Count == 1)
            BuildNext();
    }

    //J:Host:140 Building a Guest
    // A kernel is unpacked and a memory of a gigabyte filled in a second or more; an agent that did this itself would miss its lease. So a
    // thread builds, one Guest at a time, and the result comes back as a message. Until then the Guest is hosted but has no machine, and an
    // order to stop it only marks it.
    /// <summary>Reading files and filling memory take their time: one Guest after the other, on a thread of its own, so that the node stays
    /// responsive. One that
    /// breaks off for a reason that nobody foresaw is refused like any other: those after it wait for their turn.</summary>
    private void BuildNext()
    {
        if (!_toBuild.TryPeek(out var hosted))
            return;
        var (topology, node) = (Topology, _node);
        Task.Factory.StartNew(
            () => Build(topology, hosted.Guest, hosted.Incarnation, node, hosted.Output!),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).PipeTo(Self, failure: cause =>
                new Built(hosted.Guest.Name, hosted.Incarnation, null, null, Innermost(cause).Message));
    }

    private static Exception Innermost(Exception cause) => cause is AggregateException { InnerException: { } inner } ? inner : cause;

    private static Built Build(TopologyDefinition topology, GuestDefinition guest, int incarnation, string node, GuestConsole output)
    {
        try
        {
            var plan = GuestPlan.Read(GuestBuilding.Options(topology, guest, node));
            return new Built(guest.Name, incarnation, plan, plan.Build(output), null);
        }
        catch (RefusedException refused)
        {
            return new Built(guest.Name, incarnation, null, null, refused.Message);
        }
    }

    private void OnBuilt(Built built)
    {
        var hosted = _toBuild.Dequeue();
        BuildNext();
        if (built.Refusal is { } refusal)
        {
            _local.Say($"{built.Guest} cannot start on {_node}: {refusal}");
            Close(hosted, new GuestEnding(built.Guest, built.Incarnation, EndingKind.Refused, refusal, GuestFigures.None));
            return;
        }

        if (hosted.StoppedBy is { } by)
        {
            built.Life!.Discard();
            Close(hosted, new GuestEnding(built.Guest, built.Incarnation, EndingKind.Stopped, $"stopped by {by}", GuestFigures.None));
            return;
        }

        foreach (string warning in built.Life!.Warnings)
            _local.Say($"{built.Guest}: {warning}");
        hosted.Runs = true;
        hosted.Since = Now;
        _local.Say($"{built.Guest} runs on {_node}{(built.Incarnation > 1 ? $", start {built.Incarnation}" : "")}");
        var lans = hosted.Guest.Ports.ToImmutableDictionary(port => port.Lan, port => Lan(port.Lan));
        _guests.Tell(new NodeProtocol.BootGuest(new GuestId(built.Guest), built.Plan!, built.Life!, hosted.Output!.Input, hosted.Output)
        {
            Lans = name => lans.GetValueOrDefault(name),
        });
    }

    private sealed record Built(string Guest, int Incarnation, GuestPlan? Plan, BuiltGuest? Life, string? Refusal)
        : INoSerializationVerificationNeeded;
}
