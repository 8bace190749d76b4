// The tables that a generation 1 kernel starts on, walked as a processor walks them: all RAM at the kernel's own addresses, and nothing
// anywhere else (ABI sheet 1.6).

using Lguest.Guest.Memory;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class FirstPageTablesSpec
{
    private const uint PageOffset = 0xc0000000;

    [Theory, InlineData(1u), InlineData(4u), InlineData(5u), InlineData(16u)]
    public void Every_page_of_ram_is_at_its_address_and_nothing_is_behind_the_last(uint megabytes)
    {
        using GuestMemory memory = new(megabytes << 20, devicePages: 1);

        var root = FirstPageTables.Write(memory, memory.RamBytes, new GuestVirtual(PageOffset));

        root.Value.ShouldBe(memory.RamBytes - GuestMemory.PageSize);
        for (uint at = 0; at < memory.RamBytes; at += GuestMemory.PageSize)
            Walk(memory, root, PageOffset + at).ShouldBe(at | 7);
        Walk(memory, root, PageOffset + memory.RamBytes).ShouldBeNull("after RAM");
        for (uint slot = 0; slot < 1024; slot++)
            if (slot < PageOffset >> 22 || slot > (PageOffset + memory.RamBytes - 1) >> 22)
                Entry(memory, root.Value + (slot * 4)).ShouldBe(0u, $"directory slot {slot}");
    }

    [Fact]
    public void They_lie_below_the_top_that_was_named_and_take_as_many_pages_as_was_said()
    {
        using GuestMemory memory = new(16 << 20, devicePages: 1);
        const uint Top = 15 << 20;

        var root = FirstPageTables.Write(memory, Top, new GuestVirtual(PageOffset));

        FirstPageTables.Pages(memory.RamBytes, new GuestVirtual(PageOffset)).ShouldBe(5u);
        root.Value.ShouldBe(Top - 0x1000);
        memory.Span(new GuestPhysical(0), Top - (5 * 0x1000)).ContainsAnyExcept((byte)0).ShouldBeFalse("nothing is written below");
        memory.Span(new GuestPhysical(Top), memory.RamBytes - Top).ContainsAnyExcept((byte)0).ShouldBeFalse("nor above");
    }

    [Fact]
    public void Memory_that_would_reach_into_the_switchers_addresses_is_left_out()
    {
        const uint High = 0xff800000;
        using GuestMemory memory = new(16 << 20, devicePages: 1);

        var root = FirstPageTables.Write(memory, memory.RamBytes, new GuestVirtual(High));

        FirstPageTables.Pages(memory.RamBytes, new GuestVirtual(High)).ShouldBe(2u);
        Walk(memory, root, 0xffbff000).ShouldBe(0x3ff000u | 7);
        Walk(memory, root, 0xffc00000).ShouldBeNull();
        Walk(memory, root, 0).ShouldBeNull("addresses do not wrap");
    }

    private static uint? Walk(GuestMemory memory, GuestPhysical root, uint address)
    {
        uint slot = Entry(memory, root.Value + ((address >> 22) * 4));
        if ((slot & 1) == 0)
            return null;
        (slot & 0xfff).ShouldBe(7u);
        uint entry = Entry(memory, (slot & ~0xfffu) + ((address >> 12 & 1023) * 4));
        return (entry & 1) == 0 ? null : entry;
    }

    private static uint Entry(GuestMemory memory, uint at) => memory.TryRead(new GuestPhysical(at), out uint value) ? value
        : throw new ArgumentOutOfRangeException(nameof(at));
}
