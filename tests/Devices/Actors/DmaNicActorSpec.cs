// The card of generation 1 between a Guest and a lan. The Guest waits in its SEND_DMA, so each send is answered exactly once, sooner or
// later; what comes from the lan goes into the Guest's buffers one frame after the other, each when the Dma has said what became of the one
// before.

using System.Buffers.Binary;
using Akka.Actor;
using Akka.TestKit;
using Lguest.Devices.Generation1;
using Lguest.Devices.Generation1.Actors;
using Lguest.Devices.Net;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Tests.Actors;

public sealed class DmaNicActorSpec : DeviceTestKit
{
    private const uint Page = RamBytes;
    private const uint SentAt = 0x1000;
    private const uint Data = 0x10000;
    private const int FrameBytes = 60;
    private const int Tries = 20;
    private const int WindowBytes = 1 << 16;
    private static readonly MacAddress _mac = MacAddress.OfGuest(7);
    private readonly TestProbe _lan;
    private readonly TestProbe _dma;
    private readonly DmaNic _card;

    public DmaNicActorSpec()
    {
        _lan = CreateTestProbe("lan");
        _dma = CreateTestProbe("dma");
        _card = new DmaNic(Memory, new GuestPhysical(Page), 2, "guest/eth0");
    }

    [Fact]
    public void It_plugs_itself_in_with_its_address_and_its_cable_and_pulls_the_plug_at_its_end()
    {
        PortSettings cable = new() { Pcap = "a.pcap", Link = new LinkSettings { Rate = 8000 } };
        var nic = StartChild(DmaNicActor.Props(Guest, Switcher, _dma, Memory, _card, _lan, _mac, cable));
        var connect = _lan.ExpectMsg<LanProtocol.Connect>();
        (connect.Port, connect.Mac, connect.Nic, connect.Settings).ShouldBe(("guest/eth0", _mac, nic, cable));

        Sys.Stop(nic);

        _lan.ExpectMsg<LanProtocol.Disconnect>().Port.ShouldBe("guest/eth0");
    }

    [Fact]
    public void A_frame_goes_to_the_lan_and_the_Guest_goes_on_with_its_length_in_used_len()
    {
        FrameWindow window = new(WindowBytes);
        var nic = Start(window);
        Put(Data, Frame(5));

        Send(nic, (Data, 20), (Data + 20, FrameBytes - 20));

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Word(SentAt).ShouldBe((uint)FrameBytes);
        var transmit = _lan.ExpectMsg<LanProtocol.Transmit>();
        transmit.Port.ShouldBe("guest/eth0");
        Frames(transmit.Frames).ShouldHaveSingleItem().ShouldBe(Frame(5));
        window.Used.ShouldBe(transmit.Frames.RecordBytes);
        _card.Metrics.ShouldBe(new NetMetrics(0, 0, 0, 1, FrameBytes, 0));
    }

    [Fact]
    public void What_is_sent_before_the_lan_has_answered_was_not_sent()
    {
        var nic = Start(null);

        Send(nic, (Data, FrameBytes));

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Word(SentAt).ShouldBe(0u, "by which the driver counts it as lost on the wire");
        _lan.ExpectNoMsg(Silence);
        _card.Metrics.DroppedOut.ShouldBe(1);
    }

    [Fact]
    public void A_lan_that_refuses_the_plug_leaves_a_card_that_answers_and_sends_nothing()
    {
        var nic = Start(null);
        nic.Tell(new LanProtocol.Refused("guest/eth0", "no room"));

        Send(nic, (Data, FrameBytes));

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        _lan.ExpectNoMsg(Silence);
    }

    [Fact]
    public void With_the_window_full_the_Guest_waits_until_there_is_room_and_then_its_frame_goes()
    {
        FrameWindow window = new(100);
        var nic = Start(window);
        Put(Data, Frame(1));
        Send(nic, (Data, FrameBytes));
        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        var first = _lan.ExpectMsg<LanProtocol.Transmit>().Frames;
        Put(Data, Frame(2));

        Send(nic, (Data, FrameBytes));
        Switcher.ExpectNoMsg(Silence);
        window.Give(first.RecordBytes).ShouldBeTrue();
        nic.Tell(new LanProtocol.Resume("guest/eth0"), _lan);

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Frames(_lan.ExpectMsg<LanProtocol.Transmit>().Frames).ShouldHaveSingleItem()[^1].ShouldBe((byte)2);
        nic.Tell(new LanProtocol.Resume("guest/eth0"), _lan);
        Switcher.ExpectNoMsg(Silence);
    }

