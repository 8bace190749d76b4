// What programs' windows and the kernel's have in common: they show what the page tables say, at the latest after a flush, and let no first
// access and no store to code go by unseen.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Guest.Tests.Windows.WindowMachine;

namespace Lguest.Guest.Tests.Windows;

public sealed unsafe class EveryWindowSpec
{
    private const uint RingThree = 4; // in the error code of a page fault

    public EveryWindowSpec() => Skip.IfNot(Engines.WindowsProblem is null, $"this host has no windows: {Engines.WindowsProblem}");

    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_page_that_has_got_another_frame_shows_it_after_a_flush(bool kernel, bool page)
    {
        using var m = Loads(kernel);
        m.Map(Frame, m.Rights);
        m[Frame] = 1;
        m[Frame + 5] = 2;
        m.Run();
        m.Map(Frame + 5, m.Rights);

        if (page)
            m.Cpu.FlushTlbPage(new GuestVirtual(Data));
        else
            m.Cpu.FlushTlb();

        m.Run().ShouldBeNull();
        m.State->Gpr[0].ShouldBe(2u);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flush_of_one_page_is_one_of_all_parts_of_a_large_page(bool kernel)
    {
        const uint large = 0x80, region = 0x0080_0000, directory = 0x300_000 + (region >> 22 << 2);
        using WindowMachine m = new(kernel: kernel);
        m.State->Cr4 |= ControlRegisters.Cr4PageSizeExtension;
        m.Machine.Memory.TryWrite(new GuestPhysical(directory), 0u | large | m.Rights).ShouldBeTrue(); // linear 8 MiB is physical 0
        m.Cpu.FlushTlb();
        m.Load(a =>
        {
            a.mov(eax, __dword_ptr[region + (Frame << 12)]);
            a.mov(eax, __dword_ptr[region + ((Frame + 1) << 12)]);
        });
        m[Frame + 1] = 7;
        m.Run().ShouldBeNull();
        m.Run().ShouldBeNull();
        (kernel ? m.Cpu.Kernel!.Mapped : m.Cpu.Windows!.Mapped).ShouldBeGreaterThan(1);
        m.Cpu.FlushTlb(); // the soft TLB forgets that there is a large page, the window stays
        m.Load(a => a.mov(eax, __dword_ptr[region + ((Frame + 1) << 12)]));
        m.Run().ShouldBeNull();
        m.State->Gpr[0].ShouldBe(7u);
        m.Machine.Memory.TryWrite(new GuestPhysical(directory), 0u).ShouldBeTrue();

        m.Cpu.FlushTlbPage(new GuestVirtual(region + (Frame << 12)));

        m.Run().ShouldBe(kernel ? 0 : RingThree);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_access_sets_the_accessed_bit_and_the_first_write_the_dirty_bit(bool kernel)
    {
        using WindowMachine m = new(kernel: kernel);
        m.Load(a =>
        {
            a.mov(ebx, Data);
            a.mov(eax, __dword_ptr[ebx]);
            a.mov(eax, __dword_ptr[ebx + 8]);
            a.test(ecx, ecx);
            var end = a.CreateLabel();
            a.je(end);
            a.mov(__dword_ptr[ebx], ecx);
            a.mov(__dword_ptr[ebx + 4], ecx);
            a.Label(ref end);
        });
        m.Map(Frame, m.Rights & ~(Accessed | Dirty));
        m.Run();
        m.Entry().ShouldBe((Frame << 12) | (m.Rights & ~Dirty));

        m.State->Gpr[1] = 3;
        m.Run();
        m.Entry().ShouldBe((Frame << 12) | m.Rights);

        // Cleaned without a word, then with one: only from then on the next write has to be seen.
        m.Map(Frame, m.Rights & ~Dirty);
        m.Cpu.FlushTlb();
        m.Run();
        m.Entry().ShouldBe((Frame << 12) | m.Rights);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Code_that_is_written_at_another_address_of_its_frame_is_seen(bool kernel)
    {
        using WindowMachine m = new(kernel: kernel);
        const uint function = TestMachine.CodeAt + 0x4000;
        m.Load(a =>
        {
            a.mov(ebx, Data);
            a.mov(__dword_ptr[ebx + 8], 1); // the frame is in the window, to be written
            a.mov(__byte_ptr[ebx + 1], cl);
            a.mov(eax, function);
            a.call(eax);
            a.mov(edx, eax);
            a.mov(__byte_ptr[ebx + 1], 9);
            a.mov(eax, function);
            a.call(eax);
        });
        m.Machine.Memory.TryWrite(new GuestPhysical(function), (ReadOnlySpan<byte>)[0xb8, 5, 0, 0, 0, 0xc3]); // mov eax, 5; ret
        m.Map(function >> 12, m.Rights);
        for (uint i = 20; i < 25; i++)
        {
            m.State->Gpr[1] = i;
            m.Run().ShouldBeNull();
            m.State->Gpr[2].ShouldBe(i);
            m.State->Gpr[0].ShouldBe(9u);
        }
    }
}
