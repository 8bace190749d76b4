// The device side of a virtqueue: what a correct driver gets, what each kind of incorrect one gets, and a great many random ones. The rules
// are those of the ABI sheet, 10.2, 10.6 and 13.3. LGUEST_FUZZ_CASES makes the random part longer.

using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio;

public sealed class SplitQueueSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;
    private static readonly RingLayout _layout = new(new GuestPhysical(RamBytes), 8, 1);

    private readonly GuestMemory _memory = new(RamBytes, 4);
    private readonly DriverSide _driver;

    public SplitQueueSpec() => _driver = new DriverSide(_memory, _layout);

    private static int Cases => Support.FuzzRun.CasesOr(20_000);

    public void Dispose() => _memory.Dispose();

    [Theory]
    [InlineData(128, 2)]
    [InlineData(256, 3)]
    public void Rings_take_the_pages_that_launchers_gave_them(int size, int pages) =>
        new RingLayout(default, (ushort)size, 1).Pages.ShouldBe(pages);

    [Fact]
    public void Buffers_come_in_order_and_go_back_with_their_count()
    {
        var queue = Queue();
        _driver.Put(0x1000, "hello "u8);
        _driver.Put(0x2000, "world"u8);
        for (int round = 0; round < 3 * _layout.Size; round++)
        {
            ushort head = _driver.Offer((0x1000, 6, false), (0x2000, 5, false), (0x3000, 4, true));

            var chain = queue.TryTake().ShouldNotBeNull();
            byte[] text = new byte[20];
            chain.Read(0, text).ShouldBe(11);
            text.AsSpan(0, 11).SequenceEqual("hello world"u8).ShouldBeTrue();
            chain.Read(4, text.AsSpan(0, 4)).ShouldBe(4);
            text.AsSpan(0, 4).SequenceEqual("o wo"u8).ShouldBeTrue();
            chain.Write(1, [1, 2, 3, 4]).ShouldBe(3);
            queue.Return(chain.Head, 4);
            _driver.Get(0x3000, 4).ShouldBe([0, 1, 2, 3]);
            _driver.Reap().ShouldBe((head, 4u));
            queue.TryTake().ShouldBeNull();
        }

        queue.Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData(false, false, false, true)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, false, true)]
    [InlineData(true, true, true, false)]
    public void An_interrupt_is_left_out_only_as_the_generation_allows(bool flag, bool unlessEmpty, bool moreWaiting, bool interrupts)
    {
        var queue = new SplitQueue(_memory, _layout, unlessEmpty ? SuppressionRule.FlagUnlessEmpty : SuppressionRule.Flag);
        _driver.WantInterrupts(!flag);
        queue.ShouldInterrupt().ShouldBeFalse("nothing was returned");
        _driver.Offer((0x1000, 1, false));
        queue.Return(queue.TryTake()!.Head, 0);
        if (moreWaiting)
            _driver.Offer((0x1000, 1, false));

        queue.ShouldInterrupt().ShouldBe(interrupts);
        queue.ShouldInterrupt().ShouldBeFalse("it was said once");
    }

    [Fact]
    public void An_available_index_that_ran_ahead_breaks_the_queue()
    {
        _driver.SetAvailable(9);

        Broken(Queue()).ShouldContain("jumped from 0 to 9");
    }

    [Fact]
    public void A_head_beyond_the_table_breaks_the_queue()
    {
        _driver.Publish(8);

        Broken(Queue()).ShouldContain("begins at descriptor 8 of 8");
    }

    [Fact]
    public void A_successor_beyond_the_table_breaks_the_queue()
    {
        _driver.Describe(0, 0x1000, 1, DriverSide.Next, 0xffff);
        _driver.Publish(0);

        Broken(Queue()).ShouldContain("leads to descriptor 65535");
    }

    [Fact]
    public void A_chain_that_loops_breaks_the_queue()
    {
        _driver.Describe(0, 0x1000, 1, DriverSide.Next, 1);
        _driver.Describe(1, 0x1000, 1, DriverSide.Next, 0);
        _driver.Publish(0);

        Broken(Queue()).ShouldContain("loops");
    }

    [Theory]
    [InlineData(RamBytes + 0x4000, 1)]
    [InlineData(RamBytes + 0x3fff, 2)]
    [InlineData(0xffffffff, 1)]
    [InlineData(0x1_0000_0000, 1)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(0x1000, 0xffffffff)]
    public void An_address_outside_of_memory_breaks_the_queue(ulong address, uint length)
    {
        _driver.Describe(0, address, length, 0, 0);
        _driver.Publish(0);

        Broken(Queue()).ShouldContain("outside of memory");
    }

    [Fact]
    public void A_buffer_may_be_beyond_the_hole_of_a_PC()
    {
        using GuestMemory memory = new(1 << 16, lowBytes: 0x8000);
        RingLayout layout = new(new GuestPhysical(0), _layout.Size, 1);
        DriverSide driver = new(memory, layout);
        memory.TryWrite(new GuestPhysical(0x9000), "hello"u8).ShouldBeTrue();
        driver.Describe(0, GuestMemory.AboveHole + 0x1000, 5, 0, 0);
        driver.Publish(0);

        byte[] text = new byte[5];
        new SplitQueue(memory, layout, SuppressionRule.Flag).TryTake().ShouldNotBeNull().Read(0, text);

        text.ShouldBe("hello"u8.ToArray());
    }

    [Fact]
    public void A_buffer_to_read_behind_one_to_write_breaks_the_queue()
    {
        _driver.Offer((0x1000, 1, true), (0x2000, 1, false));

        Broken(Queue()).ShouldContain("follows a device-writable one");
    }

    [Fact]
    public void An_indirect_table_is_followed_where_it_was_offered_and_refused_where_not()
    {
        _driver.Describe(new GuestPhysical(0x4000), 0, 0x1000, 3, DriverSide.Next, 1);
        _driver.Describe(new GuestPhysical(0x4000), 1, 0x2000, 5, DriverSide.DeviceWrites, 0);
        _driver.Describe(0, 0x4000, 32, DriverSide.Indirect, 0);
        _driver.Publish(0);

        var chain = Queue(indirect: true).TryTake().ShouldNotBeNull();
        chain.ReadableBytes.ShouldBe(3u);
        chain.WritableBytes.ShouldBe(5u);
        Broken(Queue()).ShouldContain("indirect descriptor is not allowed here");
    }

    [Theory]
    [InlineData(0, DriverSide.Indirect, "invalid length")]
    [InlineData(17, DriverSide.Indirect, "invalid length")]
    [InlineData(16, DriverSide.Indirect | DriverSide.Next, "the last of its chain")]
    public void A_malformed_indirect_descriptor_breaks_the_queue(uint length, ushort flags, string why)
    {
        _driver.Describe(0, 0x4000, length, flags, 0);
        _driver.Publish(0);

        Broken(Queue(indirect: true)).ShouldContain(why);
    }

    [Fact]
    public void An_indirect_table_inside_an_indirect_table_breaks_the_queue()
    {
        _driver.Describe(new GuestPhysical(0x4000), 0, 0x4000, 16, DriverSide.Indirect, 0);
        _driver.Describe(0, 0x4000, 16, DriverSide.Indirect, 0);
        _driver.Publish(0);

        Broken(Queue(indirect: true)).ShouldContain("is not allowed here");
    }

    [Fact]
    public void A_broken_queue_is_as_new_after_a_reset()
    {
        var queue = Queue();
        _driver.SetAvailable(9);
        Broken(queue);

        queue.Reset();

        queue.Fault.ShouldBeNull();
        queue.TryTake().ShouldBeNull();
        _memory.Span(_layout.Base, 4096).ToArray().ShouldAllBe(value => value == 0);
        new DriverSide(_memory, _layout).Offer((0x1000, 7, false));
        queue.TryTake().ShouldNotBeNull().ReadableBytes.ShouldBe(7u);
    }

    [Fact]
    public void Whatever_stands_in_a_ring_every_buffer_that_comes_out_lies_in_memory_and_no_chain_is_endless()
    {
        var random = new Random(4);
        byte[] ring = new byte[_layout.Bytes];
        int taken = 0;
        int broken = 0;
        for (int i = 0; i < Cases; i++)
        {
            random.NextBytes(ring);
            for (int descriptor = 0; descriptor < _layout.Size; descriptor++)
                Tame(ring.AsSpan(descriptor * 16, 16), random);
            for (int slot = 0; slot < _layout.Size; slot++)
            {
                ring[(16 * _layout.Size) + 4 + (slot * 2)] &= 0x0f;
                ring[(16 * _layout.Size) + 5 + (slot * 2)] = 0;
            }

            _memory.TryWrite(_layout.Base, ring);
            _driver.SetAvailable((ushort)random.Next(_layout.Size + 2));
            var queue = Queue(indirect: random.Next(2) == 0);
            for (int chains = 0; queue.TryTake() is { } chain; chains++)
            {
                chains.ShouldBeLessThanOrEqualTo(_layout.Size);
                (chain.Readable.Count + chain.Writable.Count).ShouldBeLessThanOrEqualTo(ushort.MaxValue + 1);
                foreach (var buffer in chain.Readable.Concat(chain.Writable))
                    ((ulong)buffer.Address.Value + buffer.Length).ShouldBeLessThanOrEqualTo(_memory.Length);
                queue.Return(chain.Head, 0);
                taken++;
            }

            broken += queue.Fault is null ? 0 : 1;
        }

        taken.ShouldBeGreaterThan(Cases / 20, "the random rings must reach past the first check");
        broken.ShouldBeGreaterThan(Cases / 20);
    }

    /// <summary>Makes most random descriptors plausible, so that chains get long before something is wrong with them.</summary>
    private static void Tame(Span<byte> descriptor, Random random)
    {
        if (random.Next(10) == 0)
            return;
        descriptor[3..8].Clear();
        descriptor[2] &= 0x0f;
        descriptor[10..12].Clear();
        descriptor[9] &= 0x0f;
        descriptor[12] &= (byte)(random.Next(10) == 0 ? 7 : 3);
        descriptor[14] &= 0x07;
        descriptor[15] = 0;
    }

    private static string Broken(SplitQueue queue)
    {
        queue.TryTake().ShouldBeNull();
        queue.HasMore.ShouldBeFalse();
        return queue.Fault.ShouldNotBeNull();
    }

    private SplitQueue Queue(bool indirect = false) => new(_memory, _layout, SuppressionRule.Flag, indirect);
}
