// The page tables that a kernel before 3.x finds at its start, entry by entry: all of RAM, twice, nothing in the Switcher's area, and never
// over what is there already.
using Lguest.Guest.Memory;
using Lguest.Switcher.Paging;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Paging;

public sealed class BootTablesSpec
{
    private const uint Megabyte = TestGuest.Megabyte;
    private const uint Kernel = 0xc0000000;
    private const uint Switcher = 0xffc00000;
    private const uint SwitcherPae = 0xffe00000;

    [Fact]
    public void The_last_table_ends_with_the_last_page_of_ram()
    {
        using GuestMemory memory = new((6 * Megabyte) + 0x3000);
        var tables = Make(memory, 0);
        uint last = (memory.RamBytes >> 12) - 1;
        Walk(memory, tables, last << 12).ShouldBe((last << 12) | 7);
        Walk(memory, tables, (last + 1) << 12).ShouldBe(0u);
        Walk(memory, tables, Kernel + (last << 12)).ShouldBe((last << 12) | 7);
        Entry(memory, tables, 2).ShouldBe(0u, "6 MB are two tables");
    }

    [Fact]
    public void Every_page_is_where_it_is_and_in_the_kernels_half_in_either_format()
    {
        using GuestMemory memory = new((10 * Megabyte) + 0x5000);
        var tables = Make(memory, 0);
        for (uint at = 0; at < memory.RamBytes; at += 0x1000)
            (Walk(memory, tables, at), Walk(memory, tables, Kernel + at)).ShouldBe((at | 7, at | 7));
        var pae = BootTables.Make(memory, 0, new GuestVirtual(Kernel), SwitcherPae, true).ShouldNotBeNull();
        for (uint at = 0; at < memory.RamBytes; at += 0x1000)
            (WalkPae(memory, pae, at), WalkPae(memory, pae, Kernel + at)).ShouldBe((at | 7, at | 7));
    }

    [Fact]
    public void Where_identity_would_meet_the_kernels_half_that_wins()
    {
        // As with 3,100 MB of RAM and a kernel at 3 GB, or 1,100 MB and a kernel at 1 GB.
        using GuestMemory memory = new(16 * Megabyte);
        const uint Near = 8 * Megabyte;
        var root = BootTables.Make(memory, 0, new GuestVirtual(Near), Switcher, false).ShouldNotBeNull();
        for (uint at = 0; at < memory.RamBytes; at += 0x1000)
            Walk(memory, root, Near + at).ShouldBe(at | 7);
        for (uint at = 0; at < Near; at += 0x1000)
            Walk(memory, root, at).ShouldBe(at | 7);
    }

