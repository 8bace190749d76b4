// The sheet's table 13.2, line by line: each rule whose breaking kills, and that the reason names it.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Hypercalls;

public sealed unsafe class KillSpec
{
    private const string Unread = "bad read address 0x50000000 len 4096 (page table root)";
    private const string IntoSwitcher = "attempt to set pte into Switcher pages at ";

    public static TheoryData<AbiFamily, Hypercall, uint, uint, uint, KillReason, string?> Calls => new()
    {
        { AbiFamily.Linux3, Hypercall.LguestInit, TestGuest.DataAt, 0, 0, KillReason.AlreadyInitialised, "already have lguest_data" },
        { AbiFamily.Linux3, (Hypercall)11, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, (Hypercall)12, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, (Hypercall)20, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, (Hypercall)32, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, (Hypercall)uint.MaxValue, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, Hypercall.LoadGdt, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux2624, Hypercall.LoadGdtEntry, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux2624, Hypercall.SendInterrupts, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux2630, Hypercall.SendInterrupts, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux2630, Hypercall.LoadGdt, 0, 0, 0, KillReason.UnknownHypercall, null },
        { AbiFamily.Linux3, Hypercall.Shutdown, 0xfffffff0, 1, 0, KillReason.BadReadAddress, "bad read address 0xfffffff0 len 128" },
        { AbiFamily.Linux3, Hypercall.Shutdown, 0x7fffff81, 1, 0, KillReason.BadReadAddress, "bad read address 0x7fffff81 len 128" },
        { AbiFamily.Linux3, Hypercall.LoadTls, 0x40000000, 0, 0, KillReason.BadReadAddress, "bad read address 0x40000000 len 24" },
        { AbiFamily.Linux2624, Hypercall.LoadGdt, 0x40000000, 32, 0, KillReason.BadReadAddress, "bad read address 0x40000000 len 256" },
        { AbiFamily.Linux2624, Hypercall.LoadGdt, 0x1000, 33, 0, KillReason.TooManyGdtEntries, "too many gdt entries 33" },
        { AbiFamily.Linux2624, Hypercall.LoadGdt, 0x1000, ~0u, 0, KillReason.TooManyGdtEntries, "too many gdt entries 4294967295" },
        { AbiFamily.Linux3, Hypercall.LoadGdtEntry, 32, 0, 0, KillReason.BadGdtEntry, "bad gdt entry 32" },
        { AbiFamily.Linux3, Hypercall.LoadGdtEntry, uint.MaxValue, 0, 0, KillReason.BadGdtEntry, "bad gdt entry 4294967295" },
        { AbiFamily.Linux3, Hypercall.LoadIdtEntry, 256, 0, 0x8e00, KillReason.IdtEntryOutOfRange, "setting idt entry 256 out of range" },
        { AbiFamily.Linux3, Hypercall.LoadIdtEntry, 3, 0, 0x8500, KillReason.BadIdtType, "bad idt type 5 for vector 3" },
        { AbiFamily.Linux3, Hypercall.SetStack, 0x68, 0x1000, 1, KillReason.BadStackSegment, "bad stack segment 68" },
        { AbiFamily.Linux3, Hypercall.SetStack, 0x7b, 0x1000, 1, KillReason.BadStackSegment, "bad stack segment 7b" },
        { AbiFamily.Linux3, Hypercall.SetStack, 0x69, 0x1000, 3, KillReason.BadStackPages, "bad stack pages 3" },
        { AbiFamily.Linux2624, Hypercall.SetStack, 0x69, 0x50000000, 1, KillReason.BadStackPage, "bad stack page 4fffffff" },
        { AbiFamily.Linux3, Hypercall.NewPageTable, 0x50000000, 0, 0, KillReason.BadReadAddress, Unread },
        { AbiFamily.Linux3, Hypercall.SetPageTableEntry, 0, 0xffc00000, 0, KillReason.SetPteInSwitcher, IntoSwitcher + "ffc00000" },
        { AbiFamily.Linux2624, Hypercall.SetPageTableEntry, 0, 0xfffff000, 0, KillReason.SetPteInSwitcher, IntoSwitcher + "fffff000" },
        { AbiFamily.Linux3, Hypercall.SetPageDirectory, 0, 1024, 0, KillReason.SetPgdOutOfRange, "attempt to set pgd 1024 out of range" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_bad_call_kills_with_its_reason(
        AbiFamily family, Hypercall number, uint first, uint second, uint third, KillReason reason, string? detail)
    {
        using var guest = TestGuest.Of(family);
        var end = guest.Boot(a => guest.Call(a, number, first, second, third)).RunToDeath();
        end.Reason.ShouldBe(reason, end.Detail);
        end.Detail.ShouldBe(detail ?? $"bad hypercall {(uint)number}");
    }

    [Fact]
    public void A_call_before_initialisation_kills()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Dies(guest.Raw(a => guest.Call(a, Hypercall.FlushTlb, TestGuest.DataAt)), KillReason.HypercallBeforeInitialisation,
            "hypercall 5 before LGUEST_INIT");
        guest.Slot.Family.ShouldBe(AbiFamily.Unknown, "its argument was not taken for lguest_data");
    }

    [Theory]
    [InlineData(0x7ffff000u, "bad guest page: no known lguest_data at 0 (EDX) or 7ffff000 (EBX)")]
    [InlineData(0xffffffffu, "bad guest page: no known lguest_data at 0 (EDX) or ffffffff (EBX)")]
    [InlineData(0x7fffe0u, "bad guest page: no known lguest_data at 0 (EDX) or 7fffe0 (EBX)")]
    [InlineData(0x1000u, "bad guest page: no known lguest_data at 0 (EDX) or 1000 (EBX)")]
    public void A_bad_guest_page_kills(uint address, string detail)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Dies(guest.Raw(a => guest.Call(a, Hypercall.LguestInit, address)), KillReason.BadGuestPage, detail);
    }

