// The kernel's window shows what the page tables say of pages that are the kernel's alone, at the latest after a flush, whatever address
// space is in use; all other memory is reached as before, and no store escapes notice.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Guest.Tests.Windows.WindowMachine;

namespace Lguest.Guest.Tests.Windows;

public sealed unsafe class KernelWindowSpec
{
    public KernelWindowSpec() => Skip.IfNot(Engines.WindowsProblem is null, $"this host has no windows: {Engines.WindowsProblem}");

    [SkippableFact]
    public void Accesses_reach_the_frames_of_the_page_tables_without_a_fault_the_second_time()
    {
        using var m = Loads(kernel: true);
        m.Map(Frame, Kernels);
        m[Frame] = 77;

        m.Run().ShouldBeNull();
        m.State->Gpr[0].ShouldBe(77u);
        long faults = m.Engine.Faults;
        m.Run().ShouldBeNull();

        m.State->Gpr[0].ShouldBe(77u);
        faults.ShouldBeGreaterThan(0);
        m.Engine.Faults.ShouldBe(faults);
        m.Cpu.Kernel!.Mapped.ShouldBeGreaterThan(0);
    }

    [SkippableTheory]
    [InlineData(0u, 2u)]
    [InlineData(Present | Accessed | Dirty, 3u)]
    public void A_page_that_is_gone_or_may_not_be_written_faults_after_a_flush_and_can_come_back(uint rights, uint error)
    {
        using var m = Adds(kernel: true);
        m.Map(Frame, Kernels);
        m.Run().ShouldBeNull();
        m.Map(Frame, rights);
        m.Cpu.FlushTlb();

        m.Run().ShouldBe(error);
        m.Machine.Traps[0].Address.ShouldBe(Data);

        m.Map(Frame + 1, Kernels);
        m.Cpu.FlushTlb();
        m.Run().ShouldBeNull();
        m[Frame].ShouldBe(1u);
        m[Frame + 1].ShouldBe(1u);
    }

    [SkippableFact]
    public void Another_address_space_shows_its_own_pages_and_the_same_ones_stay_mapped()
    {
        using var m = Adds(kernel: true);
        m.Map(Frame, Kernels, space: 0);
        m.Map(Frame + 1, Kernels, space: 1);
        for (uint i = 0; i < 10; i++)
        {
            m.Switch(i & 1);
            m.Run().ShouldBeNull();
        }

        m[Frame].ShouldBe(5u);
        m[Frame + 1].ShouldBe(5u);

        m.Map(Frame, Kernels, space: 1);
        m.Switch(1);
        m.Run();
        long faults = m.Engine.Faults;
        for (uint i = 0; i < 10; i++)
        {
            m.Switch(i & 1);
            m.Run().ShouldBeNull();
        }

        m[Frame].ShouldBe(16u);
        m.Engine.Faults.ShouldBe(faults);
    }

    [SkippableFact]
    public void A_page_that_ring_3_reaches_is_not_in_it_and_the_block_asks_the_soft_TLB()
    {
        using var m = Adds(kernel: true);
        m.Map(Frame);
        for (uint i = 1; i < 5; i++)
        {
            m.Run().ShouldBeNull();
            m[Frame].ShouldBe(i);
        }

        long faults = m.Engine.Faults;
        m.Run();
        m.Engine.Faults.ShouldBe(faults);
        m.Cpu.FlushTlb();
        m.Run();
        m.Engine.Faults.ShouldBe(faults);
        ((Block*)m.Cpu.Blocks.Find(TestMachine.CodeAt) - 1)->AsksTlb.ShouldBeTrue();
    }

    [SkippableTheory]
    [InlineData(0xffff_fffeu)]
    [InlineData(0xffff_ffffu)]
    public void An_operand_at_the_end_of_all_addresses_does_what_the_interpreter_does(uint at)
    {
        uint? Run(EngineKind engine)
        {
            using var m = new WindowMachine(engine: engine, kernel: true);
            m.Load(a =>
            {
                a.mov(ebx, at);
                a.mov(eax, __dword_ptr[ebx]);
            });
            m.Map(Frame, Kernels);
            m.Run();
            return m.Run();
        }

        Run(EngineKind.Translator).ShouldBe(Run(EngineKind.Interpreter));
    }

    [SkippableFact]
    public void What_no_segment_reaches_is_never_mapped()
    {
        using var m = Loads(kernel: true);
        m.Map(Frame, Kernels);
        m.State->SegmentCap = Data - 1;
        m.Cpu.FlushTlb();

        m.Machine.Run(100).Traps.Single().Vector.ShouldBe(Vectors.GeneralProtection);
    }

    [SkippableFact]
    public void With_paging_off_the_pages_are_where_they_are()
    {
        using var m = Loads(kernel: true);
        m.Map(Frame, Kernels);
        m[Frame] = 5;
        m.Run();
        m.State->Cr0 &= ~ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Load(a => a.mov(eax, __dword_ptr[(Frame + 1) << 12]));
        m[Frame + 1] = 6;
        m.Run().ShouldBeNull();
        m.State->Gpr[0].ShouldBe(6u);

        m.State->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Run().ShouldBe(0u);
    }

    [SkippableFact]
    public void It_goes_when_it_does_not_pay_and_the_soft_TLB_goes_on()
    {
        using var m = new WindowMachine(Forced with { WindowAfter = 10, InstructionsAFault = 1000 }, kernel: true);
        m.Load(a =>
        {
            a.mov(ebx, Data);
            a.inc(__dword_ptr[ebx]);
        });
        for (uint i = 1; i < 50; i++)
        {
            m.Map(Frame + (i & 1), Kernels);
            m.Cpu.FlushTlb();
            m.Run().ShouldBeNull();
            (m[Frame] + m[Frame + 1]).ShouldBe(i);
        }

        m.Cpu.Kernel.ShouldBeNull();
        m.State->Gpr[3].ShouldBe(Data);
    }
}