    [Fact]
    public void Of_more_than_a_gigabyte_pae_tables_map_the_first()
    {
        using GuestMemory memory = new((1 << 30) + (6L * Megabyte));
        var root = BootTables.Make(memory, 0, new GuestVirtual(Kernel), SwitcherPae, true).ShouldNotBeNull();
        uint low = memory.RamBytes - 0x2000;
        Pointers(memory, root).ShouldBe([low | 1ul, 0, 0, low | 1ul]);
        WalkPae(memory, root, (1u << 30) - 0x1000).ShouldBe(((1ul << 30) - 0x1000) | 7);
        Wide(memory, low + (511 * 8)).ShouldBe((low - (512 * 0x1000)) | 7ul, "a table for each entry of a directory, and no more");
        memory.Span(new GuestPhysical(low - (513 * 0x1000)), 0x1000).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void A_table_that_is_full_is_followed_by_no_empty_one()
    {
        using GuestMemory memory = new(8 * Megabyte);
        var tables = Make(memory, 0);
        Entry(memory, tables, 1).ShouldNotBe(0u);
        Entry(memory, tables, 2).ShouldBe(0u);
        tables.Value.ShouldBe((8 * Megabyte) - 0x1000);
        Entry(memory, tables, 0).ShouldBe(((8 * Megabyte) - 0x2000) | 7);
        Entry(memory, tables, 1).ShouldBe(((8 * Megabyte) - 0x3000) | 7, "pages are taken downwards");
        Entry(memory, tables, 768).ShouldBe(Entry(memory, tables, 0));
        Entry(memory, tables, 769).ShouldBe(Entry(memory, tables, 1));
    }

    [Fact]
    public void The_kernels_half_ends_before_the_switchers_area()
    {
        using GuestMemory memory = new(8 * Megabyte);
        var root = BootTables.Make(memory, 0, new GuestVirtual(Switcher - (4 * Megabyte)), Switcher, false).ShouldNotBeNull();
        Entry(memory, root, 1022).ShouldBe(Entry(memory, root, 0));
        Entry(memory, root, 1023).ShouldBe(0u);
    }

    [Fact]
    public void Pages_are_cleared_before_they_are_used()
    {
        using GuestMemory memory = new(8 * Megabyte);
        memory.Span(new GuestPhysical(7 * Megabyte), (int)Megabyte).Fill(0xee);
        var root = Make(memory, 0x1235);
        root.Value.ShouldBe((8 * Megabyte) - 0x3000, "below the initrd's first page");
        Entry(memory, root, 500).ShouldBe(0u);
        Entry(memory, root, 1023).ShouldBe(0u);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    [InlineData(1, false)]
    [InlineData(0, false)]
    public void They_keep_out_of_the_first_megabyte(uint pages, bool hasRoom)
    {
        // 8 MB of RAM need three pages: a root and two tables.
        using GuestMemory memory = new(8 * Megabyte);
        memory.Span(new GuestPhysical(0), (int)Megabyte).Fill(0xee);
        (BootTables.Make(memory, (7 * Megabyte) - (pages * 0x1000), new GuestVirtual(Kernel), Switcher, false) is not null)
            .ShouldBe(hasRoom);
        memory.Span(new GuestPhysical(0), (int)Megabyte).ContainsAnyExcept((byte)0xee).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_initrd_as_large_as_ram_leaves_no_room(int more)
    {
        using GuestMemory memory = new(8 * Megabyte);
        BootTables.Make(memory, (uint)(memory.RamBytes + more), new GuestVirtual(Kernel), Switcher, false).ShouldBeNull();
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, false)]
    [InlineData(2, false)]
    public void Pae_tables_need_room_as_well(uint pages, bool hasRoom)
    {
        // A pointer table, a middle directory, and two tables for 4 MB.
        using GuestMemory memory = new(4 * Megabyte);
        memory.Span(new GuestPhysical(0), (int)Megabyte).Fill(0xee);
        (BootTables.Make(memory, (3 * Megabyte) - (pages * 0x1000), new GuestVirtual(Kernel), SwitcherPae, true) is not null)
            .ShouldBe(hasRoom);
        memory.Span(new GuestPhysical(0), (int)Megabyte).ContainsAnyExcept((byte)0xee).ShouldBeFalse();
    }

    [Fact]
    public void A_pae_kernel_at_a_gigabyte_shares_its_middle_directory_with_the_identity_map()
    {
        using GuestMemory memory = new((6 * Megabyte) + 0x3000);
        var root = BootTables.Make(memory, 0, new GuestVirtual(Kernel), SwitcherPae, true).ShouldNotBeNull();
        uint top = memory.RamBytes;
        root.Value.ShouldBe(top - 0x1000);
        Pointers(memory, root).ShouldBe([(top - 0x2000) | 1, 0, 0, (top - 0x2000) | 1]);
        uint last = (top >> 12) - 1;
        WalkPae(memory, root, 0x5000).ShouldBe(0x5007ul);
        WalkPae(memory, root, last << 12).ShouldBe((last << 12) | 7ul);
        WalkPae(memory, root, (last + 1) << 12).ShouldBe(0ul);
        WalkPae(memory, root, Kernel + 0x200000).ShouldBe(0x200007ul);
        Wide(memory, (top - 0x2000) + (3 * 8)).ShouldBe((top - 0x6000) | 7ul, "the fourth table of 2 MB");
        Wide(memory, (top - 0x2000) + (4 * 8)).ShouldBe(0ul);
    }

    [Fact]
    public void A_pae_kernel_elsewhere_gets_middle_directories_of_its_own()
    {
        // Two megabytes below a gigabyte's border: its first table in one directory, the others in the next.
        using GuestMemory memory = new(6 * Megabyte);
        const uint At = 0x80000000 - 0x200000;
        var root = BootTables.Make(memory, 0, new GuestVirtual(At), SwitcherPae, true).ShouldNotBeNull();
        ulong[] pointers = Pointers(memory, root);
        pointers.ShouldAllBe(pointer => pointer == 0 || (pointer & 0xfff) == 1);
        pointers.Select(pointer => pointer != 0).ShouldBe([true, true, true, false]);
        pointers.Take(3).Distinct().Count().ShouldBe(3);
        for (uint i = 0; i < 3; i++)
        {
            WalkPae(memory, root, i << 21).ShouldBe((i << 21) | 7ul);
            WalkPae(memory, root, At + (i << 21)).ShouldBe((i << 21) | 7ul);
        }

        WalkPae(memory, root, At - 0x200000).ShouldBe(0ul);
        WalkPae(memory, root, At + 0x600000).ShouldBe(0ul);
    }

    [Fact]
    public void A_pae_kernels_half_ends_before_the_switchers_area()
    {
        using GuestMemory memory = new(8 * Megabyte);
        var root = BootTables.Make(memory, 0, new GuestVirtual(SwitcherPae - 0x400000), SwitcherPae, true).ShouldNotBeNull();
        WalkPae(memory, root, SwitcherPae - 0x400000).ShouldBe(7ul);
        WalkPae(memory, root, SwitcherPae - 0x1000).ShouldBe(0x3ff007ul);
        WalkPae(memory, root, SwitcherPae).ShouldBe(0ul);
        Pointers(memory, root).Select(pointer => pointer != 0).ShouldBe([true, false, false, true]);
    }

    private static GuestPhysical Make(GuestMemory memory, uint initrd) =>
        BootTables.Make(memory, initrd, new GuestVirtual(Kernel), Switcher, false).ShouldNotBeNull();

    private static uint Entry(GuestMemory memory, GuestPhysical table, uint index) =>
        memory.TryRead(table + (index * 4), out uint entry) ? entry : throw new InvalidOperationException();

    private static ulong Wide(GuestMemory memory, uint at) =>
        memory.TryRead(new GuestPhysical(at), out ulong entry) ? entry : throw new InvalidOperationException();

    private static ulong[] Pointers(GuestMemory memory, GuestPhysical root) =>
        [.. Enumerable.Range(0, 4).Select(i => Wide(memory, root.Value + ((uint)i * 8)))];

    private static uint Walk(GuestMemory memory, GuestPhysical root, uint address)
    {
        uint upper = Entry(memory, root, address >> 22);
        if (upper == 0)
            return 0;
        (upper & 0xfff).ShouldBe(7u, "a directory entry lets through what the page's own allows");
        return Entry(memory, new GuestPhysical(upper & ~0xfffu), (address >> 12) & 0x3ff);
    }

    private static ulong WalkPae(GuestMemory memory, GuestPhysical root, uint address)
    {
        ulong pointer = Wide(memory, root.Value + ((address >> 30) * 8));
        if (pointer == 0)
            return 0;
        ulong middle = Wide(memory, ((uint)pointer & ~0xfffu) + (((address >> 21) & 0x1ff) * 8));
        if (middle == 0)
            return 0;
        (middle & 0xfff).ShouldBe(7ul, "a directory entry lets through what the page's own allows");
        return Wide(memory, ((uint)middle & ~0xfffu) + (((address >> 12) & 0x1ff) * 8));
    }
}