    [Theory]
    [MemberData(nameof(TestGuest.Generation2Families), MemberType = typeof(TestGuest))]
    public void A_bad_syscall_vector_kills(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        Dies(guest.SetField(guest.Layout.SyscallVector, 0x81).Boot(_ => { }), KillReason.BadSyscallVector, "bad syscall vector 0x81");
    }

    [Theory]
    [MemberData(nameof(TestGuest.Generation2Families), MemberType = typeof(TestGuest))]
    public void A_kernel_address_in_the_switchers_area_kills(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        guest.SetField(guest.Layout.KernelAddress, 0xffc00000).Boot(_ => { });
        Dies(guest, KillReason.BadKernelAddress, "bad kernel address ffc00000");
    }

    [Fact]
    public void Generations_that_are_not_offered_yet_are_named()
    {
        using var first = TestGuest.Of(AbiFamily.Linux2624);
        first.SetField(first.Layout.KernelAddress, 0).SetField(first.Layout.SyscallVector, 0);
        first.Boot(_ => { });
        Dies(first, KillReason.UnsupportedGeneration, "this is a generation 1 Guest (Linux 2.6.23), but it was not started as one");
        using var third = TestGuest.Of(AbiFamily.Linux3);
        third.SetField(1388, 0).SetField(1384, 0x80).SetField(1380, TestGuest.KernelAddress);
        third.Boot(_ => { });
        Dies(third, KillReason.UnsupportedGeneration, "this is a generation 3 Guest (Linux 4.x), but it was not started as one");
    }

