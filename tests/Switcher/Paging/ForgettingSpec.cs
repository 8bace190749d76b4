// What the processor remembers of page tables, and which paging call makes it forget what: a page, the user's half, everything, nothing.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Paging;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Paging;

public sealed class ForgettingSpec
{
    private const uint Root = 0x400000;
    private const uint OtherRoot = 0x7000;
    private const uint Low = 0x10123000;
    private const uint High = TestGuest.KernelAddress;
    private const uint Before = 0x500000;
    private const uint After = 0x501000;
    private const string Both = "low and high", OnlyLow = "low", OnlyHigh = "high", Nothing = "nothing";

    [Fact]
    public void Without_a_call_nothing_is_forgotten() => Forgotten(AbiFamily.Linux3, _ => { }).ShouldBe(Nothing);

    [Theory]
    [InlineData(Root, Low, OnlyLow)]
    [InlineData(OtherRoot, Low, Nothing)]
    [InlineData(OtherRoot, High, OnlyHigh)]
    [InlineData(Root, High, OnlyHigh)]
    public void Set_pte_concerns_one_page_of_this_space_and_in_the_kernels_half_of_all(uint root, uint address, string forgotten) =>
        Forgotten(AbiFamily.Linux3, pager => pager.SetEntry(new GuestPhysical(root), new GuestVirtual(address))).ShouldBe(forgotten);

    [Theory]
    [InlineData(false, OnlyLow)]
    [InlineData(true, Both)]
    public void Flush_tlb_concerns_the_users_half_or_everything(bool everything, string forgotten) =>
        Forgotten(AbiFamily.Linux3, pager => pager.Flush(everything)).ShouldBe(forgotten);

    [Theory]
    [InlineData(AbiFamily.Linux3, Root, Low >> 22, OnlyLow)]
    [InlineData(AbiFamily.Linux3, Root, 767, OnlyLow)]
    [InlineData(AbiFamily.Linux3, Root, 768, Both)]
    [InlineData(AbiFamily.Linux3, Root, 1023, Both)]
    [InlineData(AbiFamily.Linux3, OtherRoot, 768, Nothing)]
    [InlineData(AbiFamily.Linux3, OtherRoot, Low >> 22, Nothing)]
    [InlineData(AbiFamily.Linux2631, Root, 1022, Both)]
    [InlineData(AbiFamily.Linux2631, Root, 1023, Nothing)] // the Switcher's
    [InlineData(AbiFamily.Linux2631, Root, 5000, Nothing)]
    public void Set_pgd_concerns_the_half_that_its_entry_is_in_if_it_is_of_this_space(
        AbiFamily family, uint root, uint index, string forgotten) =>
        Forgotten(family, pager => pager.SetDirectory(new GuestPhysical(root), index)).ShouldBe(forgotten);

    [Theory]
    [InlineData(AbiFamily.Linux3, 0, OnlyLow)]
    [InlineData(AbiFamily.Linux3, 2, OnlyLow)]
    [InlineData(AbiFamily.Linux3, 3, Both)]
    [InlineData(AbiFamily.Linux2631, 2, OnlyLow)]
    [InlineData(AbiFamily.Linux2631, 3, Both)]
    [InlineData(AbiFamily.Linux2631, 4, Nothing)]
    public void A_pae_guest_has_four_such_entries_of_a_gigabyte(AbiFamily family, uint index, string forgotten) =>
        Forgotten(family, pager => pager.SetDirectory(new GuestPhysical(Root), index), pae: true).ShouldBe(forgotten);