    [Theory, InlineData(0), InlineData(13), InlineData(1515), InlineData(4096)]
    public void What_is_no_frame_is_taken_goes_nowhere_and_keeps_no_room(int length)
    {
        FrameWindow window = new(WindowBytes);
        var nic = Start(window);

        Send(nic, (Data, length));

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Word(SentAt).ShouldBe((uint)length);
        _lan.ExpectNoMsg(Silence);
        window.Used.ShouldBe(0);
        _card.Metrics.ShouldBe(new NetMetrics(0, 0, 0, 0, 0, 1));
    }

    [Theory]
    [InlineData(0xf000_0000u, 60)]
    [InlineData(Data + 4000, 100)]
    [InlineData(Data, 0xffff)]
    public void A_bad_section_ends_the_Guest_and_keeps_no_room(uint address, int length)
    {
        FrameWindow window = new(WindowBytes);
        var nic = Start(window);

        Send(nic, (address, length));

        var offence = Switcher.ExpectMsg<SwitcherProtocol.DmaOffence>();
        (offence.Reason, offence.Detail).ShouldBe((KillReason.BadDmaEntry, $"guest/eth0: bad DMA entry: {length}@0x{address:x}"));
        _lan.ExpectNoMsg(Silence);
        window.Used.ShouldBe(0);
    }

    [Fact]
    public void Frames_are_delivered_one_after_the_other_to_the_Guests_slot_and_the_lan_gets_its_room_back_with_the_last()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        Deliver(nic, window, 1, 2);

        var first = _dma.ExpectMsg<DmaProtocol.Deliver>();
        (first.Guest, first.Key.Value, first.Bytes.ToArray()[^1]).ShouldBe(("guest", Page + 4, (byte)1));
        _dma.ExpectNoMsg(Silence);
        Answer(nic, DmaOutcome.Delivered);
        NextFrame().ShouldBe(2);
        window.Used.ShouldBeGreaterThan(0);
        Answer(nic, DmaOutcome.Delivered);

