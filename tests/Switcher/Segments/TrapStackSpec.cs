// SET_STACK: which stacks are accepted, and that each page which the Guest has promised is there for writing, at once and after each change
// of its page tables.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Segments;

public sealed class TrapStackSpec
{
    private const uint Root = 0x400000;
    private const uint Top = 0x10002000;
    private const uint AccessedAndDirty = 0x60;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, AccessedAndDirty)]
    [InlineData(2, AccessedAndDirty, AccessedAndDirty)]
    public void As_many_pages_below_the_pointer_are_used_as_were_named(int count, uint second, uint first)
    {
        using var guest = Mapped(out var tables, pages: 2);
        guest.Slot.Stack.Set(0x69, Top, (uint)count);
        guest.Slot.End.ShouldBeNull();
        (tables.Entry(Top - 0x2000) & AccessedAndDirty).ShouldBe(second);
        (tables.Entry(Top - 0x1000) & AccessedAndDirty).ShouldBe(first);
    }

    [Fact]
    public void The_first_page_is_the_one_with_the_byte_below_the_pointer()
    {
        using var guest = Mapped(out var tables, pages: 2);
        guest.Slot.Stack.Set(0x69, Top - 0x1000 + 1, 1);
        (tables.Entry(Top - 0x1000) & AccessedAndDirty).ShouldBe(AccessedAndDirty);
        (tables.Entry(Top - 0x2000) & AccessedAndDirty).ShouldBe(0u);
    }

    [Fact]
    public void The_second_page_must_be_there_too()
    {
        using var guest = Mapped(out _, pages: 1);
        guest.Slot.Stack.Set(0x69, Top, 2);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadStackPage, "bad stack page 10000fff"));
    }

    [Fact]
    public void A_stack_that_cannot_be_written_is_none()
    {
        using var guest = Mapped(out var tables, pages: 1);
        tables.Map(Top - 0x1000, 0x500000, 5);
        guest.Slot.Stack.Set(0x69, Top, 1);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadStackPage, "bad stack page 10001fff"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_looked_at_again_when_everything_is_forgotten_and_in_each_new_address_space(bool isNewRoot)
    {
        using var guest = Mapped(out var tables, pages: 1);
        guest.Slot.Stack.Set(0x69, Top, 1);
        tables.Map(Top - 0x1000, 0x500000, 5);
        guest.Slot.End.ShouldBeNull();
        if (isNewRoot)
            guest.Slot.Pager.NewPageTable(new GuestPhysical(Root));
        else
            guest.Slot.Pager.Flush(everything: true);
        guest.Slot.End.ShouldBeOfType<GuestEnd.Killed>().Reason.ShouldBe(KillReason.BadStackPage);
    }

    [Fact]
    public void What_was_refused_changes_nothing()
    {
        using var guest = Mapped(out _, pages: 2);
        guest.Slot.Stack.Set(0x69, Top, 2);
        guest.Slot.Stack.Set(0x6a, Top - 0x1000, 1);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadStackSegment, "bad stack segment 6a"));
        guest.Slot.TrapStackPointer.ShouldBe(Top);
        guest.Slot.Stack.Set(0x69, Top - 0x1000, 3);
        guest.Slot.TrapStackPointer.ShouldBe(Top);
    }

    private static TestGuest Mapped(out TwoLevelTables tables, uint pages)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        tables = new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8);
        for (uint i = 1; i <= pages; i++)
            tables.Map(Top - (i * 0x1000), 0x500000 + (i * 0x1000), 7);
        guest.Slot.Pager.NewPageTable(new GuestPhysical(Root));
        return guest;
    }
}