    [Fact]
    public void A_fifth_kills_a_late_one()
    {
        using var guest = Looking(AbiFamily.Linux3, pae: true, out _);
        guest.Slot.Pager.SetDirectory(new GuestPhysical(Root), 3);
        guest.Slot.End.ShouldBeNull();
        guest.Slot.Pager.SetDirectory(new GuestPhysical(Root), 4);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.SetPgdOutOfRange, "attempt to set pgd 4 out of range"));
    }

    [Fact]
    public void A_new_root_concerns_the_users_half_once_the_kernel_has_left_the_tables_that_it_started_with()
    {
        // The first root of a kernel of 3.x, which starts without tables, was given when it started to look.
        var root = new GuestPhysical(Root);
        Forgotten(AbiFamily.Linux3, pager => pager.NewPageTable(root)).ShouldBe(Both);
        Forgotten(AbiFamily.Linux3, pager => pager.NewPageTable(root), before: pager => pager.NewPageTable(root)).ShouldBe(OnlyLow);
        Forgotten(AbiFamily.Linux2631, pager => pager.NewPageTable(root)).ShouldBe(OnlyLow, "it had boot tables before");
    }

    [Fact]
    public void The_first_root_of_a_kernel_with_boot_tables_concerns_everything()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2631);
        guest.Memory.TryWrite(new GuestPhysical(Before), 1u);
        guest.Memory.TryWrite(new GuestPhysical(After), 2u);
        new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(High + Before, After, 7);
        guest.Boot(a =>
        {
            a.mov(eax, __dword_ptr[High + Before]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Call(a, Hypercall.NewPageTable, Root);
            a.mov(eax, __dword_ptr[High + Before]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        }).RunToDone();
        (guest.Result(0), guest.Result(1)).ShouldBe((1u, 2u));
    }

    [Fact]
    public void With_its_boot_tables_what_was_reached_without_them_is_looked_up_again()
    {
        const uint At = 0x350000, Accessed = 0x20;
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.Raw(a =>
        {
            a.mov(esp, TestGuest.StackTop);
            a.mov(ecx, __dword_ptr[At]);
            guest.Init(a);
            a.mov(ecx, __dword_ptr[At]);
            guest.Done(a);
        }).RunToDone();
        uint table = guest.Word(guest.Memory.RamBytes - 4096) & ~0xfffu;
        (guest.Word(table + ((At >> 12) * 4)) & Accessed).ShouldBe(Accessed);
    }

    /// <summary>Has a Guest look at two pages, changes the entries of both without a word, makes the call, and has it look again: where it
    /// sees the new page, the old one was forgotten.</summary>
    private static string Forgotten(AbiFamily family, Action<Pager> call, bool pae = false, Action<Pager>? before = null)
    {
        using var guest = Looking(family, pae, out uint[] entries);
        before?.Invoke(guest.Slot.Pager);
        guest.RunToDone();
        (guest.Result(0), guest.Result(1)).ShouldBe((1u, 1u));
        foreach (uint entry in entries)
            guest.Memory.TryWrite(new GuestPhysical(entry), After | 7).ShouldBeTrue();
        call(guest.Slot.Pager);
        guest.Slot.End.ShouldBeNull();
        guest.RunToDone();
        return (guest.Result(0), guest.Result(1)) switch
        {
            (1, 1) => Nothing,
            (2, 1) => OnlyLow,
            (1, 2) => OnlyHigh,
            (2, 2) => Both,
            _ => throw new InvalidOperationException("a page that was not mapped"),
        };
    }

    /// <summary>A Guest on page tables of its own, which looks at both pages each time that it runs.</summary>
    private static TestGuest Looking(AbiFamily family, bool pae, out uint[] entries)
    {
        TestGuest guest = new(TestGuest.LayoutOf(family), pae: pae ? true : null);
        guest.Memory.TryWrite(new GuestPhysical(Before), 1u);
        guest.Memory.TryWrite(new GuestPhysical(After), 2u);
        entries = pae ? MapPae(guest.Memory) : Map(guest.Memory);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            guest.Call(a, Hypercall.NewPageTable, Root);
            guest.Done(a);
            a.Label(ref again);
            a.mov(ecx, __dword_ptr[Low]);
            a.mov(__dword_ptr[TestGuest.ResultAt], ecx);
            a.mov(ecx, __dword_ptr[High]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
            guest.Done(a);
            a.jmp(again);
        }).RunToDone();
        return guest;
    }

    private static uint[] Map(GuestMemory memory)
    {
        var tables = new TwoLevelTables(memory, Root).MapIdentity(0, 8).Map(Low, Before, 7).Map(High, Before, 7);
        return [tables.EntryOf(Low), tables.EntryOf(High)];
    }

    /// <summary>A middle directory for the lowest gigabyte and one for the kernel's, and a table for each two megabytes in use.</summary>
    private static uint[] MapPae(GuestMemory memory)
    {
        const uint LowMiddle = Root + 0x1000, HighMiddle = Root + 0x2000, LowTable = Root + 0x3000, HighTable = Root + 0x4000;
        const uint Identity = Root + 0x5000;
        Entry(Root, LowMiddle | 1);
        Entry(Root + 24, HighMiddle | 1);
        for (uint page = 0; page < memory.FrameLimit; page++)
            Entry(Identity + (page * 8), (page << 12) | 7);
        for (uint table = 0; table * 512 < memory.FrameLimit; table++)
            Entry(LowMiddle + (table * 8), (Identity + (table * 0x1000)) | 7);
        Entry(LowMiddle + ((Low >> 21) * 8), LowTable | 7);
        Entry(HighMiddle, HighTable | 7);
        uint low = LowTable + (((Low >> 12) & 511) * 8);
        Entry(low, Before | 7);
        Entry(HighTable, Before | 7);
        return [low, HighTable];

        void Entry(uint at, uint value) => memory.TryWrite(new GuestPhysical(at), (ulong)value).ShouldBeTrue();
    }
}