        AwaitAssert(() => window.Used.ShouldBe(0));
        _card.Metrics.ShouldBe(new NetMetrics(2, 2 * FrameBytes, 0, 0, 0, 0));
    }

    [Fact]
    public void Deliveries_keep_their_order()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        Deliver(nic, window, 1);
        Deliver(nic, window, 2, 3);
        Deliver(nic, window, 4);

        for (int number = 1; number <= 4; number++)
        {
            NextFrame().ShouldBe(number);
            Answer(nic, DmaOutcome.Delivered);
        }

        AwaitAssert(() => window.Used.ShouldBe(0));
        Deliver(nic, window, 5);
        NextFrame().ShouldBe(5);
    }

    [Fact]
    public void A_Guest_without_a_free_buffer_is_given_time_and_then_loses_the_frame()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        Deliver(nic, window, 1, 2);

        for (int i = 0; i < Tries; i++)
        {
            NextFrame().ShouldBe(1);
            Answer(nic, DmaOutcome.NoBuffer);
        }

        NextFrame().ShouldBe(2);
        Answer(nic, DmaOutcome.NoBuffer);
        NextFrame().ShouldBe(2, "each frame has its own tries");
        Answer(nic, DmaOutcome.Delivered);
        AwaitAssert(() => window.Used.ShouldBe(0));
        _card.Metrics.ShouldBe(new NetMetrics(1, FrameBytes, 1, 0, 0, 0));
    }

    [Theory, InlineData(DmaOutcome.NobodyBound), InlineData(DmaOutcome.NothingCopied), InlineData(DmaOutcome.ReceiverOffended)]
    public void A_frame_that_nobody_can_take_is_lost_at_once(DmaOutcome outcome)
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        Deliver(nic, window, 1);
        NextFrame();

        Answer(nic, outcome);

        AwaitAssert(() => window.Used.ShouldBe(0));
        _card.Metrics.DroppedIn.ShouldBe(1);
    }

    [Fact]
    public void What_another_driver_left_undone_is_done_before_it_is_delivered()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        byte[] frame = Frame(9);
        var unfinished = FrameBatch.Of(frame, new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.None, 0, 0, 34, 6));
        Take(window, unfinished);

        nic.Tell(new LanProtocol.Deliver(unfinished, window), _lan);

        byte[] bytes = _dma.ExpectMsg<DmaProtocol.Deliver>().Bytes.ToArray();
        bytes.Length.ShouldBe(FrameBytes);
        bytes[40..42].ShouldNotBe(frame[40..42], "the checksum");
        Answer(nic, DmaOutcome.Delivered);
        AwaitAssert(() => window.Used.ShouldBe(0));
    }

    [Fact]
    public void Frames_that_are_too_large_or_not_what_they_say_are_dropped_and_what_follows_is_not()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        FrameBatchWriter writer = new();
        writer.Add(1515);
        new byte[FrameBytes].CopyTo(writer.Add(FrameBytes,
            new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.Tcp4, 54, 1448, 34, 16)));
        var bad = writer.Take()!;
        Take(window, bad);
        nic.Tell(new LanProtocol.Deliver(bad, window), _lan);
        Deliver(nic, window, 3);

        NextFrame().ShouldBe(3);
        Answer(nic, DmaOutcome.Delivered);
        AwaitAssert(() => window.Used.ShouldBe(0));
        _card.Metrics.ShouldBe(new NetMetrics(1, FrameBytes, 2, 0, 0, 0));
    }

    [Fact]
    public void At_its_end_the_lan_gets_the_room_of_everything_that_was_not_delivered()
    {
        var nic = Start(new FrameWindow(WindowBytes));
        FrameWindow window = new(WindowBytes);
        Deliver(nic, window, 1, 2);
        Deliver(nic, window, 3);
        NextFrame().ShouldBe(1);

        Sys.Stop(nic);

        _lan.ExpectMsg<LanProtocol.Disconnect>();
        AwaitAssert(() => window.Used.ShouldBe(0));
    }

    private IActorRef Start(FrameWindow? window)
    {
        var nic = StartChild(DmaNicActor.Props(Guest, Switcher, _dma, Memory, _card, _lan, _mac));
        _lan.ExpectMsg<LanProtocol.Connect>();
        if (window is not null)
            nic.Tell(new LanProtocol.Connected("guest/eth0", "wire", window), _lan);
        return nic;
    }

    private void Deliver(IActorRef nic, FrameWindow window, params byte[] numbers)
    {
        FrameBatchWriter writer = new();
        foreach (byte number in numbers)
            Frame(number).CopyTo(writer.Add(FrameBytes));
        var batch = writer.Take()!;
        Take(window, batch);
        nic.Tell(new LanProtocol.Deliver(batch, window), _lan);
    }

    private static void Take(FrameWindow window, FrameBatch batch) => window.TryTake(batch.RecordBytes).ShouldBeTrue();

    /// <summary>The last byte of the frame that is offered to the Guest next.</summary>
    private int NextFrame() => _dma.ExpectMsg<DmaProtocol.Deliver>().Bytes.ToArray()[^1];

    private void Answer(IActorRef nic, DmaOutcome outcome) =>
        nic.Tell(new DmaProtocol.Delivered(Guest.Value, _card.GuestKey, outcome, outcome == DmaOutcome.Delivered ? FrameBytes : 0), _dma);

    private static List<byte[]> Frames(FrameBatch batch)
    {
        List<byte[]> frames = [];
        foreach (var frame in batch)
            frames.Add(frame.Bytes.ToArray());
        return frames;
    }

    private static byte[] Frame(byte number)
    {
        byte[] frame = new byte[FrameBytes];
        frame.AsSpan(0, 6).Fill(0xff);
        _mac.Write(frame.AsSpan(6));
        frame[^1] = number;
        return frame;
    }

    private void Put(uint at, byte[] bytes) => Memory.TryWrite(new GuestPhysical(at), bytes).ShouldBeTrue();

    private void Send(IActorRef nic, params (uint Address, int Length)[] sections)
    {
        byte[] bytes = new byte[DmaDescriptor.Size];
        for (int i = 0; i < sections.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (i * 4)), sections[i].Address);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(68 + (i * 2)), (ushort)sections[i].Length);
        }

        Put(SentAt, bytes);
        nic.Tell(new SwitcherProtocol.DmaPending(Guest, new GuestPhysical(Page), new GuestPhysical(SentAt)), Switcher);
    }

    private uint Word(uint at)
    {
        Memory.TryRead(new GuestPhysical(at), out uint value).ShouldBeTrue();
        return value;
    }
}
