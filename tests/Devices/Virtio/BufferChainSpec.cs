// A chain's buffers are two streams of bytes: where one buffer ends, the next goes on, and no byte beyond what was asked is touched.

using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio;

public sealed class BufferChainSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;
    private static readonly RingLayout _layout = new(new GuestPhysical(RamBytes), 8, 1);

    private readonly GuestMemory _memory = new(RamBytes, 4);
    private readonly DriverSide _driver;
    private readonly SplitQueue _queue;

    public BufferChainSpec()
    {
        _driver = new DriverSide(_memory, _layout);
        _queue = new SplitQueue(_memory, _layout, SuppressionRule.Flag);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void A_write_goes_on_in_the_next_buffer_and_ends_with_its_bytes()
    {
        _driver.Offer((0x1000, 3, true), (0x2000, 0, true), (0x3000, 4, true), (0x4000, 4, true));
        var chain = _queue.TryTake().ShouldNotBeNull();

        chain.Write(2, [1, 2, 3]).ShouldBe(3);
        chain.Write(3, [7]).ShouldBe(1);
        chain.Write(11, [9]).ShouldBe(0);

        _driver.Get(0x1000, 4).ShouldBe([0, 0, 1, 0]);
        _driver.Get(0x3000, 5).ShouldBe([7, 3, 0, 0, 0]);
        _driver.Get(0x4000, 1).ShouldBe([0]);
        chain.AddressOf(2).ShouldBe(new GuestPhysical(0x1002));
        chain.AddressOf(3).ShouldBe(new GuestPhysical(0x3000));
        chain.AddressOf(7).ShouldBe(new GuestPhysical(0x4000));
        chain.AddressOf(10).ShouldBe(new GuestPhysical(0x4003));
        chain.AddressOf(11).ShouldBeNull();
    }

    [Fact]
    public void A_read_goes_on_in_the_next_buffer_too()
    {
        _driver.Put(0x1000, "abc"u8);
        _driver.Put(0x2000, "defg"u8);
        _driver.Offer((0x1000, 3, false), (0x2000, 4, false));
        var chain = _queue.TryTake().ShouldNotBeNull();
        byte[] into = new byte[6];

        chain.Read(2, into.AsSpan(0, 3)).ShouldBe(3);

        into.ShouldBe([.. "cde"u8, 0, 0, 0]);
    }

    [Fact]
    public void Pieces_of_a_range_are_cut_at_its_ends_and_at_those_of_the_buffers()
    {
        GuestBuffer[] buffers = [new(new GuestPhysical(0x1000), 4), new(new GuestPhysical(0x2000), 4), new(new GuestPhysical(0x3000), 4)];

        Pieces(1, 2).ShouldBe([(0x1001u, 2u)]);
        Pieces(3, 6).ShouldBe([(0x1003u, 1u), (0x2000u, 4u), (0x3000u, 1u)]);
        Pieces(4, 4).ShouldBe([(0x2000u, 4u)]);
        Pieces(6, 100).ShouldBe([(0x2002u, 2u), (0x3000u, 4u)]);
        Pieces(0, 0).ShouldBeEmpty();
        Pieces(12, 1).ShouldBeEmpty();

        (uint, uint)[] Pieces(ulong offset, ulong length) =>
            [.. BufferChain.Pieces(buffers, offset, length).Select(piece => (piece.Address.Value, piece.Length))];
    }

    [Fact]
    public void A_chain_knows_nothing_of_the_one_before_it()
    {
        foreach (uint bytes in new uint[] { 5, 7 })
        {
            _driver.Offer((0x1000, bytes, false), (0x2000, bytes, true));
            var chain = _queue.TryTake().ShouldNotBeNull();
            (chain.ReadableBytes, chain.WritableBytes, chain.Readable.Count, chain.Writable.Count).ShouldBe((bytes, bytes, 1, 1));
        }
    }

    [Fact]
    public void Who_wants_to_be_notified_is_told_of_what_is_there_already()
    {
        _queue.WantNotifications(false).ShouldBeFalse();
        _queue.WantNotifications(true).ShouldBeFalse("there is nothing");
        _driver.Offer((0x1000, 1, false));
        _queue.HasMore.ShouldBeTrue();
        _queue.WantNotifications(false).ShouldBeFalse();
        _queue.WantNotifications(true).ShouldBeTrue();
        _queue.TryTake().ShouldNotBeNull();
        _queue.HasMore.ShouldBeFalse();
    }

    [Fact]
    public void A_broken_queue_stays_broken_whatever_its_driver_does_next()
    {
        _driver.SetAvailable(9);
        _queue.TryTake().ShouldBeNull();
        _driver.Describe(0, 0x1000, 1, 0, 0);
        _driver.SetAvailable(1);
        _queue.TryTake().ShouldBeNull();
        _queue.HasMore.ShouldBeFalse();
    }

    [Fact]
    public void A_queue_is_placed_inside_of_memory_or_not_at_all()
    {
        using SplitQueue queue = new(_memory);
        queue.HasMore.ShouldBeFalse();
        queue.TryTake().ShouldBeNull();
        GuestPhysical end = new((uint)_memory.Length);
        var outside = RingLayout.Modern(new GuestPhysical(0x1000), new GuestPhysical(0x2000), end, 8, 1);
        Should.Throw<ArgumentOutOfRangeException>(() => queue.Place(outside, indirect: false));
    }

    [Theory]
    [InlineData(8, 0x10000u + 128, 0x11000u, 0x1000u + 6 + 64)]
    [InlineData(128, 0x10000u + 2048, 0x11000u, 0x1000u + 6 + 1024)]
    [InlineData(256, 0x10000u + 4096, 0x12000u, 0x2000u + 6 + 2048)]
    public void The_parts_of_a_ring_in_one_piece_follow_each_other(int size, uint available, uint used, uint bytes)
    {
        RingLayout ring = new(new GuestPhysical(0x10000), (ushort)size, 1);
        (ring.Available.Value, ring.Used.Value, ring.Bytes).ShouldBe((available, used, bytes));
    }
}
