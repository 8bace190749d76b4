// What a window shows is what the Guest's page tables say, at the latest after a flush; and a store never escapes notice, be it the first
// one to a page, one that is not allowed, or one to code.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Windows;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Guest.Tests.Windows.WindowMachine;

namespace Lguest.Guest.Tests.Windows;

public sealed unsafe class WindowSpec
{
    private const uint NotPresent = 4;
    private const uint WriteNotAllowed = 7;

    public WindowSpec() => Skip.IfNot(Engines.WindowsProblem is null, $"this host has no windows: {Engines.WindowsProblem}");

    [SkippableFact]
    public void Accesses_reach_the_frames_of_the_page_tables()
    {
        using var m = Loads(kernel: false);
        m.Map(Frame);
        m[Frame] = 77;

        m.Run().ShouldBeNull();

        m.State->Gpr[0].ShouldBe(77u);
        m.Cpu.Windows!.Made.ShouldBe(1);
        m.Cpu.Windows.Mapped.ShouldBeGreaterThan(0);
    }

    [SkippableFact]
    public void A_page_that_is_gone_faults_after_a_flush_and_can_come_back()
    {
        using var m = Loads(kernel: false);
        m.Map(Frame);
        m.Run();
        m.Map(Frame, 0);
        m.Cpu.FlushTlb();

        m.Run().ShouldBe(NotPresent);
        m.Machine.Traps[0].Address.ShouldBe(Data);

        m[Frame + 1] = 9;
        m.Map(Frame + 1);
        m.Cpu.FlushTlb();
        m.Run().ShouldBeNull();
        m.State->Gpr[0].ShouldBe(9u);
    }

    [SkippableFact]
    public void A_directory_entry_that_has_changed_is_a_change_of_all_its_pages()
    {
        using var m = Loads(kernel: false);
        m.Map(Frame);
        m.Run();
        for (int page = 0; page < 1024; page++)
            m.Map(m.Entry(page) >> 12, m.Entry(page) & 0xfff, page, space: 1); // another table with the same entries
        m.Machine.Memory.TryRead(new GuestPhysical(0x303_400), out uint same);
        m.Machine.Memory.TryWrite(new GuestPhysical(0x300_400), same & ~Writable);
        m.Cpu.FlushTlb();
        m.Run();
        m.Map(Frame + 7, space: 1);
        m[Frame + 7] = 5;
        m.Machine.Memory.TryRead(new GuestPhysical(0x303_400), out uint other); // the directory entry of Data in the other space
        m.Machine.Memory.TryWrite(new GuestPhysical(0x300_400), other);
        m.Cpu.FlushTlb();

        m.Run().ShouldBeNull();

        m.State->Gpr[0].ShouldBe(5u);
    }

    [SkippableFact]
    public void A_page_that_was_made_read_only_as_for_a_fork_faults_at_the_next_write()
    {
        using var m = Adds(kernel: false);
        m.Map(Frame);
        m.Run().ShouldBeNull();
        m.Map(Frame, Usual & ~Writable);
        m.Cpu.FlushTlb();

        m.Run().ShouldBe(WriteNotAllowed);
        m[Frame].ShouldBe(1u);

        m[Frame + 3] = 10;
        m.Map(Frame + 3);
        m.Cpu.FlushTlbPage(new GuestVirtual(Data));
        m.Run().ShouldBeNull();
        m[Frame + 3].ShouldBe(11u);
        m[Frame].ShouldBe(1u);
    }

    [SkippableFact]
    public void A_directory_entry_that_allows_no_writes_any_more_takes_the_right_from_its_pages()
    {
        using var m = Adds(kernel: false);
        m.Map(Frame);
        m.Run();
        m.Machine.Memory.TryRead(new GuestPhysical(0x300_400), out uint entry);
        m.Machine.Memory.TryWrite(new GuestPhysical(0x300_400), entry & ~Writable);
        m.Cpu.FlushTlb();

        m.Run().ShouldBe(WriteNotAllowed);
    }

