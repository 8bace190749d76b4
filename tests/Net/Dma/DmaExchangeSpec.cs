// The sheet's sections 9.2 to 9.5, rule by rule.

using Lguest.Guest.Memory;
using Lguest.Net.Dma;

namespace Lguest.Net.Tests.Dma;

public sealed class DmaExchangeSpec : IDisposable
{
    private readonly DmaExchange _exchange = new();
    private readonly DmaGuest _left = new("left", 0);
    private readonly DmaGuest _right = new("right", 1);

    public DmaExchangeSpec()
    {
        _exchange.Attach(_left.Name, _left.Memory, _left.Windows);
        _exchange.Attach(_right.Name, _right.Memory, _right.Windows);
    }

    [Fact]
    public void A_send_copies_into_the_first_free_buffer_and_both_sides_see_the_length()
    {
        BindRight(2);
        var result = _exchange.Send("left", _left.Key(1), _left.Message("hello"));
        result.ShouldBe(new DmaResult(DmaOutcome.Delivered, 5, "right", 7));
        result.Raises.ShouldBeTrue();
        _right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        _right.Used(0).ShouldBe(5u);
        _right.Used(1).ShouldBe(0u);
        _left.Word(DmaGuest.Sent).ShouldBe(5u);
    }

    [Fact]
    public void The_search_goes_on_behind_the_last_buffer_found_and_comes_round()
    {
        BindRight(2);
        _exchange.Send("left", _left.Key(1), _left.Message("one"));
        _right.Free(1);
        _exchange.Send("left", _left.Key(1), _left.Message("two"));
        _right.Used(0).ShouldBe(0u);
        _right.Text(DmaGuest.Data + 0x1000, 3).ShouldBe("two");
        _exchange.Send("left", _left.Key(1), _left.Message("three"));
        _right.Text(DmaGuest.Data, 5).ShouldBe("three");
    }

    [Theory]
    [InlineData(new uint[] { 9, 0, 0 }, 1)]
    [InlineData(new uint[] { 9, 9, 0 }, 2)]
    public void What_the_guest_keeps_for_itself_is_passed_over_for_the_next_that_is_free(uint[] used, int found)
    {
        BindRight(3);
        for (int i = 0; i < used.Length; i++)
            _right.Memory.TryWrite(new GuestPhysical(DmaGuest.Buffers + (uint)(i * DmaDescriptor.Size)), used[i]);

        _exchange.Send("left", _left.Key(1), _left.Message("hello")).Outcome.ShouldBe(DmaOutcome.Delivered);

        used[found] = 5;
        Enumerable.Range(0, 3).Select(_right.Used).ShouldBe(used);
    }

    [Fact]
    public void Who_goes_takes_bindings_of_shared_keys_with_it_if_it_had_any()
    {
        _exchange.Bind("left", new GuestPhysical(0x100), _left.Free(1), 1, 9).ShouldBeTrue();
        _exchange.Detach("left").ShouldBeFalse("nobody else could reach that key");
        _exchange.Bind("right", _right.Key(1), _right.Free(1), 1, 7).ShouldBeTrue();
        _exchange.Bind("right", _right.Key(2), _right.Free(1), 1, 7).ShouldBeTrue();
        _exchange.Detach("right").ShouldBeTrue();
    }

