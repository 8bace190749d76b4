// The sheet's section 6: what becomes of the descriptors that a Guest sends.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Segments;

public sealed unsafe class GlobalDescriptorsSpec
{
    [Fact]
    public void Privilege_0_becomes_1_and_the_accessed_bit_is_set()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(20, 0x0000ffff, 0x00cf9200);
        guest.Slot.Gdt[20].ShouldBe(0x00cfb300_0000fffful);
        guest.Slot.Gdt.LoadEntry(20, 0x0000ffff, 0x00cff200);
        guest.Slot.Gdt[20].ShouldBe(0x00cff300_0000fffful);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(16)]
    [InlineData(31)]
    public void Entries_of_the_host_ignore_writes(int index)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        ulong before = guest.Slot.Gdt[index];
        guest.Slot.Gdt.LoadEntry((uint)index, 0x0000ffff, 0x00cff200);
        guest.Slot.Gdt[index].ShouldBe(before);
    }

    [Theory]
    [InlineData(0x0000ec00u)] // call gate
    [InlineData(0x0000e900u)] // available TSS
    [InlineData(0x0000e500u)] // task gate
    [InlineData(0x0000e200u)] // LDT
    public void System_descriptors_are_never_present(uint high)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(20, 0x0050ffff, high);
        ((guest.Slot.Gdt[20] >> 47) & 1).ShouldBe(0ul);
    }

    [Fact]
    public void A_whole_table_is_loaded_by_early_kernels_and_the_rest_kept()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.Slot.Gdt.LoadEntry(30, 0x1, 0x00cff200);
        GuestPhysical table = new(0x50000);
        guest.Memory.TryWrite(table + (12 * 8), 0x00cf9a00_0000fffful);
        guest.Memory.TryWrite(table + (13 * 8), 0x00cf9200_0000fffful);
        guest.Memory.TryWrite(table + (14 * 8), 0x00cffa00_0000fffful);
        guest.Boot(a => guest.Call(a, Hypercall.LoadGdt, table.Value, 20)).RunToDone();
        guest.Slot.Gdt[12].ShouldBe(0x00cfbb00_0000fffful);
        guest.Slot.Gdt[14].ShouldBe(0x00cffb00_0000fffful);
        guest.Slot.Gdt[30].ShouldBe(0x00cff300_00000001ul);
        guest.Slot.Gdt[1].ShouldBe(0x00002100_00000000ul, "a null descriptor is fixed up like any other");
    }

    [Fact]
    public void A_register_sees_a_changed_descriptor_at_once()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Memory.TryWrite(new GuestPhysical(0x50000), 0x1111u);
        guest.Memory.TryWrite(new GuestPhysical(0x60000), 0x2222u);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.LoadGdtEntry, 27, 0x0000ffff, 0x00cf9205);
            a.mov(eax, 0xd8);
            a.mov(fs, ax);
            a.mov(eax, __dword_ptr.fs[0]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Call(a, Hypercall.LoadGdtEntry, 27, 0x0000ffff, 0x00cf9206);
            a.mov(eax, __dword_ptr.fs[0]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        }).RunToDone();
        guest.Result(0).ShouldBe(0x1111u);
        guest.Result(1).ShouldBe(0x2222u);
    }

    [Fact]
    public void The_segment_of_all_data_may_be_moved_and_the_next_access_goes_there()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Memory.TryWrite(new GuestPhysical(0x50000), 0x1111u);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.LoadGdtEntry, 13, 0x0000ffff, 0x00cf9205);
            a.mov(edi, __dword_ptr[0]);
            guest.Call(a, Hypercall.LoadGdtEntry, 13, 0x0000ffff, 0x00cf9200);
            a.mov(__dword_ptr[TestGuest.ResultAt], edi);
        }).RunToDone();
        guest.Result().ShouldBe(0x1111u);
    }

    [Fact]
    public void An_entry_behind_the_table_is_refused_and_not_written()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Stack.Set(0x69, 0x12340, 0);
        guest.Slot.Gdt.LoadEntry(33, 0x5555, 0x00cf9200);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadGdtEntry, "bad gdt entry 33"));
        guest.Slot.TrapStackPointer.ShouldBe(0x12340u, "what lies behind the table is the task state");
    }

    [Fact]
    public void A_changed_table_ends_what_the_processor_remembers_of_it()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.LoadGdtEntry, 27, 0x0000ffff, 0x00cf9205);
            a.mov(eax, 0xd8);
            a.mov(fs, ax);
        }).RunToDone();
        uint Noted() => guest.Slot.Processor.Execution->Memos[SegmentMemo.IndexOf(SegmentRegister.Fs, isPop: false)].Negative;
        Noted().ShouldBe(unchecked(0u - 0xd8));
        guest.Slot.Gdt.LoadTls(new GuestPhysical(0x50000));
        Noted().ShouldBe(SegmentMemo.Empty);
        guest.Slot.Processor.RememberLoad(SegmentRegister.Fs, isPop: false);
        Noted().ShouldBe(unchecked(0u - 0xd8));
        guest.Slot.Idt.LoadEntry(0x80, 0, 0);
        Noted().ShouldBe(SegmentMemo.Empty);
    }

    [Fact]
    public void Removing_a_descriptor_in_use_kills_with_trap_256()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var end = guest.Boot(a => guest.Call(a, Hypercall.LoadGdtEntry, 13, 0, 0)).RunToDeath();
        end.Reason.ShouldBe(KillReason.UnhandledTrap);
        end.Detail.ShouldStartWith("unhandled trap 256");
    }

    [Fact]
    public void Thread_local_descriptors_are_entries_6_to_8()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        GuestPhysical table = new(0x50000);
        for (uint i = 0; i < 3; i++)
            guest.Memory.TryWrite(table + (i * 8), 0x00d0f200_00000000ul | (0x10ul + i));
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.LoadTls, table.Value, 0);
            a.mov(eax, 0x33);
            a.mov(gs, ax);
        }).RunToDone();
        for (int i = 0; i < 3; i++)
            guest.Slot.Gdt[6 + i].ShouldBe(0x00d0f300_00000000ul | (0x10ul + (uint)i));
        guest.Cpu->Gs.Limit.ShouldBe(0x10fffu);
    }

    [Fact]
    public void The_trap_stack_goes_into_the_tss()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => guest.Call(a, Hypercall.SetStack, 0x69, 0x12340, 2)).RunToDone();
        guest.Slot.TrapStackPointer.ShouldBe(0x12340u);
    }
}
