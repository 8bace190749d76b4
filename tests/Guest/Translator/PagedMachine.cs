// A test machine with two-level page tables: everything below one megabyte is where it is, and a test says what the pages above
// PagedMachine.Data are.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Tests.Translator;

/// <summary>Page tables for a <see cref="TestMachine"/>.</summary>
internal static class PagedMachine
{
    public const uint Directory = 0x40000;
    public const uint LowTable = 0x41000;
    public const uint DataTable = 0x42000;

    /// <summary>Linear address of the first page that a test maps.</summary>
    public const uint Data = 0x0080_0000;
    public const uint Present = 1;
    public const uint Writable = 2;
    public const uint Open = 7;

    public static TestMachine Make(EngineKind engine)
    {
        var m = new TestMachine(engine: engine, settings: new TranslatorSettings(HotAfter: 0, ShortestStretch: 1));
        UseTables(m, Directory, LowTable, DataTable);
        return m;
    }

    /// <summary>Fills a directory and its two tables, and lets the processor use them.</summary>
    public static void UseTables(TestMachine m, uint directory, uint lowTable, uint dataTable)
    {
        Set(m, directory, 0, lowTable | Open);
        Set(m, directory, Data >> 22, dataTable | Open);
        for (uint i = 0; i < 256; i++)
            Set(m, lowTable, i, (i << GuestMemory.PageShift) | Open);
        unsafe
        {
            m.Cpu.State->Cr3 = directory;
            m.Cpu.State->Cr0 |= ControlRegisters.Cr0Paging | ControlRegisters.Cr0WriteProtect;
        }

        m.Cpu.FlushTlb();
        m.Cpu.RefreshMode();
    }

    /// <summary>Maps a page of data; the caller flushes.</summary>
    public static void Map(TestMachine m, uint page, uint frame, uint rights, uint table = DataTable) =>
        Set(m, table, page, frame | rights);

    public static uint Entry(TestMachine m, uint page)
    {
        m.Memory.TryRead(new GuestPhysical(DataTable + (4 * page)), out uint entry).ShouldBeTrue();
        return entry;
    }

    private static void Set(TestMachine m, uint table, uint index, uint entry) =>
        m.Memory.TryWrite(new GuestPhysical(table + (4 * index)), entry).ShouldBeTrue();
}
