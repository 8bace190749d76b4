// A flush has to find every entry that was filled, whether few were, so that they are listed, or many.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Mmu;

public sealed unsafe class TlbFillsSpec
{
    private const uint Page = 4096;
    private const uint From = 0x10_0000;

    [Theory]
    [InlineData(3)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(900)]
    public void A_flush_empties_all_entries(uint pages)
    {
        using var m = Touch(pages);
        Filled(m).ShouldBeGreaterThanOrEqualTo((int)Math.Min(pages, TlbEntry.Count));

        m.Cpu.FlushTlb();

        Filled(m).ShouldBe(0);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(255, 100)]
    [InlineData(300, 10)]
    [InlineData(300, 290)]
    [InlineData(900, 450)]
    public void A_flush_below_an_address_leaves_no_entry_below_it_and_those_above_can_be_flushed_later(uint pages, uint below)
    {
        using var m = Touch(pages);
        uint end = From + (below * Page);

        m.Cpu.FlushTlbBelow(new GuestVirtual(end));

        foreach (var entry in Entries(m))
            (entry.IsEmpty || entry.ReadTag >= end).ShouldBeTrue();
        m.Cpu.FlushTlbBelow(new GuestVirtual(uint.MaxValue));
        Filled(m).ShouldBe(0);
    }

    [Fact]
    public void An_empty_entry_of_a_processor_that_was_reset_matches_no_page()
    {
        using var m = Touch(5);

        m.Cpu.Reset();

        Filled(m).ShouldBe(0);
    }

    private static TestMachine Touch(uint pages)
    {
        var m = new TestMachine(From + (1000 * Page)).Load(a =>
        {
            var top = a.CreateLabel();
            a.mov(ebx, From);
            a.mov(ecx, pages);
            a.Label(ref top);
            a.mov(__dword_ptr[ebx], eax);
            a.add(ebx, Page);
            a.dec(ecx);
            a.jne(top);
        });
        return m.Run();
    }

    private static TlbEntry[] Entries(TestMachine m)
    {
        var e = m.Cpu.Execution;
        return [.. ((ReadOnlySpan<TlbEntry>)e->SupervisorTlb).ToArray(), .. ((ReadOnlySpan<TlbEntry>)e->UserTlb).ToArray()];
    }

    private static int Filled(TestMachine m) => Entries(m).Count(entry => !entry.IsEmpty);
}
