// After each change of the descriptor table the segment registers are loaded afresh, as on the way into a Guest: which descriptors a
// processor would accept there, register by register.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Segments;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Segments;

public sealed unsafe class ReloadSpec
{
    private const uint Entry = 20;

    [Theory]
    [InlineData(0x00cfba00u, 0xa1, true)] // readable code of ring 1
    [InlineData(0x00cfb800u, 0xa1, true)] // code that cannot be read
    [InlineData(0x00cf9a00u, 0xa1, true)] // of ring 0, which becomes 1
    [InlineData(0x00cffa00u, 0xa1, false)] // of ring 3
    [InlineData(0x00cfba00u, 0xa3, false)] // of ring 1, asked for by ring 3
    [InlineData(0x00cf3a00u, 0xa1, false)] // not present
    [InlineData(0x00cfb200u, 0xa1, false)] // data
    [InlineData(0x00cfba00u, 0xa5, false)] // of the local table
    [InlineData(0x00cfba00u, 0x1, false)] // null
    [InlineData(0x00cfba00u, 0x101, false)] // after the table
    public void Code_is_what_cs_accepts(uint high, int selector, bool isGood)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(Entry, 0xffff, high);
        guest.Slot.Gdt.TryCode((ushort)selector, out var code).ShouldBe(isGood);
        code.Selector.ShouldBe((ushort)selector);
    }

    [Theory]
    [InlineData(0x00cfb200u, 0xa1, true)] // writable data of ring 1
    [InlineData(0x00cfb600u, 0xa1, true)] // that expands down
    [InlineData(0x00cf9200u, 0xa1, true)] // of ring 0, which becomes 1
    [InlineData(0x00cff200u, 0xa3, true)] // of ring 3, asked for by ring 3
    [InlineData(0x00cff200u, 0xa1, false)]
    [InlineData(0x00cfb200u, 0xa3, false)]
    [InlineData(0x00cfb000u, 0xa1, false)] // read-only
    [InlineData(0x00cfba00u, 0xa1, false)] // code
    [InlineData(0x00cf3200u, 0xa1, false)] // not present
    [InlineData(0x0000b200u, 0xa5, false)] // of the local table
    [InlineData(0x00cfb200u, 0x1, false)] // null
    public void A_stack_is_what_ss_accepts(uint high, int selector, bool isGood)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(Entry, 0xffff, high);
        guest.Slot.Gdt.TryStack((ushort)selector, out var stack).ShouldBe(isGood);
        stack.Selector.ShouldBe((ushort)selector);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_first_entry_is_no_segment_whatever_the_guest_has_put_there(int selector)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        uint dpl = (uint)Math.Max(selector, 1) << 13;
        guest.Slot.Gdt.LoadEntry(0, 0xffff, 0x00cf9a00 | dpl);
        guest.Slot.Gdt.TryCode((ushort)selector, out var code).ShouldBeFalse();
        guest.Slot.Gdt.LoadEntry(0, 0xffff, 0x00cf9200 | dpl);
        guest.Slot.Gdt.TryStack((ushort)selector, out var stack).ShouldBeFalse();
        (code.Limit, code.Attributes, stack.Limit, stack.Attributes).ShouldBe((0u, (ushort)0, 0u, (ushort)0));
    }

    [Fact]
    public void What_lies_after_the_table_is_no_descriptor_even_if_the_guest_has_chosen_it()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);

        // The second eight bytes of the task state: the pointer of the trap stack is their upper half.
        guest.Slot.Stack.Set(0x69, 0x00cfbb00, 0);
        guest.Slot.Gdt.TryCode((33 << 3) | 1, out _).ShouldBeFalse();
        guest.Slot.Stack.Set(0x69, 0x00cfb300, 0);
        guest.Slot.Gdt.TryStack((33 << 3) | 1, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_system_descriptor_is_neither()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(Entry, 0xffff, 0x0000aa00);
        guest.Slot.Gdt.TryCode(0xa1, out _).ShouldBeFalse();
        guest.Slot.Gdt.LoadEntry(Entry, 0xffff, 0x0000a200);
        guest.Slot.Gdt.TryStack(0xa1, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x00cfb200u, 0xa1, true)] // writable data
    [InlineData(0x00cfb000u, 0xa1, true)] // read-only data
    [InlineData(0x00cfba00u, 0xa1, true)] // code that can be read
    [InlineData(0x00cfb800u, 0xa1, false)] // code that cannot
    [InlineData(0x00cff200u, 0xa1, true)] // what a user may have, a kernel may
    [InlineData(0x00cff200u, 0xa3, true)]
    [InlineData(0x00cfb200u, 0xa3, false)] // not the other way round
    [InlineData(0x00cfb200u, 0xa2, false)]
    [InlineData(0x00cf3200u, 0xa1, false)] // not present
    [InlineData(0x00cfa200u, 0xa1, false)] // a system descriptor, which is stored as not present
    public void Each_data_register_survives_what_it_would_accept_and_nothing_else(uint high, int selector, bool isGood)
    {
        for (int register = 0; register < 4; register++)
        {
            using var guest = TestGuest.Of(AbiFamily.Linux3);
            Select(guest, register, (ushort)selector);
            guest.Slot.Gdt.LoadEntry(Entry, 0xffff, high);
            guest.Slot.End.ShouldBe(isGood ? null : new GuestEnd.Killed(KillReason.UnhandledTrap, "unhandled trap 256 at 0x100000 (0x0)"));
            if (isGood)
                Register(guest, register)->Limit.ShouldBe(uint.MaxValue, "it was loaded");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_null_data_segment_is_good(int selector)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        for (int register = 0; register < 4; register++)
            Select(guest, register, (ushort)selector);
        guest.Slot.Gdt.LoadEntry(Entry, 0xffff, 0x00cfb200);
        guest.Slot.End.ShouldBeNull();
        for (int register = 0; register < 4; register++)
            (Register(guest, register)->Attributes, Register(guest, register)->Selector).ShouldBe(((ushort)0, (ushort)selector));
    }

    [Fact]
    public void Cs_and_ss_see_a_changed_descriptor_at_once()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(GuestSelectors.KernelCodeEntry, 0x1234, 0x00c0ba00);
        guest.Slot.Gdt.LoadEntry(GuestSelectors.KernelDataEntry, 0x2345, 0x00c0b200);
        guest.Cpu->Cs.Limit.ShouldBe(0x1234fffu);
        guest.Cpu->Ss.Limit.ShouldBe(0x2345fffu);
        guest.Cpu->Ds.Limit.ShouldBe(0x2345fffu);
    }

    [Fact]
    public void A_kernel_code_descriptor_that_is_gone_kills()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt.LoadEntry(GuestSelectors.KernelCodeEntry, 0, 0);
        guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.UnhandledTrap, "unhandled trap 256 at 0x100000 (0x0)"));
        guest.Cpu->Cs.Limit.ShouldBe(uint.MaxValue, "nothing is half loaded");
    }

    [Fact]
    public void A_table_may_have_32_descriptors_and_begin_anywhere()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        GuestPhysical table = new(guest.Memory.RamBytes - (32 * 8));
        for (uint i = 0; i < 32; i++)
            guest.Memory.TryWrite(table + (i * 8), i is 12 ? GuestSelectors.KernelCodeDescriptor : GuestSelectors.KernelDataDescriptor | i);
        ulong[] before = [.. Enumerable.Range(0, 32).Select(i => guest.Slot.Gdt[i])];
        guest.Slot.Gdt.Load(table, 32);
        guest.Slot.End.ShouldBeNull();
        for (int i = 0; i < 32; i++)
            guest.Slot.Gdt[i].ShouldBe(i is 10 or 11 or 12 or 16 or 31 ? before[i] : GuestSelectors.KernelDataDescriptor | (uint)i);
        guest.Slot.Gdt.LoadEntry(30, 0x55, 0x00cff200);
        guest.Slot.Gdt[30].ShouldBe(0x00cff300_00000055ul);
    }

    [Fact]
    public void Thread_local_descriptors_may_end_with_memory()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        GuestPhysical table = new(guest.Memory.RamBytes - (3 * 8));
        guest.Memory.TryWrite(table + 16, 0x00cff200_00000055ul);
        guest.Slot.Gdt.LoadTls(table);
        guest.Slot.End.ShouldBeNull();
        guest.Slot.Gdt[8].ShouldBe(0x00cff300_00000055ul);
    }

    [Fact]
    public void The_hosts_own_entries_are_flat_segments_of_ring_0()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Gdt[10].ShouldBe(0x00cf9b00_0000fffful);
        guest.Slot.Gdt[11].ShouldBe(0x00cf9300_0000fffful);
    }

    [Fact]
    public void A_limit_in_bytes_has_20_bits_and_one_in_pages_12_more()
    {
        var bytes = Descriptor.Unpack(0xab_5f_b3_cd_ef01_2345, 0x69);
        (bytes.Base, bytes.Limit, bytes.Attributes, bytes.Selector).ShouldBe((0xabcdef01u, 0xf2345u, (ushort)0x50b3, (ushort)0x69));
        bytes.Rights.ShouldBe(SegmentCache.MayRead | SegmentCache.MayWrite, "it ends somewhere");
        Descriptor.Unpack(0xab_df_b3_cd_ef01_2345, 0x69).Limit.ShouldBe(0xf2345fffu);
        var even = Descriptor.Unpack(0xab_5f_b3_cd_ef00_2344, 0x69);
        (even.Base, even.Limit).ShouldBe((0xabcdef00u, 0xf2344u));
    }

    private static SegmentCache* Register(TestGuest guest, int register) => register switch
    {
        0 => &guest.Cpu->Ds,
        1 => &guest.Cpu->Es,
        2 => &guest.Cpu->Fs,
        _ => &guest.Cpu->Gs,
    };

    private static void Select(TestGuest guest, int register, ushort selector) => *Register(guest, register) =
        new SegmentCache { Selector = selector };
}
