// The sheet's checklist 13.1, line 5: the ring is drained in order before each direct call.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Hypercalls;

public sealed unsafe class AsyncRingSpec
{
    private static readonly ExitReason _waiting = new ExitReason.Notify(new GuestPhysical(0x5000));

    [Theory]
    [MemberData(nameof(TestGuest.Generation2Families), MemberType = typeof(TestGuest))]
    public void Queued_calls_are_done_in_order_before_the_direct_call_and_marked_free(AbiFamily family)
    {
        using var guest = Waiting(family);
        guest.Queue(0, Hypercall.TaskSwitched, 8);
        guest.Queue(1, Hypercall.SetStack, 0x69, 0x1000, 0);
        guest.Queue(2, Hypercall.SetStack, 0x69, 0x2000, 1);
        guest.Run().ShouldBe(_waiting);
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(3);
        for (int i = 0; i < 3; i++)
            guest.Status(i).ShouldBe((byte)0xff);
        (guest.Cpu->Cr0 & 8).ShouldBe(8u);
        guest.Slot.TrapStackPointer.ShouldBe(0x2000u);
    }

    [Fact]
    public void A_full_ring_is_done_once_round_and_the_cursor_stays_where_it_ended()
    {
        using var guest = Waiting();
        for (int i = 0; i < LguestDataLayout.RingSlots; i++)
            guest.Queue(i, Hypercall.FlushTlb);
        guest.Run().ShouldBe(_waiting);
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(64);
        Notifications(guest).ShouldBe(2, "the direct call was done as well");
        guest.Slot.Statistics().DirectHypercalls.ShouldBe(3, "init, and a notification in each of two runs: none had to be made again");
        guest.Queue(0, Hypercall.SetStack, 0x69, 0x1000, 0);
        guest.Run();
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(65);
        guest.Slot.TrapStackPointer.ShouldBe(0x1000u, "after the last slot comes the first");
        guest.Status(0).ShouldBe((byte)0xff);
    }

    [Fact]
    public void A_slot_behind_a_free_one_waits()
    {
        using var guest = Waiting();
        guest.Queue(1, Hypercall.FlushTlb);
        guest.Run();
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(0);
        guest.Status(1).ShouldBe((byte)0);
    }

    [Fact]
    public void A_queued_call_that_leaves_goes_on_from_the_cursor_and_the_direct_call_comes_last()
    {
        using var guest = Waiting();
        guest.Queue(0, Hypercall.Notify, 0x1000);
        guest.Queue(1, Hypercall.Notify, 0x2000);
        guest.Queue(2, Hypercall.FlushTlb);
        guest.Run().ShouldBe(new ExitReason.Notify(new GuestPhysical(0x1000)));
        guest.Status(0).ShouldBe((byte)0xff);
        guest.Status(1).ShouldBe((byte)0);
        guest.Run().ShouldBe(new ExitReason.Notify(new GuestPhysical(0x2000)));
        guest.Run().ShouldBe(_waiting);
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(3);
        Notifications(guest).ShouldBe(4);
        guest.Run().ShouldBe(_waiting);
        guest.Slot.Statistics().DirectHypercalls.ShouldBe(4, "init, and one notification for each time round");
        Notifications(guest).ShouldBe(5);
    }

    [Fact]
    public void A_bad_call_in_the_ring_kills_like_a_direct_one()
    {
        using var guest = Waiting();
        guest.Queue(0, (Hypercall)11);
        guest.RunToDeath().Reason.ShouldBe(KillReason.UnknownHypercall);
    }

    [Fact]
    public void A_new_root_may_come_through_the_ring()
    {
        using var guest = Waiting();
        var tables = new TwoLevelTables(guest.Memory, 0x400000).MapIdentity(0, 8);
        guest.Queue(0, Hypercall.NewPageTable, tables.Root);
        guest.Queue(1, Hypercall.SetPageTableEntry, tables.Root, 0x300000, 0, 0);
        guest.Run().ShouldBe(_waiting);
        guest.Cpu->Cr3.ShouldBe(tables.Root);
        (guest.Cpu->Cr0 >> 31).ShouldBe(1u);
    }

    private static long Notifications(TestGuest guest) => guest.Slot.Statistics().HypercallsByNumber[(int)Hypercall.Notify];

    /// <summary>A Guest that notifies 0x5000 for ever, standing after its first NOTIFY.</summary>
    private static TestGuest Waiting(AbiFamily family = AbiFamily.Linux3)
    {
        var guest = TestGuest.Of(family);
        guest.Raw(a =>
        {
            var again = a.CreateLabel();
            a.mov(esp, TestGuest.StackTop);
            guest.Init(a);
            a.Label(ref again);
            guest.Call(a, Hypercall.Notify, 0x5000);
            a.jmp(again);
        });
        guest.Run().ShouldBe(_waiting);
        return guest;
    }
}
