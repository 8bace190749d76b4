// What a walk through the Guest's tables leaves in them: accessed and dirty bits at each level, as an operating system reads them to
// decide what to evict.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Mmu;

public sealed unsafe class PageWalkSpec
{
    private const uint Pointers = 0x40000;
    private const uint Directory = 0x41000;
    private const uint CodeTable = 0x42000;
    private const uint DataTable = 0x43000;
    private const uint Data = 0x0080_0000;
    private const uint Frame = 0x50000;
    private const uint Low = 0x80000; // RAM before the hole, where there is one
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong User = 4;
    private const ulong Accessed = 0x20;
    private const ulong Dirty = 0x40;
    private const ulong Large = 0x80;
    private const ulong Open = Present | Writable | User;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_read_marks_both_levels_as_accessed_and_none_as_dirty(bool pae)
    {
        using var m = Prepare(pae, Open, Open, write: false);
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        DirectoryEntry(m, pae).ShouldBe(DataTable | Open | Accessed);
        TableEntry(m, pae).ShouldBe(Frame | Open | Accessed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_marks_both_levels_as_accessed_and_only_the_last_one_as_dirty(bool pae)
    {
        using var m = Prepare(pae, Open, Open, write: true);
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        DirectoryEntry(m, pae).ShouldBe(DataTable | Open | Accessed);
        TableEntry(m, pae).ShouldBe(Frame | Open | Accessed | Dirty);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_write_after_a_read_still_marks_the_page_as_dirty(bool pae)
    {
        using var m = Prepare(pae, Open, Open, write: true, readFirst: true);
        m.Run();
        TableEntry(m, pae).ShouldBe(Frame | Open | Accessed | Dirty);
    }

    [Theory]
    [InlineData(false, Present | User, Open)]
    [InlineData(false, Open, Present | User)]
    [InlineData(true, Present | User, Open)]
    [InlineData(true, Open, Present | User)]
    public void A_write_that_either_level_forbids_is_a_protection_fault_and_makes_nothing_dirty(bool pae, ulong upper, ulong lower)
    {
        using var m = Prepare(pae, upper, lower, write: true);
        m.Cpu.State->Cr0 |= ControlRegisters.Cr0WriteProtect;
        m.Run();
        m.Traps.ShouldHaveSingleItem().ShouldBe((Vectors.PageFault, 3u, TrapCause.Fault, Data + 8));
        (TableEntry(m, pae) & Dirty).ShouldBe(0ul);
    }

    [Theory]
    [InlineData(false, Present | Writable, Open)]
    [InlineData(false, Open, Present | Writable)]
    [InlineData(true, Present | Writable, Open)]
    [InlineData(true, Open, Present | Writable)]
    public void A_user_reads_only_what_both_levels_leave_to_it(bool pae, ulong upper, ulong lower)
    {
        using var m = Prepare(pae, upper, lower, write: false);
        m.Cpu.State->Cpl = 3;
        m.Cpu.RefreshMode();
        m.Run();
        m.Traps.ShouldHaveSingleItem().ShouldBe((Vectors.PageFault, 5u, TrapCause.Fault, Data + 8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_large_page_has_both_bits_in_the_directory(bool pae)
    {
        foreach (bool write in (bool[])[false, true])
        {
            using var m = Prepare(pae, Open, Open, write);
            m.Cpu.State->Cr4 |= ControlRegisters.Cr4PageSizeExtension;
            SetDirectoryEntry(m, pae, Open | Large);
            m.Run();
            m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
            DirectoryEntry(m, pae).ShouldBe(Open | Large | Accessed | (write ? Dirty : 0));
        }
    }

    /// <summary>A read or a write of four bytes at <see cref="Data"/> + 8, through entries with the given rights.</summary>
    [Theory]
    [InlineData(EngineKind.Interpreter, DataTable, 0x1_0000_3000, 0x83008)]
    [InlineData(EngineKind.Auto, DataTable, 0x1_0000_3000, 0x83008)]
    [InlineData(EngineKind.Interpreter, 0x1_0000_1000, 0x1_0007_f000, 0xff008)]
    [InlineData(EngineKind.Interpreter, 0x1_0000_0000 | Large, 0, 0x80008)]
    public void Ram_beyond_the_hole_is_reached_by_entries_of_more_than_32_bits(EngineKind engine, ulong upper, ulong lower, uint place)
    {
        using var m = Prepare(true, Open, Open, write: true, on: new TestMachine(1 << 20, engine, lowBytes: Low));
        SetDirectoryEntry(m, true, upper | Open);
        if (upper == 0x1_0000_1000)
            Write(m, true, Low + 0x1000, 0, lower | Open);
        else if ((upper & Large) == 0)
            Write(m, true, DataTable, 0, lower | Open);
        m.Cpu.State->Gpr[0] = 0x1234;

        m.Run();

        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        m.Memory.TryRead(new GuestPhysical(place), out uint written).ShouldBeTrue();
        written.ShouldBe(0x1234u);
    }

    [Theory]
    [InlineData(Low)]
    [InlineData(0xff000)]
    [InlineData(0x1_0008_0000)]
    public void There_is_no_ram_in_the_hole_and_none_behind_the_last(ulong frame)
    {
        using var m = Prepare(true, Open, Open, write: true, on: new TestMachine(1 << 20, lowBytes: Low));
        Write(m, true, DataTable, 0, frame | Open);

        m.Run();

        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.PageFault);
    }

    private static TestMachine Prepare(bool pae, ulong upper, ulong lower, bool write, bool readFirst = false, TestMachine? on = null)
    {
        var m = (on ?? new TestMachine()).Load(a =>
        {
            if (!write || readFirst) a.mov(eax, __dword_ptr[Data + 8]);
            if (write) a.mov(__dword_ptr[Data + 8], eax);
        });
        uint code = pae ? Directory : Pointers;
        Write(m, pae, code, 0, CodeTable | Open);
        for (uint i = 0u; i < 256; i++) Write(m, pae, CodeTable, i, (i << 12) | Open);
        SetDirectoryEntry(m, pae, DataTable | upper);
        Write(m, pae, DataTable, 0, Frame | lower);
        if (pae)
        {
            Write(m, pae, Pointers, 0, Directory | Present);
            m.Cpu.State->Cr4 |= ControlRegisters.Cr4PhysicalAddressExtension;
        }
        m.Cpu.State->Cr3 = Pointers;
        m.Cpu.State->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Cpu.RefreshMode();
        return m;
    }

    private static void SetDirectoryEntry(TestMachine m, bool pae, ulong entry) =>
        Write(m, pae, pae ? Directory : Pointers, Data >> (pae ? 21 : 22), entry);

    private static ulong DirectoryEntry(TestMachine m, bool pae) => Read(m, pae, pae ? Directory : Pointers, Data >> (pae ? 21 : 22));

    private static ulong TableEntry(TestMachine m, bool pae) => Read(m, pae, DataTable, 0);

    private static void Write(TestMachine m, bool pae, uint table, uint index, ulong entry)
    {
        if (pae) m.Memory.TryWrite(new GuestPhysical(table + (8 * index)), entry).ShouldBeTrue();
        else m.Memory.TryWrite(new GuestPhysical(table + (4 * index)), (uint)entry).ShouldBeTrue();
    }

    private static ulong Read(TestMachine m, bool pae, uint table, uint index)
    {
        if (pae)
        {
            m.Memory.TryRead(new GuestPhysical(table + (8 * index)), out ulong wide).ShouldBeTrue();
            return wide;
        }
        m.Memory.TryRead(new GuestPhysical(table + (4 * index)), out uint entry).ShouldBeTrue();
        return entry;
    }
}
