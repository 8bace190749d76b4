// The page of a network: what one Guest writes into its slot, all others read.

using Lguest.Net.Dma;

namespace Lguest.Net.Tests.Dma;

public sealed class SharedPageSpec : IDisposable
{
    private readonly SharedPage _page = new();
    private readonly DmaGuest _left = new("left", 0);
    private readonly DmaGuest _right = new("right", 681);

    public SharedPageSpec()
    {
        _page.Join(_left.Name, _left.Memory, _left.Window);
        _page.Join(_right.Name, _right.Memory, _right.Window);
    }

    [Fact]
    public void A_slot_written_by_its_owner_appears_in_all_pages()
    {
        _page.Look().ShouldBeFalse();
        _left.WriteSlot("abcdef");
        _page.Look().ShouldBeTrue();
        _page.Look().ShouldBeFalse();
        _right.Slot(0).ShouldBe("abcdef");
        _right.WriteSlot("uvwxyz");
        _page.Look().ShouldBeTrue();
        _left.Slot(681).ShouldBe("uvwxyz");
        _page.Own.Count().ShouldBe(2);
    }

    [Fact]
    public void Two_slots_that_are_written_between_two_looks_are_news_as_one_is()
    {
        _left.WriteSlot("abcdef");
        _right.WriteSlot("uvwxyz");
        _page.Look().ShouldBeTrue();
        (_right.Slot(0), _left.Slot(681)).ShouldBe(("abcdef", "uvwxyz"));
        _page.Look().ShouldBeFalse();
    }

    [Fact]
    public void What_is_there_already_is_no_news()
    {
        _page.Apply(7, 5).ShouldBeTrue();
        _page.Apply(7, 5).ShouldBeFalse();
        _page.Apply(9, 0).ShouldBeFalse();
        _page.Leave("right").ShouldBeFalse("it had written nothing into its slot");
    }

    [Fact]
    public void A_newcomer_finds_who_is_there_and_who_leaves_is_gone()
    {
        _left.WriteSlot("abcdef");
        _page.Look();
        using DmaGuest third = new("third", 5);
        _page.Join(third.Name, third.Memory, third.Window);
        third.Slot(0).ShouldBe("abcdef");
        _page.Leave("left").ShouldBeTrue();
        third.Slot(0).ShouldBe("\0\0\0\0\0\0");
        _right.Slot(0).ShouldBe("\0\0\0\0\0\0");
        _page.Leave("left").ShouldBeFalse();
    }

    [Fact]
    public void Slots_of_other_nodes_come_and_go_but_ones_own_are_ones_own()
    {
        _page.Apply(7, 0x0000_6564_6362_6100 | 'z').ShouldBeTrue();
        _left.Slot(7).ShouldBe("zabcde");
        _right.Slot(7).ShouldBe("zabcde");
        _page.Apply(7, 0).ShouldBeTrue();
        _left.Slot(7).ShouldBe("\0\0\0\0\0\0");
        _page.Apply(0, 1).ShouldBeFalse();
        _page.Apply(SharedPage.Slots, 1).ShouldBeFalse();
        _page.Apply(-1, 1).ShouldBeFalse();
        _page.Own.ShouldBeEmpty();
    }

    [Fact]
    public void Each_slot_is_six_bytes_next_to_the_others_and_nobody_elses()
    {
        using DmaGuest second = new("second", 1);
        using DmaGuest third = new("third", 2);
        _page.Join(second.Name, second.Memory, second.Window);
        _page.Join(third.Name, third.Memory, third.Window);
        _left.WriteSlot("abcdef");
        second.WriteSlot("ghijkl");
        third.WriteSlot("mnopqr");
        _page.Look().ShouldBeTrue();
        foreach (var guest in (DmaGuest[])[_left, second, third, _right])
            guest.Text(guest.Window.Start.Value, 19).ShouldBe("abcdefghijklmnopqr\0");

        // The one in front changes: those after it stay.
        _left.WriteSlot("ABCDEF");
        _page.Look().ShouldBeTrue();
        _page.Leave("second").ShouldBeTrue();
        _right.Text(_right.Window.Start.Value, 19).ShouldBe("ABCDEF\0\0\0\0\0\0mnopqr\0");
        _page.Own.ShouldBe([(0, 0x4645_4443_4241ul), (2, 0x7271_706f_6e6dul)]);
    }

    [Fact]
    public void What_a_guest_writes_into_the_slot_of_another_is_its_own_affair()
    {
        _left.Memory.TryWrite(_left.Window.Start + 6, "abcdef"u8.ToArray());
        _page.Look().ShouldBeFalse();
        _right.Slot(1).ShouldBe("\0\0\0\0\0\0");
    }

    [Fact]
    public void The_page_is_empty_when_all_have_left_and_their_memory_is_not_touched_any_more()
    {
        _page.IsEmpty.ShouldBeFalse();
        _page.Leave("left");
        _page.Apply(7, 1).ShouldBeTrue();
        _left.Slot(7).ShouldBe("\0\0\0\0\0\0");
        _page.Apply(0, 1).ShouldBeTrue("its slot is free for a Guest of another node");
        _page.IsEmpty.ShouldBeFalse();
        _page.Leave("right");
        _page.IsEmpty.ShouldBeTrue();
        new SharedPage().IsEmpty.ShouldBeTrue();

        _left.Memory.Dispose();
        _left.Memory.TryHold().ShouldBeNull("nothing holds it");
        _right.Memory.Dispose();
        _right.Memory.TryHold().ShouldBeNull("nothing holds it");
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }
}