    [Fact]
    public void Only_a_receiver_without_a_free_buffer_is_full()
    {
        var key = _exchange.KeyOf("right", _right.Key(1));
        _exchange.IsFull(key, "left").ShouldBeFalse("nobody is bound");
        BindRight(1);
        _exchange.IsFull(key, "left").ShouldBeFalse();
        _exchange.Send("left", _left.Key(1), _left.Message("x"));
        _exchange.IsFull(key, "left").ShouldBeTrue();
        _exchange.IsFull(key, "right").ShouldBeFalse("one's own buffers do not count");
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Ram + 0x1fff), 1, 7).ShouldBeTrue();
        _exchange.IsFull(key, "left").ShouldBeFalse("its array is nowhere: that is another ending");
    }

    [Fact]
    public void Without_a_free_buffer_the_interrupt_is_due_and_nothing_is_written()
    {
        BindRight(1);
        _exchange.Send("left", _left.Key(1), _left.Message("first"));
        var result = _exchange.Send("left", _left.Key(1), _left.Message("second"));
        result.ShouldBe(new DmaResult(DmaOutcome.NoBuffer, 0, "right", 7));
        result.Raises.ShouldBeTrue();
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
        _right.Text(DmaGuest.Data, 5).ShouldBe("first");
    }

    [Fact]
    public void An_array_of_no_buffers_is_full()
    {
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 0, 7).ShouldBeTrue();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NoBuffer);
    }

    [Fact]
    public void Nobody_bound_nothing_happens()
    {
        _exchange.Send("left", _left.Key(1), _left.Message("x")).ShouldBe(default);
        _left.Word(DmaGuest.Sent).ShouldBe(0u);
    }

    [Fact]
    public void A_sender_is_never_its_own_receiver()
    {
        _exchange.Bind("left", _left.Key(1), _left.Free(1), 1, 3).ShouldBeTrue();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NobodyBound);
        BindRight(1);
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Receiver.ShouldBe("right");
    }

    [Fact]
    public void Only_one_receiver_gets_it_the_one_who_bound_last()
    {
        using DmaGuest third = new("third", 2);
        _exchange.Attach("third", third.Memory, third.Windows);
        BindRight(1);
        _exchange.Bind("third", third.Key(1), third.Free(1), 1, 4).ShouldBeTrue();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Receiver.ShouldBe("third");
        _right.Used(0).ShouldBe(0u);
    }

    [Fact]
    public void Keys_of_ones_own_memory_mean_nothing_to_others()
    {
        _exchange.Bind("right", new GuestPhysical(0x100), _right.Free(1), 1, 7).ShouldBeTrue();
        _exchange.Send("left", new GuestPhysical(0x100), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NobodyBound);
        _exchange.KeyOf("left", new GuestPhysical(0x100)).ShouldNotBe(_exchange.KeyOf("right", new GuestPhysical(0x100)));
        _exchange.KeyOf("left", _left.Key(5)).ShouldBe(_exchange.KeyOf("right", _right.Key(5)));
    }

    [Fact]
    public void Pages_of_other_names_are_other_networks()
    {
        using DmaGuest stranger = new("stranger", 1, "other");
        _exchange.Attach("stranger", stranger.Memory, stranger.Windows);
        _exchange.Bind("stranger", stranger.Key(1), stranger.Free(1), 1, 4);
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NobodyBound);
    }

    [Fact]
    public void Sections_of_different_cuts_are_copied_right()
    {
        _right.Describe(DmaGuest.Buffers, 0, (DmaGuest.Data, 3), (DmaGuest.Data + 0x100, 1), (DmaGuest.Data + 0x200, 100));
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7);
        _left.Memory.TryWrite(new GuestPhysical(DmaGuest.Data), "abcdefghij"u8.ToArray());
        var sent = _left.Describe(DmaGuest.Sent, 0, (DmaGuest.Data, 2), (DmaGuest.Data + 2, 8));
        _exchange.Send("left", _left.Key(1), sent).Bytes.ShouldBe(10);
        (_right.Text(DmaGuest.Data, 3) + _right.Text(DmaGuest.Data + 0x100, 1) + _right.Text(DmaGuest.Data + 0x200, 6))
            .ShouldBe("abcdefghij");
    }

    [Fact]
    public void A_small_buffer_takes_what_it_can_and_both_are_told()
    {
        _exchange.Bind("right", _right.Key(1), _right.Free(1, length: 4), 1, 7);
        _exchange.Send("left", _left.Key(1), _left.Message("abcdef")).Bytes.ShouldBe(4);
        _left.Word(DmaGuest.Sent).ShouldBe(4u);
        _right.Used(0).ShouldBe(4u);
    }

    [Fact]
    public void A_full_list_of_sixteen_sections_is_one()
    {
        var sections = Enumerable.Range(0, 16).Select(i => (DmaGuest.Data + (uint)(i * 0x1000), 4096)).ToArray();
        _right.Describe(DmaGuest.Buffers, 0, sections);
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7);
        _exchange.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0, sections)).Bytes.ShouldBe(DmaDescriptor.MostBytes);
    }

    [Fact]
    public void A_buffer_that_takes_nothing_is_not_marked_and_raises_nothing()
    {
        _right.Describe(DmaGuest.Buffers, 0);
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7);
        var result = _exchange.Send("left", _left.Key(1), _left.Message("x"));
        result.Outcome.ShouldBe(DmaOutcome.NothingCopied);
        result.Raises.ShouldBeFalse();

        var key = _exchange.KeyOf("right", _right.Key(1));
        _exchange.Receive(key, "x"u8).Outcome.ShouldBe(DmaOutcome.NothingCopied);
        _exchange.Receive(key, []).Outcome.ShouldBe(DmaOutcome.Delivered, "there was nothing to take");
    }

    [Fact]
    public void An_empty_send_is_delivered_though_it_marks_nothing()
    {
        BindRight(1);
        var result = _exchange.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0));
        result.ShouldBe(new DmaResult(DmaOutcome.Delivered, 0, "right", 7));
        result.Raises.ShouldBeTrue();
        _right.Used(0).ShouldBe(0u);
    }

    [Theory]
    [InlineData(DmaGuest.Data, 4097)]
    [InlineData(DmaGuest.Data + 0xfff, 2)]
    [InlineData(DmaGuest.Ram + 0x2000, 4)]
    [InlineData(0xffff_fff0u, 8)]
    public void A_bad_section_is_its_owners_fault(uint address, int length)
    {
        BindRight(1);
        var sent = _exchange.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0, (DmaGuest.Data, 4), (address, length)));
        sent.Outcome.ShouldBe(DmaOutcome.SenderOffended);
        sent.Offence.ShouldBe(DmaOffence.BadEntry);
        sent.Detail.ShouldBe($"bad DMA entry: {length}@0x{address:x}");
        _right.Used(0).ShouldBe(0u);

        _right.Describe(DmaGuest.Buffers, 0, (address, length));
        var received = _exchange.Send("left", _left.Key(1), _left.Message("x"));
        received.Outcome.ShouldBe(DmaOutcome.ReceiverOffended);
        received.Receiver.ShouldBe("right");
        _exchange.Receive(_exchange.KeyOf("right", _right.Key(1)), "x"u8).Outcome.ShouldBe(DmaOutcome.ReceiverOffended);
    }

    [Fact]
    public void Descriptors_outside_of_memory_are_their_owners_fault()
    {
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Ram + 0x1fff), 1, 7).ShouldBeTrue();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).ShouldBe(new DmaResult(DmaOutcome.ReceiverOffended, 0, "right", 7,
            DmaOffence.BadAddress, $"bad address 0x{DmaGuest.Ram + 0x1fff:x} in registered DMA struct"));
        _exchange.Send("left", _left.Key(1), new GuestPhysical(0xffff_fff0)).ShouldSatisfyAllConditions(
            result => result.Outcome.ShouldBe(DmaOutcome.SenderOffended),
            result => result.Offence.ShouldBe(DmaOffence.BadAddress),
            result => result.Detail.ShouldBe("bad address 0xfffffff0 in sending DMA"));
        _exchange.Bind("left", _left.Key(0), new GuestPhysical(0xffff_ffc0), 3, 7).ShouldBeTrue();
        _exchange.Send("right", _right.Key(0), _right.Message("x")).Outcome.ShouldBe(DmaOutcome.ReceiverOffended);
    }

    [Fact]
    public void A_guest_can_have_thirty_two_bindings()
    {
        for (int i = 0; i < 32; i++)
            _exchange.Bind("left", new GuestPhysical((uint)(i * 4)), new GuestPhysical(DmaGuest.Buffers), 1, 1).ShouldBeTrue();
        _exchange.Bind("left", new GuestPhysical(400), new GuestPhysical(DmaGuest.Buffers), 1, 1).ShouldBeFalse();
        _exchange.Bind("left", new GuestPhysical(4), new GuestPhysical(DmaGuest.Buffers), 1, 0).ShouldBeTrue();
        _exchange.Bind("left", new GuestPhysical(400), new GuestPhysical(DmaGuest.Buffers), 1, 1).ShouldBeTrue();
    }

    [Fact]
    public void Unbinding_wants_the_same_key_and_array()
    {
        BindRight(1);
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers + 4), 1, 0).ShouldBeFalse();
        _exchange.Bind("right", _right.Key(2), new GuestPhysical(DmaGuest.Buffers), 1, 0).ShouldBeFalse();
        _exchange.SharedKeys.ShouldHaveSingleItem();
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 0).ShouldBeTrue();
        _exchange.SharedKeys.ShouldBeEmpty();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NobodyBound);
    }

    [Fact]
    public void GetDma_gives_the_first_free_buffer_with_the_irq_in_it_and_none_where_all_are_taken()
    {
        GuestPhysical key = new(0x100);
        _exchange.Take("left", key).ShouldBeNull();
        _exchange.Bind("left", key, _left.Free(2), 2, 9);
        _exchange.Take("left", key).ShouldBe(new GuestPhysical(DmaGuest.Buffers));
        _left.Used(0).ShouldBe(9u);
        _exchange.Take("left", key).ShouldBe(new GuestPhysical(DmaGuest.Buffers + DmaDescriptor.Size));
        _exchange.Take("left", key).ShouldBeNull();
        _exchange.Take("right", key).ShouldBeNull();
    }

    [Fact]
    public void The_launcher_reaches_only_its_own_guest()
    {
        GuestPhysical key = new(0);
        _exchange.Bind("left", key, _left.Free(1), 1, 9);
        _exchange.Deliver("right", key, "x"u8).Outcome.ShouldBe(DmaOutcome.NobodyBound);
        _exchange.Deliver("left", key, "typed"u8).ShouldBe(new DmaResult(DmaOutcome.Delivered, 5, "left", 9));
        _left.Text(DmaGuest.Data, 5).ShouldBe("typed");
        _exchange.Deliver("left", key, "more"u8).Outcome.ShouldBe(DmaOutcome.NoBuffer);
    }

    [Fact]
    public void Who_has_gone_is_bound_to_nothing()
    {
        BindRight(1);
        _exchange.Detach("right").ShouldBeTrue();
        _exchange.Detach("right").ShouldBeFalse();
        _exchange.Send("left", _left.Key(1), _left.Message("x")).Outcome.ShouldBe(DmaOutcome.NobodyBound);
        _exchange.Bind("right", _right.Key(1), new GuestPhysical(DmaGuest.Buffers), 1, 7).ShouldBeFalse();
    }

    [Fact]
    public void What_arrives_by_a_shared_key_is_counted_at_both_ends_and_nothing_else_is()
    {
        BindRight(2);
        _exchange.Send("left", _left.Key(1), _left.Message("hello"));
        _exchange.Send("left", _left.Key(1), _left.Message("you"));
        _exchange.Send("left", _left.Key(1), _left.Message("no buffer is left for this"));
        _exchange.TrafficOf("left").ShouldBe(new DmaTraffic(0, 0, 2, 8));
        _exchange.TrafficOf("right").ShouldBe(new DmaTraffic(2, 8, 0, 0));

        // Bytes from another node, and a receiver on another node.
        _right.Free(1);
        _exchange.Receive(_exchange.KeyOf("right", _right.Key(1)), "from afar"u8);
        _exchange.Report("left", new GuestPhysical(DmaGuest.Sent), 11);
        _left.Word(DmaGuest.Sent).ShouldBe(11u);
        _exchange.TrafficOf("right").ShouldBe(new DmaTraffic(3, 17, 0, 0));
        _exchange.TrafficOf("left").ShouldBe(new DmaTraffic(0, 0, 3, 19));

        // What a Launcher brings to its own Guest's console or disk, and what has no bytes.
        GuestPhysical own = new(0x100);
        _exchange.Bind("left", own, _left.Free(1), 1, 9);
        _exchange.Deliver("left", own, "typed"u8).Outcome.ShouldBe(DmaOutcome.Delivered);
        _right.Free(2);
        _exchange.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0)).Outcome.ShouldBe(DmaOutcome.Delivered);
        _exchange.Report("left", new GuestPhysical(DmaGuest.Sent), 0);
        _exchange.TrafficOf("left").ShouldBe(new DmaTraffic(0, 0, 3, 19));
        _exchange.TrafficOf("right").ShouldBe(new DmaTraffic(3, 17, 0, 0));
        _exchange.TrafficOf("nobody").ShouldBe(default);
    }

    [Fact]
    public void What_is_sent_to_another_node_is_the_bytes_of_all_sections_in_order()
    {
        _left.Memory.TryWrite(new GuestPhysical(DmaGuest.Data), "abcdefghijklmnop"u8.ToArray());
        var letters = Enumerable.Range(0, 16).Select(i => (DmaGuest.Data + (uint)(15 - i), 1)).ToArray();

        _exchange.Gather("left", _left.Describe(DmaGuest.Sent, 0, letters), out byte[]? bytes)
            .ShouldBe(new DmaResult(DmaOutcome.Delivered, 16));
        System.Text.Encoding.ASCII.GetString(bytes!).ShouldBe("ponmlkjihgfedcba");

        _exchange.Gather("left", _left.Describe(DmaGuest.Sent, 0, (DmaGuest.Data + 1, 4096)), out bytes)
            .Offence.ShouldBe(DmaOffence.BadEntry);
        bytes.ShouldBeNull();
        _exchange.Gather("nobody", new GuestPhysical(DmaGuest.Sent), out bytes).ShouldBe(default);
        _exchange.Report("nobody", new GuestPhysical(DmaGuest.Sent), 5);
    }

    [Fact]
    public void The_sixteenth_section_is_the_last_on_either_side()
    {
        var ones = Enumerable.Range(0, 16).Select(i => (DmaGuest.Data + (uint)i, 1)).ToArray();
        BindRight(1);
        _exchange.Send("left", _left.Key(1), _left.Describe(DmaGuest.Sent, 0, ones)).Bytes.ShouldBe(16);

        _right.Describe(DmaGuest.Buffers, 0, ones);
        _exchange.Send("left", _left.Key(1), _left.Message("seventeen letters")).Bytes.ShouldBe(16);
        _right.Text(DmaGuest.Data, 16).ShouldBe("seventeen letter");
    }

    [Fact]
    public void A_key_of_a_shared_page_is_its_offset_there_wherever_the_page_lies_in_a_guest()
    {
        using DmaGuest third = new("third", 2);
        GuestPhysical start = new(DmaGuest.Ram);
        _exchange.Attach("third", third.Memory, [third.Window with { Start = start }]);
        _exchange.Bind("third", start + 12, third.Free(1), 1, 4).ShouldBeTrue();

        _exchange.Send("left", _left.Window.Start + 12, _left.Message("x")).Receiver.ShouldBe("third");
        _exchange.KeyOf("third", start + 4095).ShouldBe(_exchange.KeyOf("left", _left.Window.Start + 4095));
        foreach (var outside in (GuestPhysical[])[new(DmaGuest.Ram - 1), start + 4096])
            _exchange.KeyOf("third", outside).ShouldBe(new DmaKey(null, "third", outside.Value), "it is not in the page");
    }

    [Fact]
    public void A_receivers_fault_and_a_buffer_that_takes_nothing_leave_nothing_arrived_at_the_sender()
    {
        BindRight(1);
        foreach (var buffer in ((uint, int)[][])[[(DmaGuest.Data, 4097)], []])
        {
            _right.Describe(DmaGuest.Buffers, 0, buffer);
            var sent = _left.Message("x");
            _left.Memory.TryWrite(sent, 77u);
            _exchange.Send("left", _left.Key(1), sent).Bytes.ShouldBe(0);
            _left.Word(DmaGuest.Sent).ShouldBe(0u);
        }
    }

    [Fact]
    public void Memory_is_kept_there_for_who_takes_part_and_no_longer()
    {
        _left.Memory.Dispose();
        _left.Memory.TryHold().ShouldNotBeNull().Dispose();
        _exchange.Detach("left");
        _left.Memory.TryHold().ShouldBeNull("who has gone needs it no more");

        _exchange.Attach("left", _left.Memory, _left.Windows).ShouldBeFalse();
        _exchange.Bind("left", _left.Key(0), new GuestPhysical(DmaGuest.Buffers), 1, 1).ShouldBeFalse();
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    private void BindRight(int buffers) => _exchange.Bind("right", _right.Key(1), _right.Free(buffers), buffers, 7).ShouldBeTrue();
}
