// The sheet's checklist 13.1, lines 9, 14 and 15, and its section 7: faults, accessed and dirty bits, the paging calls, the rules for
// entries.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Paging;

public sealed unsafe class PagingSpec
{
    private const uint Root = 0x400000;
    private const uint Probe = 0x10000000;
    private const uint Accessed = 0x20;
    private const uint Dirty = 0x40;
    private const uint Untouched = 0x0dd00dd0;

    [Fact]
    public void A_fault_tells_its_address_in_lguest_data_before_it_is_reflected()
    {
        using var guest = Paged(out _, a => a.mov(__dword_ptr[Probe + 0x123], 1));
        guest.RunToDone();
        guest.Field(guest.Layout.Cr2).ShouldBe(Probe + 0x123);
        guest.Result(0).ShouldBe(2u, "error code: write, not present, supervisor");
        guest.Slot.Statistics().PageFaults.ShouldBe(1);
    }

    [Fact]
    public void Reading_sets_accessed_and_writing_sets_dirty()
    {
        using var guest = Paged(out var tables, a =>
        {
            a.mov(eax, __dword_ptr[Probe]);
            guest_Checkpoint(a);
            a.mov(__dword_ptr[Probe], eax);
        });
        tables.Map(Probe, 0x500000, 7);
        guest.Run().ShouldBe(new ExitReason.Notify(new GuestPhysical(0x1000)));
        (tables.Entry(Probe) & (Accessed | Dirty)).ShouldBe(Accessed);
        guest.RunToDone();
        (tables.Entry(Probe) & (Accessed | Dirty)).ShouldBe(Accessed | Dirty);

        static void guest_Checkpoint(Assembler a)
        {
            a.push(eax);
            a.mov(eax, (uint)Hypercall.Notify);
            a.mov(ebx, 0x1000);
            a.@int(0x1f);
            a.pop(eax);
        }
    }

    [Fact]
    public void Ring_1_honours_read_only_pages()
    {
        using var guest = Paged(out var tables, a => a.mov(__dword_ptr[Probe], 1));
        tables.Map(Probe, 0x500000, 5);
        guest.RunToDone();
        guest.Result(0).ShouldBe(3u);
        (tables.Entry(Probe) & Dirty).ShouldBe(0u);
    }

    [Fact]
    public void Ring_3_cannot_touch_supervisor_pages()
    {
        using var guest = Paged(out var tables, TestGuest.EnterUser);
        guest.UserSegments().Assemble(TestGuest.UserAt, a => a.mov(eax, __dword_ptr[Probe]));
        tables.Map(Probe, 0x500000, 3);
        guest.RunToDone();
        guest.Result(0).ShouldBe(5u);
        guest.Field(guest.Layout.Cr2).ShouldBe(Probe);
    }

    [Fact]
    public void Set_pte_of_the_current_space_makes_a_change_seen()
    {
        using var guest = Paged(out var tables, a =>
        {
            a.mov(eax, __dword_ptr[Probe]);
            a.mov(__dword_ptr[PteOfProbe], 0x501007);
            Call(a, Hypercall.SetPageTableEntry, Root, Probe, 0x501007);
            a.mov(ecx, __dword_ptr[Probe]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
        });
        tables.Map(Probe, 0x500000, 7);
        tables.EntryOf(Probe).ShouldBe(PteOfProbe);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0xabcdu);
        guest.RunToDone();
        guest.Result(1).ShouldBe(0xabcdu);
    }

    [Fact]
    public void Set_pte_of_a_kernel_address_counts_for_all_spaces()
    {
        const uint High = TestGuest.KernelAddress + 0x100000;
        uint pte = 0;
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var tables = new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(High, 0x500000, 3);
        pte = tables.EntryOf(High);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0xabcdu);
        guest.Boot(a =>
        {
            Call(a, Hypercall.NewPageTable, Root);
            a.mov(eax, __dword_ptr[High]);
            a.mov(__dword_ptr[pte], 0x501003);
            Call(a, Hypercall.SetPageTableEntry, 0x7000, High, 0x501003);
            a.mov(ecx, __dword_ptr[High]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
        }).RunToDone();
        guest.Result(1).ShouldBe(0xabcdu);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void Flush_tlb_forgets_the_user_half_or_everything(uint everything)
    {
        using var guest = Paged(out var tables, a =>
        {
            a.mov(eax, __dword_ptr[Probe]);
            a.mov(__dword_ptr[PteOfProbe], 0x501007);
            Call(a, Hypercall.FlushTlb, everything);
            a.mov(ecx, __dword_ptr[Probe]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
        });
        tables.Map(Probe, 0x500000, 7);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0xabcdu);
        guest.RunToDone();
        guest.Result(1).ShouldBe(0xabcdu);
    }

    [Theory]
    [InlineData(0u, 0x1111u)]
    [InlineData(1u, 0xabcdu)]
    public void Flush_tlb_of_the_user_half_keeps_what_is_known_of_the_kernels(uint everything, uint seen)
    {
        const uint High = TestGuest.KernelAddress + 0x100000;
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var tables = new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(High, 0x500000, 3);
        uint pte = tables.EntryOf(High);
        guest.Memory.TryWrite(new GuestPhysical(0x500000), 0x1111u);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0xabcdu);
        guest.Boot(a =>
        {
            Call(a, Hypercall.NewPageTable, Root);
            a.mov(eax, __dword_ptr[High]);
            a.mov(__dword_ptr[pte], 0x501003);
            Call(a, Hypercall.FlushTlb, everything);
            a.mov(ecx, __dword_ptr[High]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
        }).RunToDone();
        guest.Result(1).ShouldBe(seen);
    }

    [Fact]
    public void A_new_root_is_a_new_address_space()
    {
        const uint Other = 0x600000;
        using var guest = Paged(out var tables, a =>
        {
            a.mov(eax, __dword_ptr[Probe]);
            Call(a, Hypercall.NewPageTable, Other);
            a.mov(ecx, __dword_ptr[Probe]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
            Call(a, Hypercall.NewPageTable, Root);
            a.mov(ecx, __dword_ptr[Probe]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 8], ecx);
        });
        tables.Map(Probe, 0x500000, 7);
        new TwoLevelTables(guest.Memory, Other).MapIdentity(0, 8).Map(Probe, 0x501000, 7);
        guest.Memory.TryWrite(new GuestPhysical(0x500000), 0x1111u);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0x2222u);
        guest.RunToDone();
        guest.Result(1).ShouldBe(0x2222u);
        guest.Result(2).ShouldBe(0x1111u);
    }

