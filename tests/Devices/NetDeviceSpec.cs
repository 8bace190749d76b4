// The network card between a driver and batches of frames: layouts of all generations, merged buffers, work left undone, hostile rings, and
// a great many random ones. LGUEST_FUZZ_CASES makes the random part longer. Long because each rule of the card is one short test.

using System.Buffers.Binary;
using Lguest.Devices.Net;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Devices.Tests;

public sealed class NetDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;
    private const ushort RingSize = 16;
    private static readonly MacAddress _mac = MacAddress.Parse("02:11:22:33:44:55");

    private readonly GuestMemory _memory = new(RamBytes, 8);
    private readonly DriverSide _receive;
    private readonly DriverSide _transmit;
    private uint _accepted;
    private NetDevice _card;

    public NetDeviceSpec()
    {
        _receive = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), RingSize, 1));
        _transmit = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes + 0x4000), RingSize, 2));
        _card = Card(GuestGeneration.Linux3);
    }

    private static int Cases => Support.FuzzRun.CasesOr(20_000);

    public void Dispose()
    {
        _card.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void The_record_shows_address_link_and_features_and_the_tagged_form_the_address()
    {
        var late = NetDescription.Of(_mac, GuestGeneration.Linux3);
        late.Queues.ShouldBe(2);
        late.Config.ShouldBe([0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 1, 0]);
        (late.Features & NetDescription.Mac).ShouldNotBe(0u);
        (late.Features & NetDescription.NotifyOnEmpty).ShouldBe(0u);
        late.Tags.ShouldHaveSingleItem().Content.ShouldBe([0x02, 0x11, 0x22, 0x33, 0x44, 0x55]);

        (NetDescription.Of(_mac, GuestGeneration.Linux2627).Features & NetDescription.NotifyOnEmpty).ShouldNotBe(0u);
        (NetDescription.Of(_mac, GuestGeneration.Linux2625).Features & NetDescription.Checksum)
            .ShouldBe(0u, "drivers of then say more than they keep");
    }

    [Fact]
    public void A_driver_of_virtio_1_is_told_of_an_MTU_that_is_not_the_usual_one()
    {
        var jumbo = NetDescription.Of(_mac, GuestGeneration.Pc, 9000);
        jumbo.Config.ShouldBe([0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 1, 0, 0, 0, 0x28, 0x23]);
        (jumbo.Features & NetDescription.Mtu).ShouldNotBe(0u);
        foreach (var other in new[] { NetDescription.Of(_mac, GuestGeneration.Pc), NetDescription.Of(_mac, GuestGeneration.Linux3, 9000) })
        {
            other.Config.Length.ShouldBe(8);
            (other.Features & NetDescription.Mtu).ShouldBe(0u);
        }
    }

    [Theory]
    [InlineData(1500, 1518, 1)]
    [InlineData(1500, 1519, 0)]
    [InlineData(9000, 9018, 1)]
    [InlineData(9000, 9019, 0)]
    public void A_frame_that_is_longer_than_the_network_allows_does_not_leave(int mtu, int length, int leave)
    {
        using NetDevice card = new(_memory, new SplitQueue(_memory, _receive.Ring, SuppressionRule.Flag),
            new SplitQueue(_memory, _transmit.Ring, SuppressionRule.Flag), _mac, GuestGeneration.Linux3, () => 0u, mtu);
        _transmit.Put(0x10000, new byte[10]);
        _transmit.Put(0x1000a, FrameOf(length));
        _transmit.Offer((0x10000, (uint)(10 + length), false));

        card.Serve(NetDescription.TransmitQueue);

        (card.TakeSent()?.Count ?? 0).ShouldBe(leave);
        card.Metrics.DroppedOut.ShouldBe(1 - leave);
    }

    [Theory]
    [InlineData("2.6.24", 0u, 8)]
    [InlineData("2.6.25", 0u, 10)]
    [InlineData("3.x", 0u, 10)]
    [InlineData("3.x", NetDescription.MergedBuffers, 12)]
    public void A_frame_goes_out_and_comes_in_behind_the_header_of_its_generation(string generation, uint accepted, int header)
    {
        _accepted = accepted;
        _card = Card(Generation(generation));
        byte[] frame = FrameOf(100);
        _transmit.Put(0x1000, new byte[header]);
        _transmit.Put(0x2000, frame);
        ushort sent = _transmit.Offer((0x1000, (uint)header, false), (0x2000, 60, false), (0x203c, 40, false));
        _receive.Offer((0x3000, (uint)header, true), (0x3800, 1514, true));

        _card.Serve(NetDescription.TransmitQueue).ShouldBeFalse();
        var batch = _card.TakeSent().ShouldNotBeNull();
        Frames(batch).ShouldHaveSingleItem().ShouldBe(frame);
        _transmit.Reap().ShouldBe((sent, 0u));

        Arrive(frame);
        _receive.Reap().ShouldNotBeNull().Written.ShouldBe((uint)(header + 100));
        _receive.Get(0x3800, 100).ShouldBe(frame);
        _receive.Get(0x3000, header).ShouldBe(header == 12 ? [.. new byte[10], 1, 0] : new byte[header]);
        _card.Metrics.ShouldBe(new NetMetrics(1, 100, 0, 1, 100, 0));
    }

    [Fact]
    public void A_large_packet_lies_in_as_many_merged_buffers_as_it_takes_and_all_appear_at_once()
    {
        _accepted = NetDescription.MergedBuffers | NetDescription.GuestChecksum | NetDescription.GuestTcp4;
        for (uint i = 0; i < 4; i++)
            _receive.Offer((0x10000 + (i * 0x1000), 0x1000, true));
        byte[] packet = FrameOf(9000);
        var offload = new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.Tcp4, 54, 1448, 34, 16);

        _card.Deliver(FrameBatch.Of(packet, offload));
        _card.Serve(NetDescription.ReceiveQueue);

        _receive.Reap().ShouldBe(((uint, uint)?)(0u, 4096u));
        _receive.Reap().ShouldBe(((uint, uint)?)(1u, 4096u));
        _receive.Reap().ShouldBe(((uint, uint)?)(2u, 820u));
        _receive.Reap().ShouldBeNull();
        FrameOffload.Read(_receive.Get(0x10000, 10)).ShouldBe(offload);
        _receive.Get(0x1000a, 2).ShouldBe([3, 0]);
        byte[] together = [.. _receive.Get(0x1000c, 4084), .. _receive.Get(0x11000, 4096), .. _receive.Get(0x12000, 820)];
        together.ShouldBe(packet);
    }

    [Fact]
    public void A_packet_for_which_there_are_too_few_merged_buffers_waits_and_takes_none()
    {
        _accepted = NetDescription.MergedBuffers;
        _receive.Offer((0x10000, 600, true));
        Arrive(FrameOf(1000));
        _receive.Reap().ShouldBeNull();

        _receive.Offer((0x20000, 600, true));
        _card.Serve(NetDescription.ReceiveQueue);

        _receive.Reap().ShouldNotBeNull().Written.ShouldBe(600u);
        _receive.Reap().ShouldNotBeNull().Written.ShouldBe(412u);
    }

    [Fact]
    public void Frames_wait_for_buffers_in_order_and_the_driver_is_asked_to_tell_of_new_ones()
    {
        _receive.Offer((0x3000, 2000, true));
        Arrive(FrameOf(100, 1), FrameOf(100, 2), FrameOf(100, 3));
        _receive.Reap().ShouldNotBeNull();
        NotificationsWanted(_receive).ShouldBeTrue();

        _receive.Offer((0x4000, 2000, true));
        _receive.Offer((0x5000, 2000, true));
        _receive.Offer((0x6000, 2000, true));
        _card.Serve(NetDescription.ReceiveQueue);

        NotificationsWanted(_receive).ShouldBeFalse("there is a buffer left");
        _receive.Get(0x400a + 50, 1).ShouldBe([2]);
        _receive.Get(0x500a + 50, 1).ShouldBe([3]);
        _card.Metrics.FramesIn.ShouldBe(3);
    }

    [Fact]
    public void Frames_for_a_card_that_no_driver_has_taken_are_dropped_and_give_their_room_back()
    {
        var window = new FrameWindow(10_000);
        var batch = FrameBatch.Of(FrameOf(100));
        window.TryTake(batch.RecordBytes);

        _card.Deliver(batch, window);

        window.Used.ShouldBe(0);
        _card.Metrics.DroppedIn.ShouldBe(1);
    }

    [Fact]
    public void What_waits_is_bounded_and_a_reset_forgets_it()
    {
        var window = new FrameWindow(int.MaxValue);
        _receive.Offer((0x3000, 10, true)); // a buffer in which no frame has room: all that wait go by
        _receive.SetAvailable(1);
        Arrive(FrameOf(100));
        _card.Metrics.DroppedIn.ShouldBe(1);
        _card.Reset();
        var driver = new DriverSide(_memory, _receive.Ring);
        driver.Offer((0x3000, 2000, true));
        for (int i = 0; i < 3000; i++)
        {
            var batch = FrameBatch.Of(FrameOf(1000));
            window.TryTake(batch.RecordBytes);
            _card.Deliver(batch, window);
            _card.Serve(NetDescription.ReceiveQueue);
        }

        window.Used.ShouldBeLessThanOrEqualTo(NetDevice.MostWaitingBytes);
        _card.Metrics.DroppedIn.ShouldBeGreaterThan(1000);
        _card.Reset();
        window.Used.ShouldBe(0);
    }

    [Fact]
    public void Work_that_the_receiving_driver_does_not_take_is_done_before_it_gets_the_frame()
    {
        // UDP over IPv4, with the sum of the pseudo header where the checksum belongs.
        byte[] frame = FrameOf(60);
        frame.AsSpan(34).Clear();
        frame[34 + 7] = 0x42;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(40), 0x1234);
        _receive.Offer((0x3000, 2000, true));
        _receive.Offer((0x4000, 2000, true));

        _card.Deliver(FrameBatch.Of(frame, new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.None, 0, 0, 34, 6)));
        _card.Serve(NetDescription.ReceiveQueue);
        _receive.Get(0x3000, 10).ShouldBe(new byte[10]);
        _receive.Get(0x300a + 40, 2).ShouldNotBe([0x12, 0x34]);

        _accepted = NetDescription.GuestChecksum;
        _card.Deliver(FrameBatch.Of(frame, new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.None, 0, 0, 34, 6)));
        _card.Serve(NetDescription.ReceiveQueue);
        _receive.Get(0x4000, 1).ShouldBe([FrameOffload.NeedsChecksum]);
        _receive.Get(0x400a + 40, 2).ShouldBe([0x12, 0x34]);
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(NetDescription.Checksum, false)]
    [InlineData(NetDescription.Checksum | NetDescription.HostTcp4, true)]
    public void A_packet_to_be_cut_leaves_only_a_driver_that_agreed_on_it(uint accepted, bool leaves)
    {
        _accepted = accepted;
        byte[] header = new byte[10];
        new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.Tcp4, 54, 1448, 34, 16).Write(header);
        _transmit.Put(0x1000, header);
        _transmit.Offer((0x1000, 10, false), (0x10000, 9000, false));

        _card.Serve(NetDescription.TransmitQueue);

        var batch = _card.TakeSent();
        (batch is not null).ShouldBe(leaves);
        batch?.Release();
        _card.Metrics.DroppedOut.ShouldBe(leaves ? 0 : 1);
        _transmit.Reap().ShouldNotBeNull("its buffers come back in any case");
    }

    [Fact]
    public void What_a_driver_writes_into_a_header_without_an_agreement_is_not_looked_at()
    {
        _transmit.Put(0x1000, [.. Enumerable.Repeat((byte)0xff, 10), .. FrameOf(60)]);
        _transmit.Offer((0x1000, 70, false));
        _card.Serve(NetDescription.TransmitQueue);

        var batch = _card.TakeSent().ShouldNotBeNull();
        foreach (var frame in batch)
            frame.Offload.ShouldBe(default);
        batch.Release();
    }

    [Theory]
    [InlineData(23u, "invalid length")]
    [InlineData(0x20000u, "invalid length")]
    public void A_frame_too_short_or_too_long_breaks_the_transmit_queue(uint length, string why)
    {
        _transmit.Offer((0x1000, length, false));
        _card.Serve(NetDescription.TransmitQueue).ShouldBeFalse();
        _card.Queues[NetDescription.TransmitQueue].Fault.ShouldNotBeNull().ShouldContain(why);
        _card.TakeSent().ShouldBeNull();
    }

    [Fact]
    public void A_header_without_a_place_for_a_count_merges_no_buffers()
    {
        _accepted = NetDescription.MergedBuffers;
        _card = Card(GuestGeneration.Linux2624);
        _receive.Offer((0x3000, 9, true));

        Arrive(FrameOf(60));

        _receive.Reap().ShouldBeNull();
        _card.Metrics.DroppedIn.ShouldBe(1);
    }

    [Fact]
    public void Buffers_of_the_wrong_direction_break_their_queue()
    {
        _transmit.Offer((0x1000, 100, true));
        _card.Serve(NetDescription.TransmitQueue);
        _card.Queues[NetDescription.TransmitQueue].Fault.ShouldNotBeNull().ShouldContain("transmit queue");

        _receive.Offer((0x1000, 100, false));
        Arrive(FrameOf(60));
        _card.Queues[NetDescription.ReceiveQueue].Fault.ShouldNotBeNull().ShouldContain("receive queue");
    }

    [Fact]
    public void A_full_ring_comes_out_in_batches_and_kicks_are_wanted_again_at_the_end()
    {
        _transmit.Put(0x1000, [.. new byte[10], .. FrameOf(1500)]);
        for (int i = 0; i < RingSize; i++)
            _transmit.Offer((0x1000, 1510, false));

        _card.Serve(NetDescription.TransmitQueue).ShouldBeFalse();

        var batch = _card.TakeSent().ShouldNotBeNull();
        batch.Count.ShouldBe(RingSize);
        batch.Release();
        NotificationsWanted(_transmit).ShouldBeTrue();
        _card.Queues[NetDescription.TransmitQueue].ShouldInterrupt().ShouldBeTrue();
        _card.Queues[NetDescription.TransmitQueue].ShouldInterrupt().ShouldBeFalse("one interrupt for all of them");
    }

    [Fact]
    public void Moving_frames_allocates_nothing_beyond_their_batches()
    {
        _transmit.Put(0x1000, [.. new byte[10], .. FrameOf(1500)]);
        for (int i = 0; i < 10; i++)
            Round(); // fills the pool of buffers
        long allocated = 0L;
        for (int i = 0; i < 100; i++)
            allocated += Round();
        (allocated / 100).ShouldBeLessThan(100, "bytes for a batch of sixteen frames: the batch itself");

        long Round()
        {
            for (int i = 0; i < RingSize; i++)
            {
                _transmit.Offer(_frameToSend);
                _receive.Offer(_bufferToFill);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            _card.Serve(NetDescription.TransmitQueue);
            _card.Deliver(_card.TakeSent()!);
            _card.Serve(NetDescription.ReceiveQueue);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Whatever_stands_in_its_rings_a_card_neither_throws_nor_writes_where_it_may_not_nor_keeps_what_it_was_given()
    {
        var random = new Random(12);
        var window = new FrameWindow(int.MaxValue);
        byte[] arriving = FrameOf(700);
        int left = 0;
        int broken = 0;
        for (int i = 0; i < Cases / 4; i++)
        {
            Scramble(_receive, random);
            Scramble(_transmit, random);
            _accepted = (uint)random.Next() & (random.Next(2) == 0 ? uint.MaxValue : NetDescription.MergedBuffers);
            using var card = Card(random.Next(4) == 0 ? GuestGeneration.Linux2624 : GuestGeneration.Linux3);
            for (int round = 0; round < 4; round++)
            {
                card.Serve(NetDescription.TransmitQueue);
                while (card.TakeSent() is { } sent)
                {
                    foreach (var frame in sent)
                        frame.Length.ShouldBeInRange(Frame.HeaderLength, Frame.LongestLength);
                    left += sent.Count;
                    sent.Release();
                    card.Serve(NetDescription.TransmitQueue);
                }

                var offload = random.Next(3) == 0 ? FrameOffload.Read(
                    [(byte)random.Next(3), (byte)random.Next(6), 0, 0, 8, 2, (byte)random.Next(64), 0, 6, 0]) : default;
                var batch = FrameBatch.Of(arriving, offload);
                window.TryTake(batch.RecordBytes);
                card.Deliver(batch, window);
                card.Serve(NetDescription.ReceiveQueue);
            }

            broken += card.Queues.Count(queue => queue.Fault is not null);
            card.Reset();
            window.Used.ShouldBe(0);
        }

        left.ShouldBeGreaterThan(Cases / 100, "the random rings must reach past the first check");
        broken.ShouldBeGreaterThan(Cases / 100);
    }

    private readonly (uint, uint, bool)[] _frameToSend = [(0x1000, 1510, false)];
    private readonly (uint, uint, bool)[] _bufferToFill = [(0x8000, 2000, true)];

    private static GuestGeneration Generation(string name) => name switch
    {
        "2.6.24" => GuestGeneration.Linux2624,
        "2.6.25" => GuestGeneration.Linux2625,
        _ => GuestGeneration.Linux3,
    };

    private static byte[] FrameOf(int length, byte content = 7)
    {
        byte[] frame = new byte[length];
        frame.AsSpan().Fill(content);
        _mac.Write(frame);
        MacAddress.Parse("02:00:00:00:00:09").Write(frame.AsSpan(6));
        frame[12] = 8;
        frame[13] = 0;
        return frame;
    }

    private static List<byte[]> Frames(FrameBatch batch)
    {
        var frames = new List<byte[]>();
        foreach (var frame in batch)
            frames.Add(frame.Bytes.ToArray());
        batch.Release();
        return frames;
    }

    private static bool NotificationsWanted(DriverSide driver)
    {
        driver.Memory.TryRead(driver.Ring.Used, out ushort flags).ShouldBeTrue();
        return (flags & 1) == 0;
    }

    /// <summary>Random descriptors, most of them plausible, and a random available ring.</summary>
    private static void Scramble(DriverSide driver, Random random)
    {
        bool writes = driver.Ring.Irq == 1;
        for (ushort i = 0; i < RingSize; i++)
        {
            ulong address = random.Next(20) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next((int)RamBytes - 0x2000);
            uint length = (uint)(random.Next(20) == 0 ? random.Next() : random.Next(1600));
            int flags = (random.Next(2) * DriverSide.Next) | (writes != (random.Next(20) == 0) ? DriverSide.DeviceWrites : 0);
            flags |= random.Next(40) == 0 ? DriverSide.Indirect : 0;
            driver.Describe(i, address, length, (ushort)flags, (ushort)random.Next(RingSize + (random.Next(20) == 0 ? 5 : 0)));
            driver.Memory.TryWrite(driver.Ring.Available + 4 + (i * 2u), (ushort)random.Next(RingSize + (random.Next(30) == 0 ? 5 : 0)))
                .ShouldBeTrue();
        }

        driver.SetAvailable((ushort)random.Next(RingSize + 2));
    }

    private void Arrive(params byte[][] frames)
    {
        var writer = new FrameBatchWriter();
        foreach (byte[] frame in frames)
            frame.CopyTo(writer.Add(frame.Length));
        _card.Deliver(writer.Take()!);
        _card.Serve(NetDescription.ReceiveQueue);
    }

    private NetDevice Card(GuestGeneration generation) => new(
        _memory,
        new SplitQueue(_memory, _receive.Ring, SuppressionRule.Flag),
        new SplitQueue(_memory, _transmit.Ring, SuppressionRule.Flag),
        _mac,
        generation,
        () => _accepted);
}