    [Fact]
    public void A_frame_on_a_stack_that_is_not_mapped_kills()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.Boot(a =>
        {
            a.mov(esp, 0x50000000);
            a.ud2();
        }).Gate(6);
        Dies(guest, KillReason.BadAddress, "bad address 4ffffff4 for a frame of 12 bytes");
    }

    [Fact]
    public void In_linear_mode_an_address_outside_of_memory_kills()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Dies(
            guest.Boot(a => a.mov(eax, __dword_ptr[0x50000000])),
            KillReason.BadPageTableEntry,
            "bad page table entry: address 50000000 is outside of memory and there are no page tables yet");
    }

    [Fact]
    public void A_trap_without_a_gate_kills_and_names_vector_and_place()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var end = guest.Boot(a =>
        {
            a.xor(ecx, ecx);
            a.div(ecx);
        }).RunToDeath();
        end.Reason.ShouldBe(KillReason.UnhandledTrap);
        end.Detail.ShouldMatch("^unhandled trap 0 at 0x1000[0-9a-f]{2} \\(0x0\\)$");
    }

    [Fact]
    public void Boot_tables_that_find_no_room_kill()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        using GuestMemory memory = new(8 * TestGuest.Megabyte);
        memory.TryWrite(new GuestPhysical(ZeroPage.RamdiskSize), 7u << 20);
        memory.TryWrite(new GuestPhysical(0), guest.Memory.Span(new GuestPhysical(0), 1));
        guest.Boot(_ => { });
        guest.Memory.Span(new GuestPhysical(TestGuest.CodeAt), 0x1000).CopyTo(memory.Span(new GuestPhysical(TestGuest.CodeAt), 0x1000));
        guest.Memory.Span(new GuestPhysical(TestGuest.DataAt), 0x1000).CopyTo(memory.Span(new GuestPhysical(TestGuest.DataAt), 0x1000));
        using GuestSlot slot = new(memory, new GuestVirtual(TestGuest.CodeAt), guest.Clock);
        slot.Enter(TestGuest.Settings).ShouldBeOfType<ExitReason.Died>().End
            .ShouldBe(new GuestEnd.Killed(KillReason.HostResource, "no room in Guest memory for its boot page tables"));
    }

    [Fact]
    public void A_guest_is_killed_once_and_the_first_reason_stays()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var end = guest.Raw(a => guest.Call(a, Hypercall.FlushTlb)).RunToDeath();
        guest.Slot.Abandon("later");
        guest.Slot.End.ShouldBe(end);
    }

    [Fact]
    public void A_guest_that_only_faults_comes_out_at_the_end_of_its_slice()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(esp, TestGuest.StackTop);
            a.ud2();
        });
        guest.Boot(a => a.ud2()).Gate(6);
        guest.Clock.Step = 1000;
        guest.Slot.Enter(new RunSettings(20_000, 20_000)).ShouldBe(ExitReason.BudgetSpent);
    }

    [Fact]
    public void One_that_executes_nothing_between_its_faults_is_looked_at_after_every_2000()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Assemble(TestGuest.HandlerAt, a => a.ud2());
        guest.Boot(a => a.ud2()).Gate(6);
        guest.Clock.Step = 1000;
        guest.Slot.Enter(new RunSettings(2500, 20_000)).ShouldBe(ExitReason.BudgetSpent);
        (guest.Slot.Statistics().Traps + guest.Slot.Statistics().DirectHypercalls).ShouldBe(2 * 2000);
    }

    [Fact]
    public void A_guest_that_faults_in_its_direct_handler_comes_out_as_well()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Assemble(TestGuest.HandlerAt, a => a.ud2());
        guest.Boot(a => a.ud2()).Gate(6, type: 0xf);
        guest.Clock.Step = 1000;
        guest.Slot.Enter(new RunSettings(1500, 20_000)).ShouldBe(ExitReason.BudgetSpent);
        guest.Cpu->Gpr[4].ShouldBe(TestGuest.StackTop - (Guest.Cpu.Processor.MostFaults * 12));
        guest.RunToDeath().Detail.ShouldStartWith("unhandled trap 12", customMessage: "its stack has come to the bottom of memory");
    }

    private static void Dies(TestGuest guest, KillReason reason, string detail) =>
        guest.RunToDeath().ShouldBe(new GuestEnd.Killed(reason, detail));
}
