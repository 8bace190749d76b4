// The Dma actor of one node, and of two that know each other only over the network.

using Akka.Actor;
using Akka.Configuration;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Tests.Dma;

public sealed class DmaActorSpec : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly Config _config = ConfigurationFactory.ParseString("""
        akka { loglevel = WARNING, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
        """).WithFallback(NetSettings.Reference());

    private readonly ActorSystem _here = ActorSystem.Create("here", _config);
    private readonly ActorSystem _there = ActorSystem.Create("there", _config);
    private readonly DmaGuest _left = new("left", 0);
    private readonly DmaGuest _right = new("right", 1);

    [Fact]
    public async Task On_one_node_a_send_reaches_the_other_guest_and_the_sender_goes_on()
    {
        var dma = Start(_here, _left, _right);
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        (await _right.Hears(0)).ShouldBe("bound");
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
        (await _left.Hears(0)).ShouldBe("sent");
        (await _right.Hears(1)).ShouldBe("irq 7");
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        _left.Word(DmaGuest.Sent).ShouldBe(5u);
    }

    [Fact]
    public async Task A_send_without_a_buffer_is_tried_exactly_once_more()
    {
        var dma = Start(_here, _left, _right);
        _right.Describe(DmaGuest.Buffers, 99, (DmaGuest.Data, 100));
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7));
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
        (await _left.Hears(0)).ShouldBe("sent");
        await dma.Ask(new DmaProtocol.Detach("nobody"), _patience);
        _right.Told.ShouldBe(["bound", "irq 7", "irq 7"]);
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
    }

    [Fact]
    public async Task A_receiver_that_empties_a_buffer_a_little_later_gets_what_was_sent()
    {
        StartFull(TimeSpan.FromMilliseconds(500));

        // It is told that it is full, and then has six times that half a second; nothing here waits for time.
        (await _right.Hears(1)).ShouldBe("irq 7");
        _left.Told.ShouldBeEmpty();
        _right.Free(1);

        (await _left.Hears(0)).ShouldBe("sent");
        _left.Word(DmaGuest.Sent).ShouldBe(5u);
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        _right.Told.ShouldBe(["bound", "irq 7", "irq 7"]);
    }

    [Fact]
    public async Task A_full_receiver_has_five_looks_of_time_before_the_one_further_attempt()
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        StartFull(TimeSpan.FromMilliseconds(40));

        (await _left.Hears(0)).ShouldBe("sent");
        start.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(230), "six times 40, less what a timer may be early");
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
        _right.Told.ShouldBe(["bound", "irq 7", "irq 7"]);
    }

    [Fact]
    public async Task Offenders_are_named_and_only_they()
    {
        var dma = Start(_here, _left, _right);
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0, (DmaGuest.Data, 5000))));
        (await _left.Hears(0)).ShouldStartWith("BadEntry: bad DMA entry: 5000@0x40000");
        _right.Describe(DmaGuest.Buffers, 0, (DmaGuest.Data + 4095, 2));
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("x")));
        (await _right.Hears(1)).ShouldStartWith("BadEntry");
        (await _left.Hears(1)).ShouldBe("sent");
    }

    [Fact]
    public async Task A_detached_guest_is_not_touched_any_more()
    {
        var dma = Start(_here, _left, _right);
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        (await dma.Ask(new DmaProtocol.Detach("right"), _patience)).ShouldBe(new DmaProtocol.Detached("right"));
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("x")));
        (await _left.Hears(0)).ShouldBe("sent");
        _right.Told.ShouldBe(["bound"]);
    }

    [Fact]
    public async Task A_guests_memory_is_held_until_it_is_detached_whatever_its_launcher_does()
    {
        var dma = Start(_here, _left, _right);
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        (await _right.Hears(0)).ShouldBe("bound");
        var message = _left.Message("hello");
        _left.Dispose();
        _right.Dispose();

        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), message));
        (await _left.Hears(0)).ShouldBe("sent");
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");

        await dma.Ask(new DmaProtocol.Detach("right"), _patience);
        _right.Memory.TryHold().ShouldBeNull("DMA was the last that held it");
        (await dma.GracefulStop(_patience)).ShouldBeTrue();
        _left.Memory.TryHold().ShouldBeNull("what is not detached goes with its node's DMA");
    }

    [Fact]
    public async Task A_guest_whose_memory_is_gone_is_not_taken_in()
    {
        _left.Dispose();
        var dma = Start(_here, _left, _right);
        dma.Tell(new DmaProtocol.Bind("left", _left.Key(0), new GuestPhysical(DmaGuest.Buffers), 1, 7));
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));

        (await _right.Hears(0)).ShouldBe("bound");
        _left.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Launchers_deliver_and_look_for_buffers()
    {
        var dma = Start(_here, _left);
        (await dma.Ask(new DmaProtocol.Deliver("left", default, "x"u8.ToArray()), _patience))
            .ShouldBe(new DmaProtocol.Delivered("left", default, DmaOutcome.NobodyBound, 0));
        dma.Tell(new DmaProtocol.Bind("left", default, _left.Free(1), 1, 3));
        (await dma.Ask(new DmaProtocol.Deliver("left", default, "keys"u8.ToArray()), _patience))
            .ShouldBe(new DmaProtocol.Delivered("left", default, DmaOutcome.Delivered, 4));
        dma.Tell(new DmaProtocol.Find("left", default));
        (await _left.Hears(2)).ShouldBe("nothing found");
        _left.Free(1);
        dma.Tell(new DmaProtocol.Find("left", default));
        (await _left.Hears(3)).ShouldBe($"found {DmaGuest.Buffers:x}");
        _left.Told.ShouldBe(["bound", "irq 3", "nothing found", $"found {DmaGuest.Buffers:x}"]);
    }

    [Fact]
    public async Task Across_nodes_a_slot_is_seen_and_a_send_arrives()
    {
        var (here, there) = await StartBoth();
        there.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(2), 2, 7));
        (await _right.Hears(0)).ShouldBe("bound");

        // Written after that, so that a node that sees the slot has heard of the binding, too.
        _right.WriteSlot("second");
        await Until(() => _left.Slot(1) == "second");
        here.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
        (await _left.Hears(0)).ShouldBe("sent");
        _left.Word(DmaGuest.Sent).ShouldBe(5u);
        (await _right.Hears(1)).ShouldBe("irq 7");
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        _right.Used(0).ShouldBe(5u);
    }

    [Fact]
    public async Task When_a_node_is_lost_its_slots_are_emptied_and_who_waits_for_it_goes_on()
    {
        var (here, there) = await StartBoth();
        there.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        (await _right.Hears(0)).ShouldBe("bound");
        _right.WriteSlot("second");
        await Until(() => _left.Slot(1) == "second");
        here.Tell(new DmaProtocol.Peers([]));
        await Until(() => _left.Slot(1) == "\0\0\0\0\0\0");
        here.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
        (await _left.Hears(0)).ShouldBe("sent");
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_not_waited_for_for_ever()
    {
        var dma = _here.ActorOf(DmaActor.Props(DmaSettings.From(
            _here.Settings.Config) with
        { PeerPatience = TimeSpan.FromMilliseconds(200), Look = TimeSpan.FromMilliseconds(20) }));
        dma.Tell(new DmaProtocol.Attach("left", _left.Memory, _left.Windows, _left));
        var silent = _here.ActorOf(Props.Create(() => new Silent()));
        dma.Tell(new DmaProtocol.State([new DmaProtocol.PageState("yard", [], [4])]), silent);
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
        (await _left.Hears(0)).ShouldBe("sent");
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
    }

    [Fact]
    public void The_defaults_are_those_of_the_file() =>
        DmaSettings.From(NetSettings.Reference()).ShouldBe(
            new DmaSettings(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), 4096));

    [Fact]
    public async Task Across_nodes_that_have_a_trunk_transfers_and_answers_go_by_it()
    {
        var trunks = new[] { _here, _there }.Select(node =>
            node.ActorOf(TrunkActor.Props(TrunkSettings.From(node.Settings.Config)), TrunkActor.Name)).ToArray();
        trunks[0].Tell(new TrunkProtocol.Peers([((ExtendedActorSystem)_there).Provider.DefaultAddress]));
        trunks[1].Tell(new TrunkProtocol.Peers([((ExtendedActorSystem)_here).Provider.DefaultAddress]));
        foreach (var trunk in trunks)
            await Until(() => Counters(trunk).Length == 1);
        var (here, there) = await StartBoth();
        there.Tell(new DmaProtocol.Bind("right", _right.Key(1), _right.Free(1), 1, 7));
        (await _right.Hears(0)).ShouldBe("bound");

        await Until(() =>
        {
            here.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
            return Counters(trunks[0]).Single().Received == 1;
        });

        (await _right.Hears(1)).ShouldBe("irq 7");
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        Counters(trunks[0]).Single().Sent.ShouldBeGreaterThanOrEqualTo(1);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _here.Terminate();
        await _there.Terminate();
        _left.Dispose();
        _right.Dispose();
    }

    /// <summary>Sends to a Guest whose one buffer is full.</summary>
    private void StartFull(TimeSpan restock)
    {
        var dma = _here.ActorOf(DmaActor.Props(DmaSettings.From(_here.Settings.Config) with { Restock = restock }));
        dma.Tell(new DmaProtocol.Attach("left", _left.Memory, _left.Windows, _left));
        dma.Tell(new DmaProtocol.Attach("right", _right.Memory, _right.Windows, _right));
        _right.Describe(DmaGuest.Buffers, 99, (DmaGuest.Data, 100));
        dma.Tell(new DmaProtocol.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7));
        dma.Tell(new DmaProtocol.Send("left", _left.Key(1), _left.Message("hello")));
    }

    private static IActorRef Start(ActorSystem system, params DmaGuest[] guests)
    {
        var dma = system.ActorOf(DmaActor.Props(DmaSettings.From(system.Settings.Config)), "dma");
        foreach (var guest in guests)
            dma.Tell(new DmaProtocol.Attach(guest.Name, guest.Memory, guest.Windows, guest));
        return dma;
    }

    private async Task<(IActorRef Here, IActorRef There)> StartBoth()
    {
        var here = Start(_here, _left);
        var there = Start(_there, _right);
        here.Tell(new DmaProtocol.Peers([await Find(_here, _there)]));
        there.Tell(new DmaProtocol.Peers([await Find(_there, _here)]));
        return (here, there);
    }

    private static TrunkProtocol.TrunkCounters[] Counters(IActorRef trunk) =>
        [.. trunk.Ask<TrunkProtocol.Statistics>(TrunkProtocol.GetStatistics.Instance, _patience).Result.Trunks.Values];

    private static Task<IActorRef> Find(ActorSystem from, ActorSystem to) =>
        from.ActorSelection(new RootActorPath(((ExtendedActorSystem)to).Provider.DefaultAddress) / "user" / "dma").ResolveOne(_patience);

    private static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource end = new(_patience);
        while (!condition())
            await Task.Delay(5, end.Token);
    }

    private sealed class Silent : ReceiveActor
    {
        public Silent() => ReceiveAny(_ => { });
    }
}
