// A node's agent between a leader and the node's Guests, both played by probes: what it must not lose when leaders come and go, and what it
// does when it is itself at the end of its wits.

using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lguest.Topology.Actors;
using Lguest.Topology.Consoles;
using Lguest.Topology.Leading;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Tests.Actors;

public sealed class NodeAgentSpec : TestKit
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly TopologyFile _file = TopologyFile.Parse(
        "test.conf", "lguest { nodes { a { } }, guests { one { }, two { } } }", _ => null, _ => true);
    private readonly TestProbe _guests;
    private readonly TestProbe _leader;
    private readonly IActorRef _agent;
    private readonly LocalNodes _local = new(new NoTerminal());

    public NodeAgentSpec()
        : base(ConfigurationFactory.ParseString("""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp.hostname = 127.0.0.1
            akka.remote.dot-netty.tcp.port = 0
            akka.test.single-expect-default = 20s
            """).WithFallback(OneNode.Reference()))
    {
        _guests = CreateTestProbe();
        _leader = CreateTestProbe();
        _agent = Sys.ActorOf(NodeAgentActor.Props(_file, "a", _guests.Ref, _local), NodeAgentActor.Name);
    }

    [Fact]
    public void A_wish_that_came_while_nobody_led_is_told_to_whoever_leads_next_and_again()
    {
        _agent.Tell(new TopologyProtocol.StopAll("Ctrl-C"));
        _agent.Tell(new TopologyProtocol.Lead(1, Ledger.Empty), _leader.Ref);
        Fish<TopologyProtocol.StopAll>(_leader).By.ShouldBe("Ctrl-C");

        // The first leader is gone before it could do anything about it.
        var next = CreateTestProbe();
        _agent.Tell(new TopologyProtocol.Lead(2, Ledger.Empty), next.Ref);
        Fish<TopologyProtocol.StopAll>(next).By.ShouldBe("Ctrl-C");
        Fish<TopologyProtocol.StopAll>(next).By.ShouldBe("Ctrl-C");
    }

    [Fact]
    public void Orders_of_a_leader_who_has_been_replaced_are_not_followed()
    {
        var next = CreateTestProbe();
        _agent.Tell(new TopologyProtocol.Lead(1, Ledger.Empty), _leader.Ref);
        _agent.Tell(new TopologyProtocol.Lead(2, Ledger.Empty), next.Ref);
        _agent.Tell(new TopologyProtocol.Lead(1, Ledger.Empty), _leader.Ref);
        _agent.Tell(new TopologyProtocol.StartGuest(1, "one", 1), _leader.Ref);
        _agent.Tell(new TopologyProtocol.StartGuest(2, "two", 1), next.Ref);

        Fish<TopologyProtocol.Started>(next).Guest.ShouldBe("two");
        _agent.Tell(TopologyProtocol.GetReport.Instance, TestActor);
        var report = ExpectMsg<TopologyProtocol.Report>().Node;
        report.Term.ShouldBe(2);
        report.Running.ShouldBe([("two", 1)]);
    }

    [Fact]
    public async Task An_agent_that_failed_ends_the_node_for_it_no_longer_knows_what_runs_there()
    {
        _agent.Tell(new TopologyProtocol.Share(null!));

        await Sys.WhenTerminated.WaitAsync(_patience);
    }

    [Fact]
    public async Task The_guests_of_an_agent_that_failed_are_lost_and_the_one_that_takes_its_place_says_so()
    {
        _agent.Tell(new TopologyProtocol.Lead(1, Ledger.Empty), _leader.Ref);
        _agent.Tell(new TopologyProtocol.StartGuest(1, "one", 3), _leader.Ref);
        Fish<TopologyProtocol.Started>(_leader);
        _agent.Tell(new TopologyProtocol.Share(null!));
        await Sys.WhenTerminated.WaitAsync(_patience);
        using var next = ActorSystem.Create("next", Sys.Settings.Config);

        var agent = next.ActorOf(NodeAgentActor.Props(_file, "a", next.DeadLetters, _local), NodeAgentActor.Name);
        var report = (await agent.Ask<TopologyProtocol.Report>(TopologyProtocol.GetReport.Instance, _patience)).Node;

        report.Running.ShouldBeEmpty();
        report.Endings.ShouldHaveSingleItem().ShouldBe(new GuestEnding("one", 3, EndingKind.Lost, "node a failed", GuestFigures.None));
        await next.Terminate();
    }

    private static T Fish<T>(TestProbe probe) => (T)probe.FishForMessage(message => message is T, _patience);

    private sealed class NoTerminal : IConsoles
    {
        public void Say(string text)
        {
        }

        public void Await(string? text)
        {
        }

        public void Add(GuestConsole console)
        {
        }

        public void Remove(GuestConsole console)
        {
        }

        public void Print(string guest, ReadOnlySpan<byte> bytes)
        {
        }
    }
}
