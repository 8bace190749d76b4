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

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }
}
