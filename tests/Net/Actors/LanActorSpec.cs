// The Lan as its neighbours meet it: Nics that plug in and out, other nodes that come and go, limits that are reached. Time is real here;
// what a delay is exactly, the pure core's tests say.

using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lguest.Machine.Actors;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;
using Lguest.Net.Tests.Trunks;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Tests.Actors;

public sealed class LanActorSpec() : PatientTestKit
{
    private static readonly TimeSpan _silence = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Two_Guests_on_one_lan_hear_each_other()
    {
        var lan = Lan();
        var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));

        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)), a);
        Numbers(b).ShouldBe([1]);
        lan.Tell(new LanProtocol.Transmit("b", Ether.Batch(2, 1, 2)), b);
        Numbers(a).ShouldBe([2]);
        a.ExpectNoMsg(_silence);
    }

    [Fact]
    public void A_Guest_that_stops_is_unplugged()
    {
        var lan = Lan();
        var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));
        Sys.Stop(b);

        AwaitAssert(() => Statistics(lan).Ports.Select(port => port.Name).ShouldBe(["a"]));
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0)), a);
        Statistics(lan).Ports.Single().FramesIn.ShouldBe(1);
    }

    [Fact]
    public void A_Guest_that_is_started_again_gets_its_port_back_and_its_former_life_cannot_take_it_away()
    {
        var lan = Lan();
        var (former, b) = (Plug(lan, "a"), Plug(lan, "b"));
        var again = Plug(lan, "a");
        lan.Tell(new LanProtocol.Disconnect("a"), former);
        Sys.Stop(former);

        lan.Tell(new LanProtocol.Transmit("b", Ether.Batch(2, 0, 5)), b);

        Numbers(again).ShouldBe([5]);
        Statistics(lan).Ports.Count.ShouldBe(2);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_with_a_reason()
    {
        var lan = Lan();

        lan.Tell(new LanProtocol.Connect("a", null, TestActor, new PortSettings { Link = new LinkSettings { Loss = 2 } }), TestActor);

        ExpectMsg<LanProtocol.Refused>().Reason.ShouldBe("loss must be between 0 and 1 (0 % and 100 %)");
    }

    [Fact]
    public void A_Nic_that_does_not_keep_up_loses_frames_and_the_lan_does_not_grow()
    {
        var lan = Lan(deliver: 10_000);
        var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));

        for (int i = 0; i < 100; i++)
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, i, length: 984)), a);
        AwaitAssert(() => Statistics(lan).Ports[0].FramesIn.ShouldBe(100));

        Statistics(lan).Ports[1].ShouldSatisfyAllConditions(
            port => port.FramesOut.ShouldBe(10),
            port => port.Dropped[DropReason.PortOverload].ShouldBe(90));
        for (int i = 0; i < 10; i++)
            Numbers(b).ShouldBe([i]);
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 100)), a);
        Numbers(b).ShouldBe([100]);
    }

    [Fact]
    public void A_Nic_that_waits_for_room_is_told_when_there_is_some()
    {
        var lan = Lan(transmit: 1000);
        var a = CreateTestProbe();
        lan.Tell(new LanProtocol.Connect("a", null, a), a);
        var window = a.ExpectMsg<LanProtocol.Connected>().Transmit;
        var first = Ether.Batch(1, 0, 1, length: 784);
        window.TryTake(first.RecordBytes).ShouldBeTrue();
        window.TryTake(first.RecordBytes).ShouldBeFalse();

        lan.Tell(new LanProtocol.Transmit("a", first), a);

        a.ExpectMsg<LanProtocol.Resume>().Port.ShouldBe("a");
        window.Used.ShouldBe(0);
    }

    [Fact]
    public void Lans_of_one_name_on_three_nodes_are_one_lan()
    {
        var lans = Enumerable.Range(0, 3).Select(_ => Lan()).ToArray();
        var guests = lans.Select((lan, i) => Plug(lan, $"guest{i}")).ToArray();
        foreach (var lan in lans)
            lan.Tell(new LanProtocol.Peers(lans));

        lans[0].Tell(new LanProtocol.Transmit("guest0", Ether.Batch(1, 0, 1)), guests[0]);
        Numbers(guests[1]).ShouldBe([1]);
        Numbers(guests[2]).ShouldBe([1]);
        lans[2].Tell(new LanProtocol.Transmit("guest2", Ether.Batch(3, 1, 2)), guests[2]);
        Numbers(guests[0]).ShouldBe([2]);
        foreach (var guest in guests)
            guest.ExpectNoMsg(_silence);
    }

    [Fact]
    public void Frames_for_another_node_that_wait_together_travel_together()
    {
        var (lan, peer) = (Lan(), CreateTestProbe());
        var a = Plug(lan, "a");
        lan.Tell(new LanProtocol.Peers([peer]));
        ((IInternalActorRef)lan).Suspend();
        for (int i = 0; i < 20; i++)
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, i)), a);
        ((IInternalActorRef)lan).Resume();

        var message = peer.ExpectMsg<LanProtocol.PeerFrames>();
        Ether.Numbers(message.Frames).ShouldBe(Enumerable.Range(0, 20));
        message.Sequence.ShouldBe(20);
        peer.ExpectNoMsg(_silence);
    }

    [Fact]
    public void A_node_that_acknowledges_nothing_gets_no_more_than_its_window()
    {
        var (lan, peer) = (Lan(peerWindow: 10_000), CreateTestProbe());
        var a = Plug(lan, "a");
        lan.Tell(new LanProtocol.Peers([peer]));
        for (int i = 0; i < 100; i++)
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, i, length: 1484)), a);
        AwaitAssert(() => Statistics(lan).Ports[0].FramesIn.ShouldBe(100));

        PortStatistics counted = null!;
        AwaitAssert(() =>
        {
            counted = Statistics(lan).Peers[0];
            counted.BytesOut.ShouldBeInRange(1484, 65_536);
            (counted.FramesOut + counted.Dropped.GetValueOrDefault(DropReason.PeerOverload)).ShouldBe(100);
        });

        // The lan has said how many it sent before it answered; they are heard to the last one, however late that is.
        int frames = 0;
        while (frames < counted.FramesOut)
        {
            var heard = peer.ExpectMsg<LanProtocol.PeerFrames>();
            frames += Ether.Numbers(heard.Frames).Count();
            heard.Sequence.ShouldBe(frames);
        }

        frames.ShouldBeLessThan(100, "the window is smaller than what was sent");
        lan.Tell(new LanProtocol.PeerReceived("lan", frames), peer);
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 7)), a);
        Ether.Numbers(peer.ExpectMsg<LanProtocol.PeerFrames>().Frames).ShouldBe([7]);
    }

    [Fact]
    public void Frames_from_a_stranger_or_for_another_lan_are_not_let_in()
    {
        var (lan, peer, stranger) = (Lan(), CreateTestProbe(), CreateTestProbe());
        var a = Plug(lan, "a");
        lan.Tell(new LanProtocol.Peers([peer]));

        lan.Tell(new LanProtocol.PeerFrames("lan", 1, Ether.Batch(8, 0, 1)), stranger);
        lan.Tell(new LanProtocol.PeerFrames("other", 1, Ether.Batch(8, 0, 2)), peer);
        lan.Tell(new LanProtocol.PeerFrames("lan", 1, Ether.Batch(8, 0, 3)), peer);

        Numbers(a).ShouldBe([3]);
        peer.ExpectMsg<LanProtocol.PeerReceived>().Sequence.ShouldBe(1);
        stranger.ExpectNoMsg(_silence);
    }

    [Fact]
    public void A_node_that_is_lost_is_forgotten_with_its_addresses()
    {
        var (lan, left, right) = (Lan(), CreateTestProbe(), CreateTestProbe());
        var a = Plug(lan, "a");
        lan.Tell(new LanProtocol.Peers([left, right]));
        lan.Tell(new LanProtocol.PeerFrames("lan", 1, Ether.Batch(8, 0)), left);
        Numbers(a);
        left.ExpectMsg<LanProtocol.PeerReceived>();
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 8, 1)), a);
        Ether.Numbers(left.ExpectMsg<LanProtocol.PeerFrames>().Frames).ShouldBe([1]);

        lan.Tell(new LanProtocol.Peers([right]));
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 8, 2)), a);

        Ether.Numbers(right.ExpectMsg<LanProtocol.PeerFrames>().Frames).ShouldBe([2]);
        left.ExpectNoMsg(_silence);
        Statistics(lan).Peers.Count.ShouldBe(1);
    }

    [Fact]
    public void A_delayed_frame_arrives_by_itself_and_not_too_early()
    {
        var lan = Sys.ActorOf(LanActor.Props(
            new LanSettings("lan") { Link = new LinkSettings { Delay = TimeSpan.FromMilliseconds(50) } },
                NetSettings.From(Sys.Settings.Config)));
        var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));
        long start = SystemClock.Instance.Monotonic;

        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1), start), a);
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 2), start), a);

        var numbers = Numbers(b);
        if (numbers.Count == 1)
            numbers.AddRange(Numbers(b)); // the second was late, on a busy machine
        numbers.ShouldBe([1, 2]);
        (SystemClock.Instance.Monotonic - start).ShouldBeGreaterThanOrEqualTo(50_000_000);
    }

    [Fact]
    public void A_recording_can_be_read_while_it_is_made()
    {
        string path = Path.GetTempFileName();
        try
        {
            var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan") { Pcap = path }, NetSettings.From(Sys.Settings.Config)));
            var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)), a);
            lan.Tell(new LanProtocol.Transmit("b", Ether.Batch(2, 1, 2, length: 1514)), b);

            AwaitAssert(() =>
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                file.Length.ShouldBe(24 + 16 + 60 + 16 + 1514);
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableFact]
    public void A_recording_on_a_full_disk_is_given_up_with_one_warning()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        EventFilter.Warning(contains: "/dev/full").ExpectOne(() =>
        {
            var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan") { Pcap = "/dev/full" }, NetSettings.From(Sys.Settings.Config)));
            var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));
            for (int i = 0; i < 10; i++)
                lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)), a);
            for (int i = 0; i < 10; i++)
                Numbers(b).ShouldBe([1]);
        });
    }

    [Fact]
    public void A_recording_that_cannot_be_made_does_not_stop_the_lan()
    {
        var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan") { Pcap = Path.Combine(Path.GetTempPath(), "no", "such", "folder") },
            NetSettings.From(Sys.Settings.Config)));
        var (a, b) = (Plug(lan, "a"), Plug(lan, "b"));

        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)), a);

        Numbers(b).ShouldBe([1]);
    }

    [Fact]
    public void A_lan_that_has_met_an_exception_goes_on_with_its_ports_its_other_nodes_and_its_recordings()
    {
        string path = Path.GetTempFileName();
        try
        {
            var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan") { Pcap = path },
                NetSettings.From(Sys.Settings.Config) with { TransmitWindow = 1000 }));
            var (a, peer) = (CreateTestProbe(), CreateTestProbe());
            lan.Tell(new LanProtocol.Connect("a", null, a), a);
            var window = a.ExpectMsg<LanProtocol.Connected>().Transmit;
            var b = Plug(lan, "b");
            lan.Tell(new LanProtocol.Peers([peer]));
            lan.Tell(new LanProtocol.Transmit("b", Ether.Batch(2, 0, 1)), b);
            Numbers(a).ShouldBe([1]);
            peer.ExpectMsg<LanProtocol.PeerFrames>().Sequence.ShouldBe(1);

            // A batch that was given back too early is the kind of mistake that cannot be undone by the one who finds it.
            var spoiled = Ether.Batch(1, 0, 2);
            window.TryTake(spoiled.RecordBytes).ShouldBeTrue();
            spoiled.Release();
            EventFilter.Exception<ObjectDisposedException>().Expect(1, () => lan.Tell(new LanProtocol.Transmit("a", spoiled), a));

            window.Used.ShouldBe(0);
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 3)), a);
            Numbers(b).ShouldBe([3]);
            peer.ExpectMsg<LanProtocol.PeerFrames>().Sequence.ShouldBe(2);
            lan.Tell(new LanProtocol.PeerFrames("lan", 1, Ether.Batch(8, 0, 4)), peer);
            Numbers(a).ShouldBe([4]);
            Numbers(b).ShouldBe([4]);
            Sys.Stop(b);
            AwaitAssert(() => Statistics(lan).Ports.Select(port => port.Name).ShouldBe(["a"]));
            AwaitAssert(() =>
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                file.Length.ShouldBe(24 + (3 * (16 + 60)));
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Frames_that_were_held_for_a_trunk_are_sent_even_if_the_lan_has_met_an_exception_meanwhile()
    {
        var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan"), NetSettings.From(Sys.Settings.Config)));
        var (a, peer) = (Plug(lan, "a"), CreateTestProbe());
        lan.Tell(new LanProtocol.Peers([peer]));
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)), a);
        peer.ExpectMsg<LanProtocol.PeerFrames>();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = new TrunkStream
        {
            Writes = _ =>
            {
                written.TrySetResult();
                return Task.CompletedTask;
            },
        };
        var trunks = Net.Trunks.Actors.Trunks.Of(Sys);
        trunks.Open(new TrunkLine(peer.Ref.Path.Address, new TrunkConnection("there", stream, TrunkKind.Welcome), trunks,
            TrunkSettings.From(Sys.Settings.Config)));

        // What went by remoting is not acknowledged, so this is held, once the lan has come to what it told itself. Then comes the
        // exception.
        lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 2)), a);
        Statistics(lan);
        Statistics(lan);
        var spoiled = Ether.Batch(1, 0, 3);
        spoiled.Release();
        EventFilter.Exception<ObjectDisposedException>().Expect(1, () => lan.Tell(new LanProtocol.Transmit("a", spoiled), a));

        await written.Task.WaitAsync(TimeSpan.FromSeconds(20));
        peer.ExpectNoMsg(TimeSpan.Zero);
    }

    private IActorRef Lan(int transmit = 1 << 20, int deliver = 1 << 20, int peerWindow = 1 << 20) => Sys.ActorOf(LanActor.Props(
        new LanSettings("lan"),
        NetSettings.From(Sys.Settings.Config) with
        {
            TransmitWindow = transmit,
            DeliverWindow = deliver,
            PeerWindow = peerWindow,
            PeerPatience = TimeSpan.FromHours(1)
        }));

    private TestProbe Plug(IActorRef lan, string port)
    {
        var nic = CreateTestProbe();
        lan.Tell(new LanProtocol.Connect(port, null, nic), nic);
        nic.ExpectMsg<LanProtocol.Connected>().Port.ShouldBe(port);
        return nic;
    }

    private LanProtocol.Statistics Statistics(IActorRef lan)
    {
        lan.Tell(LanProtocol.GetStatistics.Instance, TestActor);
        return ExpectMsg<LanProtocol.Statistics>();
    }

    /// <summary>Numbers of the frames of the next delivery.</summary>
    private static List<int> Numbers(TestProbe nic)
    {
        var deliver = nic.ExpectMsg<LanProtocol.Deliver>();
        var numbers = Ether.Numbers(deliver.Frames).ToList();
        deliver.Done();
        return numbers;
    }
}
