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
    private const uint Untouched = 0x0dd0_0dd0;
    private const uint Forged = 0xf0;
    private const uint Page = 0x500000;

    public static TheoryData<string, uint> SegmentAttacks => Attacks(0xffc00000u, 0xffc00900u, 0xffffeffcu, 0xfffffff0u);

    public static TheoryData<string, uint> PagingAttacks =>
        Attacks(0xffc00000u, 0xffc00900u, 0xffc00ffcu, 0xffc01000u, 0xfffffff0u, 0xfffffffcu);

    [Theory, MemberData(nameof(SegmentAttacks))]
    public void The_segment_wall_stands_alone(string access, uint address)
    {
        // The window of the tables is moved to the last page, so that after the segment wall there is memory that the Guest has mapped for
        // itself.
        using var guest = Attacker(address & ~0xfffu, Attack(access, address));
        if (address < 0xfffff000)
        {
            var copy = Copy(guest);
            guest.Slot.Processor.MapWindow(new GuestVirtual(0xfffff000), copy.Base, 4096);
            MoveTables(guest, 0xfffff000);
        }

        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(13u);
        NothingGotThrough(guest);
    }

    [Theory, MemberData(nameof(PagingAttacks))]
    public void The_paging_wall_stands_alone(string access, uint address)
    {
        using var guest = Attacker(address & ~0xfffu, Attack(access, address));
        byte[] tables = new ReadOnlySpan<byte>(guest.Slot.RealTables, 4096).ToArray();
        guest.Cpu->SegmentCap = uint.MaxValue;
        guest.Gate(14, TestGuest.HandlerAt + 0x100).RunToDone();
        guest.Result(0).ShouldBe(14u);
        guest.Field(guest.Layout.Cr2).ShouldBe(address);
        NothingGotThrough(guest);

        // The gate of the page fault is the test's own entry; all else in the Switcher's page is as it was.
        byte[] after = new ReadOnlySpan<byte>(guest.Slot.RealTables, 4096).ToArray();
        Enumerable.Range(0, 4096).Where(at => at / 8 != 14 && after[at] != tables[at]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public void An_access_across_the_paging_wall_fails_at_the_wall(string access)
    {
        using var guest = Attacker(0xffbff000, Attack(access, 0xffbffffe));
        guest.Cpu->SegmentCap = uint.MaxValue;
        guest.Gate(14, TestGuest.HandlerAt + 0x100).RunToDone();
        guest.Result(0).ShouldBe(14u);
        guest.Field(guest.Layout.Cr2).ShouldBe(0xffc00000u);
        NothingGotThrough(guest);
    }

    [Fact]
    public void Early_hosts_kill_for_what_passes_the_segment_wall()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2631);
        guest.Cpu->SegmentCap = uint.MaxValue;
        guest.Boot(a => a.mov(eax, __dword_ptr[0xffc00000])).RunToDeath()
            .ShouldBe(new GuestEnd.Killed(KillReason.SwitcherAccess, "access to switcher area at ffc00000"));
    }

    [Fact]
    public void A_write_and_a_jump_into_the_area_fail_as_well()
    {
        using var write = Attacker(0xffc00000, a => a.mov(__dword_ptr[0xffc00804], 0));
        ulong before = write.Slot.Gdt[0];
        write.Gate(13).RunToDone();
        write.Result(0).ShouldBe(13u);
        write.Slot.Gdt[0].ShouldBe(before);
        using var jump = Attacker(0xffc00000, a => a.jmp(0xffc00000));
        jump.Gate(13).RunToDone();
        jump.Result(0).ShouldBe(13u);
    }

    [Fact]
    public void An_access_across_the_border_fails()
    {
        using var guest = Attacker(0xffbff000, a => a.mov(eax, __dword_ptr[0xffbffffe]));
        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(13u);
    }

    [Fact]
    public void What_lies_below_the_border_is_the_guests_own()
    {
        using var guest = Attacker(0xffbff000, a =>
        {
            a.mov(eax, __dword_ptr[0xffbffff0]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        });
        guest.RunToDone();
        guest.Result(1).ShouldBe(Secret);
    }

    private static TheoryData<string, uint> Attacks(params uint[] addresses)
    {
        TheoryData<string, uint> attacks = [];
        foreach (uint address in addresses)
            foreach (string access in (string[])["read", "write", "fetch"])
                attacks.Add(access, address);
        return attacks;
    }

    private static Action<Assembler> Attack(string access, uint address) => a =>
    {
        switch (access)
        {
            case "read":
                a.mov(eax, __dword_ptr[address]);
                break;
            case "write":
                a.mov(__dword_ptr[address], Forged);
                break;
            default:
                a.jmp(address);
                break;
        }
    };

    /// <summary>Neither did the Guest get to see what is there, nor is anything of it changed.</summary>
    private static void NothingGotThrough(TestGuest guest)
    {
        guest.Result(2).ShouldBe(Untouched, "EAX in the handler");
        for (uint i = 0; i < 1024; i++)
            guest.Word(Page + (i * 4)).ShouldBe(Secret);
    }

    /// <summary>A Guest whose own page tables map memory at the page that it attacks. Handlers tell which exception came.</summary>
    private static TestGuest Attacker(uint page, Action<Assembler> program)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(page, Page, 7);
        for (uint i = 0; i < 1024; i++)
            guest.Memory.TryWrite(new GuestPhysical(Page + (i * 4)), Secret);
        foreach ((uint at, uint vector) in ((uint, uint)[])[(TestGuest.HandlerAt, 13), (TestGuest.HandlerAt + 0x100, 14)])
        {
            guest.Assemble(at, a =>
            {
                a.mov(__dword_ptr[TestGuest.ResultAt + 8], eax);
                a.mov(__dword_ptr[TestGuest.ResultAt], vector);
                guest.Done(a);
            });
        }

        return guest.Boot(a =>
        {
            guest.Call(a, Hypercall.NewPageTable, Root);
            a.mov(eax, Untouched);
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
