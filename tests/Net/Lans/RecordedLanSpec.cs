// What a switch does besides finding the way: recordings, large packets, counters, and batches that need not be taken apart.

using System.Buffers.Binary;
using Lguest.Net.Capture;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

public sealed class RecordedLanSpec : IFrameOutput
{
    private static readonly LinkSettings _slow = new() { Delay = TimeSpan.FromMilliseconds(1) };
    private readonly List<(string To, FrameBatch Frames)> _sent = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_recording_of_a_port_has_what_its_guest_sends_and_gets_and_that_of_a_lan_all_that_enters_it_once(bool isSlow)
    {
        PcapBuffer port = new(0), all = new(0);
        var lan = new TestLan(isSlow ? _slow : null, capture: all);
        var a = lan.Switch.AddPort("a", null, new PortSettings { Link = isSlow ? _slow : LinkSettings.Perfect }, port);
        var (b, c) = (lan.Port("b"), lan.Port("c"));
        long delay = isSlow ? TestLan.Millisecond : 0, start = lan.Now;

        lan.Send(a, Ether.Bytes(1, 0, length: 61));
        lan.Wait(10 * TestLan.Millisecond);
        lan.Send(b, [Ether.Bytes(2, 1, length: 62), Ether.Bytes(2, 3, length: 63)]);
        lan.Wait(10 * TestLan.Millisecond);
        lan.Send(c, Ether.Bytes(3, 2, length: 64));
        lan.Wait(10 * TestLan.Millisecond);

        long second = start + (10 * TestLan.Millisecond);
        Recorded(port).ShouldBe([(start, 61), (second + (2 * delay), 62), (second + (2 * delay), 63)]);
        Recorded(all).Select(one => one.Length).ShouldBe([61, 62, 63, 64]);
        Recorded(all).ShouldBeEmpty("it was taken");
    }

    [Fact]
    public void A_lan_that_nobody_records_has_no_recording() => new TestLan().Switch.Capture.ShouldBeNull();

    [Theory]
    [InlineData("nothing", 1, 4054)]
    [InlineData("link of the sender", 4, 1054)]
    [InlineData("link of the receiver", 4, 1054)]
    [InlineData("link of the lan", 4, 1054)]
    [InlineData("recording of the sender", 4, 1054)]
    [InlineData("recording of the receiver", 4, 1054)]
    [InlineData("recording of the lan", 4, 1054)]
    public void A_large_packet_is_cut_into_what_a_cable_would_carry_before_a_link_or_a_recording(string inTheWay, int frames, int longest)
    {
        PcapBuffer? Buffer(string what) => inTheWay == $"recording of {what}" ? new PcapBuffer(0) : null;
        LinkSettings Link(string what) => inTheWay == $"link of {what}" ? _slow : LinkSettings.Perfect;
        var lan = new TestLan(Link("the lan"), capture: Buffer("the lan"));
        var from = Buffer("the sender");
        var to = Buffer("the receiver");
        var a = lan.Switch.AddPort("a", null, new PortSettings { Link = Link("the sender") }, from);
        var b = lan.Switch.AddPort("b", null, new PortSettings { Link = Link("the receiver") }, to);
        byte[] packet = Ether.Bytes(1, 0, length: 54 + 4000);
        (packet[12], packet[13], packet[14], packet[23], packet[46]) = (8, 0, 0x45, 6, 0x50);
        FrameOffload offload = new(FrameOffload.NeedsChecksum, SegmentationKind.Tcp4, 0, 1000, 34, 16);

        lan.Send(a, FrameBatch.Of(packet, offload));
        lan.Wait(10 * TestLan.Millisecond);

        var got = lan.Take(b);
        (got.Count, got.Max(frame => frame.Length)).ShouldBe((frames, longest));
        foreach (var recording in (PcapBuffer?[])[from, to, lan.Switch.Capture])
            if (recording is not null)
                Recorded(recording).Select(one => one.Length).ShouldBe([1054, 1054, 1054, 1054]);

        // One that is not the TCP that it says is dropped where it is to be cut.
        packet[23] = 17;
        lan.Send(a, FrameBatch.Of(packet, offload));
        lan.Wait(10 * TestLan.Millisecond);
        lan.Take(b).Count.ShouldBe(inTheWay == "nothing" ? 1 : 0);
        var drops = new Dictionary<DropReason, long> { [DropReason.BadOffload] = 1 };
        bool isReceivers = inTheWay.EndsWith("the receiver", StringComparison.Ordinal);
        a.Drops.ByReason.ShouldBe(inTheWay == "nothing" || isReceivers ? [] : drops);
        b.Drops.ByReason.ShouldBe(isReceivers ? drops : []);
    }

    [Fact]
    public void A_batch_that_goes_one_way_is_handed_on_as_it_is_however_small()
    {
        var lan = Switch();
        var (a, b) = (lan.AddPort("a"), lan.AddPort("b"));
        foreach (int mac in (int[])[2, 3])
            Receive(lan, b, Ether.Batch(mac, 0));
        _sent.Clear();

        var batch = Ether.Batch(Ether.Bytes(1, 2), Ether.Bytes(1, 3), Ether.Bytes(4, 2));
        Receive(lan, a, batch);
        _sent.ShouldBe([("b", batch)]);

        var all = Ether.Batch(Ether.Bytes(1, 0), Ether.Bytes(1, 99), Ether.Bytes(1, 0));
        Receive(lan, a, all);
        _sent.Last().ShouldBe(("b", all));
    }