    [Theory]
    [InlineData(0x00500087u, KillReason.BadPageTableEntry)] // PSE
    [InlineData(0x7ff00007u, KillReason.BadPageTableEntry)] // outside
    [InlineData(0x00800007u, KillReason.BadPageTableEntry)] // the first frame that is not there
    public void A_bad_entry_kills_when_it_is_used(uint entry, KillReason reason)
    {
        using var guest = Paged(out var tables, LoadFromProbe);
        tables.Map(Probe, entry & ~0xfffu, entry & 0xfff);
        guest.RunToDeath().ShouldBe(new GuestEnd.Killed(reason, $"bad page table entry {entry:x} for {Probe:x}"));
        guest.Cpu->Gpr[1].ShouldBe(Untouched, "nothing was read by it");
    }

    [Theory]
    [InlineData(0x00401087u)] // PSE
    [InlineData(0x00401107u)] // global
    [InlineData(0x0040101fu)] // PWT, PCD
    [InlineData(0x00401207u)] // the bits that are the kernel's own elsewhere
    [InlineData(0x00401407u)]
    [InlineData(0x00401807u)]
    [InlineData(0x7ff00007u)] // outside
    public void A_bad_directory_entry_kills_when_it_is_used(uint entry)
    {
        using var guest = Paged(out _, LoadFromProbe);
        guest.Memory.TryWrite(new GuestPhysical(Root + ((Probe >> 22) * 4)), entry);
        guest.RunToDeath().ShouldBe(new GuestEnd.Killed(KillReason.BadPageDirectoryEntry,
            $"bad page directory entry {entry:x} for {Probe:x}"));
        guest.Cpu->Gpr[1].ShouldBe(Untouched, "nothing was read by it");
    }

    [Fact]
    public void A_bad_entry_that_is_not_used_harms_nobody()
    {
        using var guest = Paged(out var tables, _ => { });
        tables.Map(Probe, 0x7ff00000, 7);
        guest.RunToDone();
    }

    [Theory]
    [InlineData(AbiFamily.Linux3, 1023u, false)]
    [InlineData(AbiFamily.Linux3, 1024u, true)]
    [InlineData(AbiFamily.Linux2631, 5000u, false)]
    [InlineData(AbiFamily.Linux2624, 5000u, false)]
    public void Set_pgd_out_of_range_kills_late_kernels_only(AbiFamily family, uint index, bool kills)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(a => guest.Call(a, Hypercall.SetPageDirectory, 0, index));
        if (kills)
            guest.RunToDeath().Reason.ShouldBe(KillReason.SetPgdOutOfRange);
        else
            guest.RunToDone();
    }

    [Fact]
    public void The_trap_stack_is_made_writable_and_dirty_when_it_is_set()
    {
        using var guest = Paged(out var tables, a => Call(a, Hypercall.SetStack, 0x69, Probe + 0x1000, 1));
        tables.Map(Probe, 0x500000, 7);
        guest.RunToDone();
        (tables.Entry(Probe) & (Accessed | Dirty)).ShouldBe(Accessed | Dirty);
    }

    /// <summary>Where the entry for <see cref="Probe"/> comes to lie: in the first table after those of the identity map.</summary>
    private const uint PteOfProbe = Root + 0x3000;

    private static void LoadFromProbe(Assembler a)
    {
        a.mov(ecx, Untouched);
        a.mov(ecx, __dword_ptr[Probe]);
    }

    private static TestGuest Paged(out TwoLevelTables tables, Action<Assembler> program)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        tables = new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(eax, __dword_ptr[esp]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Done(a);
        });
        return guest.Boot(a =>
        {
            Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 0);
            Call(a, Hypercall.NewPageTable, Root);
            program(a);
        }).Gate(14);
    }

    private static void Call(Assembler a, Hypercall number, uint first = 0, uint second = 0, uint third = 0)
    {
        a.mov(eax, (uint)number);
        a.mov(ebx, first);
        a.mov(ecx, second);
        a.mov(edx, third);
        a.@int(0x1f);
    }
}
