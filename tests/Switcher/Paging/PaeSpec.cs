// PAE Guests (from 2.6.31): how they are recognised, and that their rules are kept.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Paging;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Paging;

public sealed unsafe class PaeSpec
{
    private const uint Root = 0x400000;
    private const uint Middle = 0x401000;
    private const uint NoExecuteEnable = 1 << 11;

    [Fact]
    public void A_pointer_table_is_recognised_at_the_first_new_root()
    {
        using var guest = Pae(a => a.mov(__dword_ptr[TestGuest.ResultAt], 0x77));
        guest.RunToDone();
        guest.Slot.Pager.IsPae.ShouldBeTrue();
        using var plain = TestGuest.Of(AbiFamily.Linux3);
        guest.Cpu->Cr4.ShouldBe(plain.Cpu->Cr4 | ControlRegisters.Cr4PhysicalAddressExtension);
        guest.Result().ShouldBe(0x77u);
    }

    [Fact]
    public void A_directory_of_a_kernel_is_not()
    {
        using GuestMemory memory = new(8 * TestGuest.Megabyte);
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(Root)).ShouldBeFalse("an empty table maps nothing in either format");
        var tables = new TwoLevelTables(memory, Root).MapIdentity(0, 8);
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(tables.Root)).ShouldBeFalse();
        tables = new TwoLevelTables(memory, Root + 0x11000).MapIdentity(0, 8);
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(tables.Root)).ShouldBeFalse("it may lie on any page");
        memory.TryWrite(new GuestPhysical(0x600000), 0x7ff00001ul);
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(0x600000)).ShouldBeFalse("a frame outside of memory");
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(0x600020)).ShouldBeTrue("only a pointer table may lie there");
        PaeRecognition.LooksLikePae(memory, new GuestPhysical(memory.RamBytes)).ShouldBeFalse("there is no memory");
    }

    [Fact]
    public void A_guest_that_was_announced_as_pae_may_still_forbid_execution_once_its_first_root_shows_it_as_well()
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, pae: true);
        guest.Memory.TryWrite(new GuestPhysical(Root), Middle | 1ul);
        guest.Slot.Pager.NewPageTable(new GuestPhysical(Root));
        guest.Slot.Pager.IsPae.ShouldBeTrue();
        guest.Cpu->Efer.ShouldBe(NoExecuteEnable);
        (guest.Cpu->Cr4 & ControlRegisters.Cr4PhysicalAddressExtension).ShouldNotBe(0u);
    }

    [Theory]
    [InlineData(0x401001u, true)]
    [InlineData(0u, true)] // one of them is enough
    [InlineData(0x7ff001u, true)] // the last frame
    [InlineData(0x800001u, false)] // after it
    [InlineData(0x401003u, false)] // writable: an entry of a directory
    [InlineData(0x401000u, false)] // not present, and not 0
    [InlineData(0x401801u, false)]
    public void Each_of_the_four_entries_of_a_pointer_table_is_0_or_a_frame_with_no_flag_but_present(uint entry, bool isPae)
    {
        for (uint i = 0; i < 4; i++)
        {
            using GuestMemory memory = new(8 * TestGuest.Megabyte);
            for (uint other = 0; other < 4; other++)
                memory.TryWrite(new GuestPhysical(Root + (other * 8)), Middle | 1ul);
            memory.TryWrite(new GuestPhysical(Root + (i * 8)), (ulong)entry);
            memory.TryWrite(new GuestPhysical(Root + 32), 0xffff_ffff_ffff_fffful);
            PaeRecognition.LooksLikePae(memory, new GuestPhysical(Root)).ShouldBe(isPae, $"entry {i}");
        }
    }

    [Fact]
    public void A_root_of_a_known_pae_guest_has_32_bytes()
    {
        using var guest = Pae(_ => { });
        guest.RunToDone();
        guest.Slot.Pager.NewPageTable(new GuestPhysical(guest.Memory.RamBytes - 32));
        guest.Slot.End.ShouldBeNull();
        guest.Slot.Pager.NewPageTable(new GuestPhysical(guest.Memory.RamBytes - 31));
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadReadAddress, "bad read address 0x7fffe1 len 32 (page table root)"));
    }

    [Fact]
    public void A_page_that_may_not_be_executed_can_be_read()
    {
        using var guest = Pae(a =>
        {
            a.mov(eax, __dword_ptr[0x10000000]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.Memory.TryWrite(new GuestPhysical(Middle + ((0x10000000 >> 21) * 8)), 0x600007ul);
        guest.Memory.TryWrite(new GuestPhysical(0x600000), 0x80000000_00500007ul);
        guest.Memory.TryWrite(new GuestPhysical(0x500000), 0xabcdu);
        guest.RunToDone();
        guest.Result().ShouldBe(0xabcdu);
    }

    [Fact]
    public void Set_pmd_is_a_call_of_pae_guests_only()
    {
        using var guest = Pae(a => Call(a, Hypercall.SetPageMiddleDirectory, Middle, 3));
        guest.RunToDone();
        using var plain = TestGuest.Of(AbiFamily.Linux3);
        plain.Boot(a => plain.Call(a, Hypercall.SetPageMiddleDirectory, Middle, 3))
            .RunToDeath().Reason.ShouldBe(KillReason.UnknownHypercall);
    }

    [Theory]
    [InlineData(0x10000000u)]
    [InlineData(0xd0000000u)]
    public void Set_pmd_makes_a_change_seen_in_either_half(uint address)
    {
        const uint Table = 0x600000, Other = 0x601000;
        uint entry = Middle + (((address >> 21) & 511) * 8);
        using var guest = Pae(a =>
        {
            a.mov(eax, __dword_ptr[address]);
            a.mov(__dword_ptr[entry], Other | 7);
            Call(a, Hypercall.SetPageMiddleDirectory, Middle, (entry - Middle) / 8);
            a.mov(eax, __dword_ptr[address]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.SetField(guest.Layout.KernelAddress, TestGuest.KernelAddress);
        guest.Memory.TryWrite(new GuestPhysical(Root + 24), Middle | 1ul);
        guest.Memory.TryWrite(new GuestPhysical(entry), Table | 7ul);
        guest.Memory.TryWrite(new GuestPhysical(Table), 0x500007ul);
        guest.Memory.TryWrite(new GuestPhysical(Other), 0x501007ul);
        guest.Memory.TryWrite(new GuestPhysical(0x501000), 0xabcdu);
        guest.RunToDone();
        guest.Result().ShouldBe(0xabcdu);
    }

    [Theory]
    [InlineData(0x1000_0040_2007ul, KillReason.BadPageMiddleDirectoryEntry)]
    [InlineData(0x0000_0040_2087ul, KillReason.BadPageMiddleDirectoryEntry)]
    public void A_bad_middle_entry_kills(ulong entry, KillReason reason)
    {
        using var guest = Pae(a => a.mov(eax, __dword_ptr[0x10000000]));
        guest.Memory.TryWrite(new GuestPhysical(Middle + ((0x10000000 >> 21) * 8)), entry);
        guest.RunToDeath().ShouldBe(new GuestEnd.Killed(reason, $"bad page middle directory entry {entry:x} for 10000000"));
    }

    [Theory]
    [InlineData(Middle | 3u)] // writable
    [InlineData(Middle | 0x801u)] // a bit that is the kernel's own elsewhere
    [InlineData(0x800001u)] // outside
    public void A_bad_pointer_entry_kills(uint entry)
    {
        using var guest = Pae(a => a.mov(eax, __dword_ptr[0x40000000]));
        guest.Boot(a =>
        {
            Call(a, Hypercall.NewPageTable, Root);
            a.mov(__dword_ptr[Root + 8], entry);
            a.mov(eax, __dword_ptr[0x40000000]);
            a.inc(__dword_ptr[TestGuest.ResultAt]);
        });
        guest.RunToDeath()
            .ShouldBe(new GuestEnd.Killed(KillReason.BadPageDirectoryEntry, $"bad page directory entry {entry:x} for 40000000"));
        guest.Result().ShouldBe(0u, "it executes nothing more");
    }

    [Fact]
    public void A_page_that_may_not_be_executed_faults()
    {
        using var guest = Pae(a =>
        {
            a.mov(eax, 0x10000000);
            a.call(eax);
        });
        guest.Memory.TryWrite(new GuestPhysical(Middle + ((0x10000000 >> 21) * 8)), 0x600007ul);
        guest.Memory.TryWrite(new GuestPhysical(0x600000), 0x80000000_00500007ul);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(eax, __dword_ptr[esp]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Done(a);
        });
        guest.Gate(14).RunToDone();
        guest.Result().ShouldBe(0x11u, "protection violation, instruction fetch");
    }

    [Fact]
    public void An_announced_pae_kernel_of_2_6_31_gets_pae_boot_tables_and_a_two_megabyte_reserve()
    {
        using TestGuest guest = new(LguestDataLayout.Linux2631, pae: true);
        guest.Boot(a =>
        {
            a.mov(eax, __dword_ptr[TestGuest.KernelAddress + TestGuest.DataAt + (uint)guest.Layout.PageDirectory]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Result().ShouldBe(guest.Memory.RamBytes - 4096);
        guest.Field(guest.Layout.ReserveMem).ShouldBe(0x200000u);
        guest.Slot.Pager.IsPae.ShouldBeTrue();
    }

    private static TestGuest Pae(Action<Iced.Intel.Assembler> program)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Memory.TryWrite(new GuestPhysical(Root), Middle | 1ul);
        for (uint i = 0; i < 4; i++)
        {
            uint table = Middle + 0x1000 + (i * 0x1000);
            guest.Memory.TryWrite(new GuestPhysical(Middle + (i * 8)), table | 7ul);
            for (uint j = 0; j < 512; j++)
                guest.Memory.TryWrite(new GuestPhysical(table + (j * 8)), (ulong)((((i * 512) + j) << 12) | 7));
        }

        return guest.Boot(a =>
        {
            Call(a, Hypercall.NewPageTable, Root);
            program(a);
        });
    }

    private static void Call(Iced.Intel.Assembler a, Hypercall number, uint first = 0, uint second = 0)
    {
        a.mov(eax, (uint)number);
        a.mov(ebx, first);
        a.mov(ecx, second);
        a.@int(0x1f);
    }
}