    [Fact]
    public void A_batch_of_several_ways_is_sorted()
    {
        var lan = new TestLan();
        var (a, b, c) = (lan.Port("a"), lan.Port("b", mac: Ether.Mac(2)), lan.Port("c", mac: Ether.Mac(3)));
        lan.Send(a, [Ether.Bytes(1, 2, 1), Ether.Bytes(1, 0, 2)]);
        lan.Send(a, [Ether.Bytes(1, 0, 3), Ether.Bytes(1, 3, 4)]);
        lan.Send(a, [Ether.Bytes(1, 2, 5), Ether.Bytes(1, 3, 6)]);

        lan.Numbers(b).ShouldBe([1, 2, 3, 5]);
        lan.Numbers(c).ShouldBe([2, 3, 4, 6]);
    }

    [Fact]
    public void A_frame_for_the_address_of_zeros_is_one_for_somebody_unknown()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a"), lan.Port("b"));
        byte[] frame = Ether.Bytes(1, 2, 7);
        frame.AsSpan(0, 6).Clear();
        lan.Send(a, frame);

        lan.Numbers(b).ShouldBe([7]);
    }

    [Fact]
    public void Small_batches_for_another_node_are_collected_until_they_are_asked_for_and_large_ones_go_as_they_are()
    {
        var lan = Switch();
        var (a, far, b) = (lan.AddPort("a"), lan.AddPeer("far"), lan.AddPort("b"));
        lan.Receive(a, Ether.Batch(1, 0, 1), 0, 0);
        lan.Receive(a, Ether.Batch(1, 0, 2), 0, 0);
        lan.Flush(peers: false);
        _sent.Select(one => one.To).ShouldBe(["b", "b"]);
        lan.HasForPeers.ShouldBeTrue();

        // A port and a node, and only the port is served.
        lan.Receive(a, Ether.Batch(Ether.Bytes(1, 0, 3), Ether.Bytes(9, 1, 4)), 0, 0);
        lan.Flush(peers: false);
        _sent.Count(one => one.To == "far").ShouldBe(0);
        lan.Flush(peers: true);
        Ether.Numbers(_sent.Single(one => one.To == "far").Frames).ShouldBe([1, 2, 3]);
        lan.HasForPeers.ShouldBeFalse();
        lan.Flush(peers: true);
        _sent.Count(one => one.To == "far").ShouldBe(1);

        var large = Ether.Batch(Enumerable.Range(0, 30).Select(i => Ether.Bytes(1, 0, i, length: 1500)));
        lan.Receive(a, large, 0, 0);
        _sent.Where(one => one.To == "far").Last().Frames.ShouldBeSameAs(large);
        far.IsPeer.ShouldBeTrue();
        b.IsPeer.ShouldBeFalse();
    }

    [Fact]
    public void What_was_collected_for_a_station_is_gone_with_it()
    {
        var lan = Switch();
        var (a, far) = (lan.AddPort("a"), lan.AddPeer("far"));
        lan.Receive(a, Ether.Batch(1, 0), 0, 0);
        lan.Remove(far);
        lan.HasForPeers.ShouldBeFalse();
        lan.Flush(peers: true);

        _sent.ShouldBeEmpty();
        far.Writer.Count.ShouldBe(0);
    }

    [Fact]
    public void An_address_is_learned_from_what_comes_by_a_cable_and_from_nobody_who_is_gone()
    {
        var lan = new TestLan();
        var (a, b, c) = (lan.Port("a", _slow), lan.Port("b"), lan.Port("c"));
        lan.Send(a, Ether.Bytes(1, 0, 1));
        lan.Wait(10 * TestLan.Millisecond);
        lan.Take(c);
        lan.Send(b, Ether.Bytes(2, 1, 2));
        lan.Numbers(c).ShouldBeEmpty("it is known where 1 is");

        lan.Send(a, Ether.Bytes(5, 0, 3));
        lan.Switch.Remove(a);
        lan.Wait(10 * TestLan.Millisecond);
        lan.Numbers(c).ShouldBe([3], "it was on its way");
        lan.Send(b, Ether.Bytes(2, 5, 4));
        lan.Numbers(c).ShouldBe([4], "and 5 is nowhere any more");
        a.Addresses.ShouldBeEmpty();
    }

    [Fact]
    public void Frames_and_their_bytes_are_counted_on_both_sides()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a"), lan.Port("b"));
        lan.Send(a, [Ether.Bytes(1, 0, length: 60), Ether.Bytes(1, 0, length: 100)]);

        (a.FramesIn, a.BytesIn, a.FramesOut, a.BytesOut).ShouldBe((2, 160, 0, 0));
        (b.FramesIn, b.BytesIn, b.FramesOut, b.BytesOut).ShouldBe((0, 0, 2, 160));
    }

    void IFrameOutput.Send(Station to, FrameBatch frames) => _sent.Add((to.Name, frames));

    private VirtualSwitch Switch() => new(new LanSettings("lan"), new AddressTable(64, 16, 1000), 1 << 20, this);

    private static void Receive(VirtualSwitch lan, Station from, FrameBatch frames)
    {
        lan.Receive(from, frames, 0, 0);
        lan.Flush(peers: true);
    }

    private static List<(long At, int Length)> Recorded(PcapBuffer buffer)
    {
        var found = new List<(long, int)>();
        for (var rest = buffer.Take().AsSpan(); !rest.IsEmpty; rest = rest[(16 + found[^1].Item2)..])
        {
            long at = (BinaryPrimitives.ReadUInt32LittleEndian(rest) * 1_000_000_000L) + BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            found.Add((at, BinaryPrimitives.ReadInt32LittleEndian(rest[8..])));
        }

        return found;
    }
}