    [SkippableTheory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void A_page_beside_it_is_mapped_only_if_ring_3_has_accessed_it(uint missing)
    {
        using var m = new WindowMachine();
        m.Load(a =>
        {
            a.mov(ebx, Data);
            a.mov(eax, __dword_ptr[ebx]);
            a.mov(eax, __dword_ptr[ebx + 4]);
            a.mov(eax, __dword_ptr[ebx + 0x1000]);
        });
        uint flags = missing == 0 ? Usual & ~User : Present | Writable | User;
        m.Map(Frame);
        m.Map(Frame + 1, flags, page: 1); // its frame is next as well

        uint? fault = m.Run();

        fault.ShouldBe(missing == 0 ? NotPresent | Present : null);
        m.Entry(1).ShouldBe(((Frame + 1) << 12) | flags | (missing == 0 ? 0 : Accessed));
    }

    [SkippableFact]
    public void A_page_of_the_kernel_is_not_in_the_window()
    {
        using var m = Loads(kernel: false);
        m.Map(Frame, Usual & ~User);

        m.Run().ShouldBe(NotPresent | Present);
    }

    [SkippableFact]
    public void Each_address_space_has_its_own()
    {
        using var m = Adds(kernel: false);
        m.Map(Frame, space: 0);
        m.Map(Frame + 1, space: 1);
        for (uint i = 0; i < 10; i++)
        {
            m.Switch(i & 1);
            m.Run().ShouldBeNull();
        }

        m[Frame].ShouldBe(5u);
        m[Frame + 1].ShouldBe(5u);
        m.Cpu.Windows!.Made.ShouldBe(2);
        m.Engine.Faults.ShouldBeLessThan(10);
    }

    [SkippableFact]
    public void An_operand_that_crosses_into_a_page_that_is_missing_faults_there_and_has_done_nothing()
    {
        using var m = new WindowMachine();
        m.Load(a =>
        {
            a.mov(ebx, Data);
            a.mov(__dword_ptr[ebx + 0xffe], 0x11223344);
        });
        m.Map(Frame);
        m.Run().ShouldBe(NotPresent | 2);
        m.Machine.Traps[0].Address.ShouldBe(Data + 0x1000);
        m.Machine.Memory.Span(new GuestPhysical((Frame << 12) + 0xffe), 2).ToArray().ShouldBe(new byte[2]);

        m.Map(Frame + 9, page: 1);
        m.Run().ShouldBeNull();
        m[Frame + 9].ShouldBe(0x1122u);
    }

    [SkippableFact]
    public void What_no_segment_reaches_is_never_mapped()
    {
        using var m = Loads(kernel: false);
        m.Map(Frame);
        m.State->SegmentCap = Data - 1;
        m.Cpu.FlushTlb();
        m.Machine.Run(100).Traps.Single().Vector.ShouldBe(Vectors.GeneralProtection);
        m.State->SegmentCap = uint.MaxValue;
        m.Cpu.MapWindow(new GuestVirtual(Data), m.Machine.Memory.Base, 0x1000);

        m.Run().ShouldBe(NotPresent);
    }

    [SkippableFact]
    public void Where_the_budget_ends_programs_go_on_and_all_of_it_comes_back()
    {
        MappingBudget budget = new(6);
        using (var m = new WindowMachine(Forced with { MappingBudget = budget, InstructionsAFault = 1 }))
        {
            m.Load(a =>
            {
                var loop = a.CreateLabel();
                a.mov(ebx, Data);
                a.mov(ecx, 20);
                a.Label(ref loop);
                a.inc(__dword_ptr[ebx]);
                a.add(ebx, 0x2000);
                a.dec(ecx);
                a.jnz(loop);
            });
            for (int page = 0; page < 40; page++)
                m.Map(Frame + (uint)(39 - page), page: page);

            for (uint i = 1; i < 5; i++)
            {
                m.Run().ShouldBeNull();
                m[Frame + 1].ShouldBe(i);
                budget.Taken.ShouldBeLessThanOrEqualTo(6);
            }
        }

        budget.Taken.ShouldBe(0);
    }

    [SkippableFact]
    public void A_window_comes_when_a_program_has_run_for_long_and_goes_when_it_does_not_pay()
    {
        using var m = new WindowMachine(Forced with { WindowAfter = 5_000, InstructionsAFault = 2_500 });
        m.Load(a =>
        {
            var loop = a.CreateLabel();
            a.mov(ebx, Data);
            a.mov(ecx, 500);
            a.Label(ref loop);
            a.inc(__dword_ptr[ebx]);
            a.dec(ecx);
            a.jnz(loop);
        });
        m.Map(Frame);
        m.Run();
        m.Cpu.Windows!.Made.ShouldBe(0);
        for (int i = 0; i < 20; i++)
            m.Run();
        m.Cpu.Windows.Made.ShouldBe(1);
        m.Cpu.Windows.HasWindow.ShouldBeTrue();

        // From now on it gets another frame each time.
        for (uint i = 0; i < 20; i++)
        {
            m.Map(Frame + (i & 1));
            m.Cpu.FlushTlbPage(new GuestVirtual(Data));
            m.Run().ShouldBeNull();
        }

        m.Cpu.Windows.HasWindow.ShouldBeFalse();
        m.Cpu.Windows.Made.ShouldBe(1);
        (m[Frame] + m[Frame + 1]).ShouldBe(41u * 500);
    }
}
