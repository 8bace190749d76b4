// The sheet's checklist 13.1, lines 1 to 4: what a Guest finds at its first instruction and after LGUEST_INIT.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Segments;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe class StartSpec
{
    [Fact]
    public void Registers_and_segments_are_those_of_the_sheet()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        for (int i = 0; i < 8; i++)
            guest.Cpu->Gpr[i].ShouldBe(0u);
        guest.Cpu->Eip.ShouldBe(TestGuest.CodeAt);
        guest.Slot.Processor.Eflags.ShouldBe(0x202u);
        guest.Cpu->Cs.Selector.ShouldBe((ushort)0x61);
        guest.Cpu->Ds.Selector.ShouldBe((ushort)0x69);
        guest.Cpu->Es.Selector.ShouldBe((ushort)0x69);
        guest.Cpu->Ss.Selector.ShouldBe((ushort)0x69);
        guest.Cpu->Fs.Selector.ShouldBe((ushort)0);
        guest.Cpu->Gs.Selector.ShouldBe((ushort)0);
        (guest.Cpu->Fs.Attributes, guest.Cpu->Gs.Attributes).ShouldBe(((ushort)0, (ushort)0), "nothing is reached through them");
        guest.Cpu->Cpl.ShouldBe(1u);
        guest.Slot.Gdt[12].ShouldBe(0x00cfbb00_0000fffful);
        guest.Slot.Gdt[13].ShouldBe(0x00cfb300_0000fffful);
        for (int i = 0; i < 32; i++)
        {
            if (i is not (10 or 11 or 12 or 13 or 16))
                guest.Slot.Gdt[i].ShouldBe(0ul);
        }
    }

    [Fact]
    public void Before_initialisation_linear_addresses_are_physical_and_writable()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.ResultAt], 0x12345678)).RunToDone();
        guest.Result().ShouldBe(0x12345678u);
    }

    [Fact]
    public void An_exception_before_the_first_gate_kills()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        var end = guest.Raw(a => a.ud2()).RunToDeath();
        end.Reason.ShouldBe(KillReason.UnhandledTrap);
        end.Detail.ShouldStartWith("unhandled trap 6 at 0x100000");
    }

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Initialisation_recognises_the_family_and_fills_lguest_data(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(_ => { }).RunToDone();
        guest.Slot.Family.ShouldBe(family);
        guest.Field(guest.Layout.TscKhz).ShouldBe(1_000_000u);
        guest.Field(guest.Layout.ReserveMem).ShouldBe(0x400000u);
        guest.Field(guest.Layout.Time).ShouldBe(1_700_000_000u);
        guest.Field(guest.Layout.Time + 4).ShouldBe(123_456_789u);
    }

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Hypercalls_preserve_all_registers(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(a =>
        {
            a.mov(ebp, 0x55);
            a.mov(edi, 0x77);
            guest.Call(a, Hypercall.FlushTlb, 1, 0xb, 0xc, 0xd);
            a.pushfd();
            a.pushad();
            a.lea(esi, __[esp]);
            a.mov(edi, TestGuest.ResultAt);
            a.mov(ecx, 9);
            a.rep.movsd();
            a.mov(esp, TestGuest.StackTop);
        }).RunToDone();
        guest.Result(0).ShouldBe(0x77u);
        guest.Result(2).ShouldBe(0x55u);
        guest.Result(7).ShouldBe((uint)Hypercall.FlushTlb);
        uint[] arguments = [guest.Result(4), guest.Result(6), guest.Result(5)];
        if (guest.Layout.ArgumentsStartInEdx)
            arguments.ShouldBe([0xb, 0xc, 1u]);
        else
            arguments.ShouldBe([1u, 0xb, 0xc]);
        (guest.Result(8) & 0x200).ShouldBe(0x200u);
    }

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Kernels_before_3_get_boot_tables_with_identity_and_kernel_half(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(a =>
        {
            if (guest.Layout.PageDirectory != LguestDataLayout.Absent)
            {
                a.mov(eax, __dword_ptr[TestGuest.KernelAddress + TestGuest.DataAt + (uint)guest.Layout.PageDirectory]);
                a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            }
        }).RunToDone();
        uint expected = guest.Layout.PageDirectory == LguestDataLayout.Absent ? 0 : guest.Memory.RamBytes - 4096;
        guest.Result().ShouldBe(expected);
    }

    [Fact]
    public void Boot_tables_lie_below_the_initrd_and_map_all_of_ram_twice()
    {
        using GuestMemory memory = new(64 * TestGuest.Megabyte);
        var root = Lguest.Switcher.Paging.BootTables.Make(memory, 0x5000, new GuestVirtual(0xc0000000), 0xffc00000, false)
            .ShouldNotBeNull();
        root.Value.ShouldBe(memory.RamBytes - 0x6000);
        for (uint i = 0; i < 1024; i++)
        {
            memory.TryRead(root + (i * 4), out uint entry).ShouldBeTrue();
            if (i is < 16 or (>= 768 and < 784))
            {
                (entry & 0xfff).ShouldBe(7u);
                memory.TryRead(new GuestPhysical((entry & ~0xfffu) + 20), out uint page).ShouldBeTrue();
                page.ShouldBe(((i % 16) << 22) | (5u << 12) | 7);
            }
            else
            {
                entry.ShouldBe(0u);
            }
        }
    }

    [Fact]
    public void Boot_tables_need_room()
    {
        using GuestMemory memory = new(2 * TestGuest.Megabyte);
        Lguest.Switcher.Paging.BootTables.Make(memory, TestGuest.Megabyte, new GuestVirtual(0xc0000000), 0xffc00000, false).ShouldBeNull();
    }

    [Fact]
    public void The_hidden_part_of_a_segment_register_is_unpacked_from_its_descriptor()
    {
        var cache = Descriptor.Unpack(0x12_cf_f3_34_5678_ffff, 0x7b);
        cache.Base.ShouldBe(0x12345678u);
        cache.Limit.ShouldBe(uint.MaxValue);
        cache.Dpl.ShouldBe(3);
        Descriptor.Unpack(0x0040f300_00001fff, 0x7b).Limit.ShouldBe(0x1fffu);
    }
}
