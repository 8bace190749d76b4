// Two walls stand before the Switcher's area at the top of the address space: segment limits and paging. Each must hold alone.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Paging;

public sealed unsafe class WallSpec
{
    private const uint Root = 0x400000;
    private const uint Secret = 0x5ec2e7;

    [Theory]
    [InlineData(0xffc00000u)]
    [InlineData(0xffc00900u)]
    [InlineData(0xfffffff0u)]
    public void The_segment_wall_stands_alone(uint address)
    {
        // The window of the tables is moved to the last page, so that behind the segment wall there is memory that the Guest has mapped for itself.
        using TestGuest guest = Attacker(address & ~0xfffu, a => a.mov(eax, __dword_ptr[address]));
        if (address < 0xfffff000)
        {
            NativePages copy = Copy(guest);
            guest.Slot.Processor.MapWindow(new GuestVirtual(0xfffff000), copy.Base, 4096);
            MoveTables(guest, 0xfffff000);
        }

        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(13u);
        guest.Cpu->Gpr[0].ShouldNotBe(Secret);
    }

    [Theory]
    [InlineData(0xffc00000u)]
    [InlineData(0xfffffff0u)]
    public void The_paging_wall_stands_alone(uint address)
    {
        using TestGuest guest = Attacker(address & ~0xfffu, a => a.mov(eax, __dword_ptr[address]));
        guest.Cpu->SegmentCap = uint.MaxValue;
        guest.Gate(14, TestGuest.HandlerAt + 0x100).RunToDone();
        guest.Result(0).ShouldBe(14u);
        guest.Field(guest.Layout.Cr2).ShouldBe(address);
        guest.Cpu->Gpr[0].ShouldNotBe(Secret);
    }

    [Fact]
    public void Early_hosts_kill_for_what_passes_the_segment_wall()
    {
        using TestGuest guest = TestGuest.Of(AbiFamily.Linux2631);
        guest.Cpu->SegmentCap = uint.MaxValue;
        guest.Boot(a => a.mov(eax, __dword_ptr[0xffc00000])).RunToDeath().Reason.ShouldBe(KillReason.SwitcherAccess);
    }

    [Fact]
    public void A_write_and_a_jump_into_the_area_fail_as_well()
    {
        using TestGuest write = Attacker(0xffc00000, a => a.mov(__dword_ptr[0xffc00804], 0));
        ulong before = write.Slot.Gdt[0];
        write.Gate(13).RunToDone();
        write.Result(0).ShouldBe(13u);
        write.Slot.Gdt[0].ShouldBe(before);
        using TestGuest jump = Attacker(0xffc00000, a => a.jmp(0xffc00000));
        jump.Gate(13).RunToDone();
        jump.Result(0).ShouldBe(13u);
    }

    [Fact]
    public void An_access_across_the_border_fails()
    {
        using TestGuest guest = Attacker(0xffbff000, a => a.mov(eax, __dword_ptr[0xffbffffe]));
        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(13u);
    }

    [Fact]
    public void What_lies_below_the_border_is_the_guests_own()
    {
        using TestGuest guest = Attacker(0xffbff000, a =>
        {
            a.mov(eax, __dword_ptr[0xffbffff0]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        });
        guest.RunToDone();
        guest.Result(1).ShouldBe(Secret);
    }

    /// <summary>A Guest whose own page tables map memory at the page that it attacks. Handlers tell which exception came.</summary>
    private static TestGuest Attacker(uint page, Action<Assembler> program)
    {
        TestGuest guest = TestGuest.Of(AbiFamily.Linux3);
        new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(page, 0x500000, 7);
        for (uint i = 0; i < 1024; i++)
            guest.Memory.TryWrite(new GuestPhysical(0x500000 + (i * 4)), Secret);
        foreach ((uint at, uint vector) in ((uint, uint)[])[(TestGuest.HandlerAt, 13), (TestGuest.HandlerAt + 0x100, 14)])
        {
            guest.Assemble(at, a =>
            {
                a.mov(__dword_ptr[TestGuest.ResultAt], vector);
                guest.Done(a);
            });
        }

        return guest.Boot(a =>
        {
            guest.Call(a, Hypercall.NewPageTable, Root);
            program(a);
        });
    }

    private static NativePages Copy(TestGuest guest)
    {
        NativePages pages = new(4096);
        new Span<ulong>(guest.Slot.RealTables, 512).CopyTo(new Span<ulong>(pages.Base, 512));
        return pages;
    }

    private static void MoveTables(TestGuest guest, uint to)
    {
        guest.Cpu->IdtBase = to;
        guest.Cpu->GdtBase = to + 0x800;
        guest.Cpu->Tr.Base = to + 0x900;
    }
}
