// What a network of cables and one switch would do, port by port, and what a switch that spans nodes must never do.

using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

public sealed class VirtualSwitchSpec
{
    private readonly TestLan _lan = new();

    [Fact]
    public void A_frame_for_everybody_reaches_everybody_but_its_sender()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b"), _lan.Port("c"));

        _lan.Send(a, Ether.Bytes(1, 0, 7));

        _lan.Numbers(b).ShouldBe([7]);
        _lan.Numbers(c).ShouldBe([7]);
        _lan.Numbers(a).ShouldBeEmpty();
    }

    [Fact]
    public void A_multicast_frame_reaches_everybody_but_its_sender()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b"), _lan.Port("c"));
        byte[] frame = Ether.Bytes(1, 2, 7);
        MacAddress.Parse("33:33:00:00:00:01").Write(frame);

        _lan.Send(a, frame);

        _lan.Numbers(b).ShouldBe([7]);
        _lan.Numbers(c).ShouldBe([7]);
        _lan.Numbers(a).ShouldBeEmpty();
    }

    [Fact]
    public void A_frame_for_an_unknown_address_reaches_everybody_and_one_for_a_known_address_only_its_owner()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b"), _lan.Port("c"));
        _lan.Send(a, Ether.Bytes(1, 2, 1));
        _lan.Numbers(b).ShouldBe([1]);
        _lan.Numbers(c).ShouldBe([1]);

        _lan.Send(b, Ether.Bytes(2, 1, 2));
        _lan.Send(a, Ether.Bytes(1, 2, 3));

        _lan.Numbers(a).ShouldBe([2]);
        _lan.Numbers(b).ShouldBe([3]);
        _lan.Numbers(c).ShouldBeEmpty();
    }

    [Fact]
    public void A_port_whose_address_is_known_from_the_start_need_not_speak_first()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)), _lan.Port("c"));

        _lan.Send(a, Ether.Bytes(1, 2, 1));

        _lan.Numbers(b).ShouldBe([1]);
        _lan.Numbers(c).ShouldBeEmpty();
    }

    [Fact]
    public void Nobody_takes_the_address_of_a_port_by_sending_in_its_name()
    {
        var (a, b, thief) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)), _lan.Port("thief"));
        _lan.Send(thief, Ether.Bytes(2, 1));
        _lan.Take(a);

        _lan.Send(a, Ether.Bytes(1, 2, 9));

        _lan.Numbers(b).ShouldContain(9);
        _lan.Numbers(thief).ShouldNotContain(9);
    }

    [Fact]
    public void An_address_that_moves_is_found_where_it_was_last_seen()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b"), _lan.Port("c"));
        _lan.Send(b, Ether.Bytes(2, 1));
        _lan.Send(c, Ether.Bytes(2, 1));
        _lan.Take(b);

        _lan.Send(a, Ether.Bytes(1, 2, 5));

        _lan.Numbers(c).ShouldContain(5);
        _lan.Numbers(b).ShouldNotContain(5);
    }

    [Fact]
    public void A_frame_for_an_address_behind_the_port_it_came_from_goes_nowhere()
    {
        var (a, b) = (_lan.Port("a"), _lan.Port("b"));
        _lan.Send(a, Ether.Bytes(1, 0), Ether.Bytes(2, 0));
        _lan.Take(b);

        _lan.Send(a, Ether.Bytes(1, 2));

        _lan.Take(a).ShouldBeEmpty();
        _lan.Take(b).ShouldBeEmpty();
    }

    [Fact]
    public void Addresses_are_forgotten_after_a_while_of_silence()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b"), _lan.Port("c"));
        _lan.Send(b, Ether.Bytes(2, 1));
        _lan.Take(c);
        _lan.Wait(301 * TestLan.Second);

        _lan.Send(a, Ether.Bytes(1, 2, 4));

        _lan.Numbers(b).ShouldBe([4]);
        _lan.Numbers(c).ShouldBe([4]);
    }

    [Fact]
    public void A_batch_is_sorted_and_each_port_sees_its_frames_in_order()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)), _lan.Port("c", mac: Ether.Mac(3)));

        _lan.Send(a, Enumerable.Range(0, 30).Select(i => Ether.Bytes(1, new[] { 0, 2, 3 }[i % 3], i)));

        _lan.Numbers(b).ShouldBe(Enumerable.Range(0, 30).Where(i => i % 3 != 2));
        _lan.Numbers(c).ShouldBe(Enumerable.Range(0, 30).Where(i => i % 3 != 1));
    }

    [Fact]
    public void A_whole_batch_never_overtakes_frames_that_were_collected_before()
    {
        var (a, b) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)));
        var first = Ether.Batch(Ether.Bytes(1, 2, 1), Ether.Bytes(1, 9, 0));
        var second = Ether.Batch(1, 2, 2);

        _lan.Switch.Receive(a, first, _lan.Now, _lan.Now);
        _lan.Switch.Receive(a, second, _lan.Now, _lan.Now);
        _lan.Switch.Flush(peers: true);

        _lan.Numbers(b).ShouldBe([1, 0, 2]);
    }

    [Fact]
    public void A_frame_from_another_node_goes_to_ports_and_never_to_a_third_node()
    {
        var (a, b) = (_lan.Port("a"), _lan.Port("b"));
        var (left, right) = (_lan.Switch.AddPeer("left"), _lan.Switch.AddPeer("right"));

        _lan.Send(left, Ether.Bytes(8, 0, 1));
        _lan.Numbers(a).ShouldBe([1]);
        _lan.Numbers(b).ShouldBe([1]);
        _lan.Take(right).ShouldBeEmpty();

        _lan.Send(right, Ether.Bytes(9, 0));
        _lan.Take(a);
        _lan.Send(left, Ether.Bytes(8, 9, 2));
        _lan.Take(right).ShouldBeEmpty();
        _lan.Take(a).ShouldBeEmpty();

        _lan.Send(a, Ether.Bytes(1, 9, 3));
        _lan.Numbers(right).ShouldBe([3]);
        _lan.Take(left).ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_that_is_too_large_for_a_message_is_cut_for_other_nodes()
    {
        var sizes = new List<int>();
        var output = new Sizes(sizes);
        var lan = new VirtualSwitch(new LanSettings("lan"), new AddressTable(64, 16, TestLan.Second), 1 << 20, output);
        var (a, peer) = (lan.AddPort("a"), lan.AddPeer("peer"));
        var batch = Ether.Batch(Enumerable.Range(0, 256).Select(i => Ether.Bytes(1, 0, i, length: 1514)));

        lan.Receive(a, batch, 0, 0);
        lan.Flush(peers: true);

        sizes.ShouldAllBe(size => size <= FrameBatch.FullBytes);
        peer.FramesOut.ShouldBe(256);
    }

    [Fact]
    public void Three_nodes_deliver_each_frame_once()
    {
        var nodes = Enumerable.Range(0, 3).Select(_ => new TestLan()).ToArray();
        var ports = nodes.Select((node, i) => node.Port($"guest{i}")).ToArray();
        var links = nodes.Select((node, i) => nodes.Select((_, j) => i == j ? null : node.Switch.AddPeer($"node{j}")).ToArray()).ToArray();

        nodes[0].Send(ports[0], Ether.Bytes(1, 0, 42));
        for (int round = 0; round < 5; round++)
            for (int from = 0; from < 3; from++)
                for (int to = 0; to < 3; to++)
                    if (from != to && nodes[from].Take(links[from][to]!) is { Count: > 0 } crossing)
                        nodes[to].Send(links[to][from]!, crossing);

        nodes[0].Numbers(ports[0]).ShouldBeEmpty();
        nodes[1].Numbers(ports[1]).ShouldBe([42]);
        nodes[2].Numbers(ports[2]).ShouldBe([42]);
    }

    [Fact]
    public void A_node_that_is_gone_leaves_no_address_behind()
    {
        var (a, b) = (_lan.Port("a"), _lan.Port("b"));
        var peer = _lan.Switch.AddPeer("left");
        _lan.Send(peer, Ether.Bytes(8, 0));
        _lan.Take(a);
        _lan.Take(b);

        _lan.Switch.Remove(peer);
        _lan.Send(a, Ether.Bytes(1, 8, 6));

        _lan.Numbers(b).ShouldBe([6]);
        _lan.Take(peer).ShouldBeEmpty();
    }

    [Fact]
    public void Frames_under_way_to_a_port_that_is_gone_vanish_and_those_from_it_arrive()
    {
        var slow = new LinkSettings { Delay = TimeSpan.FromMilliseconds(10) };
        var (a, b, c) = (_lan.Port("a", slow), _lan.Port("b", slow), _lan.Port("c"));
        _lan.Send(a, Ether.Bytes(1, 0, 1));
        _lan.Send(c, Ether.Bytes(3, 0, 2));

        _lan.Switch.Remove(a);
        _lan.Wait(TestLan.Second);

        _lan.Numbers(c).ShouldBe([1]);
        _lan.Numbers(b).ShouldBe([2, 1]);
        _lan.Take(a).ShouldBeEmpty();
        _lan.Switch.NextDue.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void A_cable_that_has_let_go_of_what_it_kept_may_keep_as_much_again()
    {
        TestLan lan = new(new LinkSettings { Delay = TimeSpan.FromMilliseconds(10) }, held: 2000);
        var (a, b) = (lan.Port("a"), lan.Port("b"));

        for (int round = 0; round < 20; round++)
        {
            lan.Send(a, Enumerable.Range(0, 10).Select(i => Ether.Bytes(1, 0, i)));
            lan.Wait(TestLan.Second);
            lan.Numbers(b).ShouldBe(Enumerable.Range(0, 10), $"round {round}");
        }

        a.Statistics().DroppedFrames.ShouldBe(0);
    }

    [Fact]
    public void Cables_of_one_seed_lose_their_frames_each_by_itself()
    {
        var lossy = new LinkSettings { Loss = 0.5, Seed = 7 };
        int[] numbers = Enumerable.Range(0, 64).ToArray();
        TestLan lan = new();
        var (a, b, c) = (lan.Port("a", lossy), lan.Port("b", lossy), lan.Port("c"));
        lan.Send(c, numbers.Select(i => Ether.Bytes(3, 0, i)));
        lan.Numbers(a).ShouldNotBe(lan.Numbers(b), "on their ways out");
        lan.Send(a, numbers.Select(i => Ether.Bytes(1, 0, i)));
        var fromA = lan.Numbers(c);
        lan.Send(b, numbers.Select(i => Ether.Bytes(2, 0, i)));
        lan.Numbers(c).ShouldNotBe(fromA, "on their ways in");

        TestLan shared = new(lossy);
        var (d, e, f) = (shared.Port("d"), shared.Port("e"), shared.Port("f"));
        shared.Send(d, numbers.Select(i => Ether.Bytes(1, 0, i)));
        var fromD = shared.Numbers(f);
        shared.Send(e, numbers.Select(i => Ether.Bytes(2, 0, i)));
        shared.Numbers(f).ShouldNotBe(fromD, "on the lan's own");
    }

    [Fact]
    public void What_is_left_to_do_to_a_frame_is_left_to_its_receiver_where_no_cable_is_in_between()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)), _lan.Port("c", mac: Ether.Mac(3)));
        byte[] unfinished = Ether.Bytes(1, 2, 1);
        FrameBatchWriter writer = new();
        unfinished.CopyTo(writer.Add(unfinished.Length, new FrameOffload(1, SegmentationKind.None, 0, 0, 34, 16)));
        Ether.Bytes(1, 3, 2).CopyTo(writer.Add(60));

        _lan.Send(a, writer.Take()!);

        _lan.Take(b).ShouldHaveSingleItem().ShouldBe(unfinished, "its checksum is not made");
        _lan.Numbers(c).ShouldBe([2]);
    }

    [Fact]
    public void A_frame_for_no_address_at_all_goes_to_all_whatever_comes_behind_it()
    {
        var (a, b, c) = (_lan.Port("a"), _lan.Port("b", mac: Ether.Mac(2)), _lan.Port("c"));
        byte[] nobody = Ether.Bytes(1, 0, 5);
        nobody.AsSpan(0, 6).Clear();

        _lan.Send(a, nobody, Ether.Bytes(1, 2, 6));

        _lan.Numbers(b).ShouldBe([5, 6]);
        _lan.Numbers(c).ShouldBe([5]);
    }

    [Fact]
    public void Whoever_wants_to_show_what_a_port_drops_sees_it_at_once()
    {
        PortDrops drops = new();
        (drops.Total, drops.ToString()).ShouldBe((0, ""));
        var a = _lan.Switch.AddPort("a", drops: drops);
        _lan.Send(a, new byte[13], new byte[12], Ether.Bytes(1, 0, length: 1519));

        drops.Total.ShouldBe(3);
        drops.ToString().ShouldBe("TooShort 2, TooLong 1");
        a.Statistics().DroppedFrames.ShouldBe(3);
    }

    [Fact]
    public void Rubbish_is_counted_by_its_kind_and_goes_nowhere()
    {
        var (a, b) = (_lan.Port("a"), _lan.Port("b"));
        byte[] group = Ether.Bytes(1, 0);
        MacAddress.Broadcast.Write(group.AsSpan(6));
        byte[] nobody = Ether.Bytes(1, 0);
        nobody.AsSpan(6, 6).Clear();

        _lan.Send(a, [[], new byte[13], Ether.Bytes(1, 0, length: 1519), group, nobody, Ether.Bytes(1, 0, 3)]);
        _lan.Send(a, FrameBatch.Of(Ether.Bytes(1, 0), new FrameOffload(1, SegmentationKind.None, 0, 0, 50, 9)));
        _lan.Send(a, FrameBatch.Of(Ether.Bytes(1, 0), new FrameOffload(1, SegmentationKind.Udp, 0, 1000, 34, 6)));

        _lan.Numbers(b).ShouldBe([3]);
        a.Statistics().Dropped.ShouldBe(
            new Dictionary<DropReason, long>
            {
                [DropReason.TooShort] = 2,
                [DropReason.TooLong] = 1,
                [DropReason.BadSource] = 2,
                [DropReason.BadOffload] = 2
            },
            ignoreOrder: true);
        a.FramesIn.ShouldBe(8);
    }

    [Theory]
    [InlineData(1500, 1518)]
    [InlineData(9000, 9018)]
    [InlineData(576, 594)]
    public void A_frame_may_be_as_long_as_the_lan_says_with_a_tag(int mtu, int longest)
    {
        TestLan lan = new(mtu: mtu);
        var (a, b, far) = (lan.Port("a"), lan.Port("b"), lan.Switch.AddPeer("far"));

        lan.Send(a, [Ether.Bytes(1, 0, 1, length: longest), Ether.Bytes(1, 0, 2, length: longest + 1)]);
        lan.Send(far, [Ether.Bytes(2, 0, 3, length: longest), Ether.Bytes(2, 0, 4, length: longest + 1)]);

        lan.Numbers(b).ShouldBe([1, 3]);
        lan.Numbers(far).ShouldBe([1]);
        a.Statistics().Dropped.ShouldBe(new Dictionary<DropReason, long> { [DropReason.TooLong] = 1 });
        far.Statistics().Dropped.ShouldBe(new Dictionary<DropReason, long> { [DropReason.TooLong] = 1 });
    }

    [Fact]
    public void Jumbo_frames_go_by_cables_whole()
    {
        TestLan lan = new(new LinkSettings { Delay = TimeSpan.FromMilliseconds(1) }, mtu: 9000);
        var (a, b) = (lan.Port("a"), lan.Port("b", new LinkSettings { Delay = TimeSpan.FromMilliseconds(1) }));

        lan.Send(a, Enumerable.Range(0, 20).Select(i => Ether.Bytes(1, 0, i, length: 9014)));
        lan.Wait(3 * TestLan.Millisecond);

        lan.Take(b).Select(frame => frame.Length).ShouldBe(Enumerable.Repeat(9014, 20));
    }

    [Fact]
    public void A_flood_of_made_up_addresses_pushes_out_only_its_own()
    {
        var (flood, a, b) = (_lan.Port("flood"), _lan.Port("a"), _lan.Port("b"));
        _lan.Send(a, Ether.Bytes(1, 0));
        _lan.Send(b, Ether.Bytes(2, 0));

        _lan.Send(flood, Enumerable.Range(100, 10_000).Select(i => Ether.Bytes(i, 0)).Chunk(400).First());
        for (int i = 0; i < 50; i++)
            _lan.Send(flood, Enumerable.Range(100 + i * 200, 200).Select(mac => Ether.Bytes(mac, 1)));
        _lan.Take(flood);
        _lan.Take(b);
        _lan.Send(a, Ether.Bytes(1, 2, 5));

        _lan.Numbers(b).ShouldBe([5]);
        _lan.Take(flood).ShouldBeEmpty();
        flood.Addresses.Count.ShouldBe(16);
    }

    /// <summary>Notes how large each batch is.</summary>
    private sealed class Sizes(List<int> sizes) : IFrameOutput
    {
        public void Send(Station to, FrameBatch frames)
        {
            to.CountOut(frames);
            sizes.Add(frames.RecordBytes);
            frames.Release();
        }
    }
}
