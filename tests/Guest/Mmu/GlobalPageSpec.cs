// What a load of CR3 forgets and what it keeps, for data and for code; and that INVLPG forgets a large page as a whole.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Mmu;

public sealed unsafe class GlobalPageSpec
{
    private const uint Directory = 0x40000;
    private const uint Table = 0x41000;
    private const uint Local = 0x0040_0000;
    private const uint Global = 0x0040_1000;
    private const uint Entry = 0x103; // present, writable, global

    public static TheoryData<EngineKind> Kinds => [EngineKind.Interpreter, EngineKind.Auto];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_load_of_CR3_keeps_global_pages_only_and_a_change_of_CR4_none(EngineKind engine)
    {
        using BusMachine m = new(engine);
        Prepare(m);
        m.Load(a =>
        {
            a.mov(ebx, __dword_ptr[Local]);
            a.mov(ecx, __dword_ptr[Global]);
            Remap(a);
            a.mov(eax, cr3);
            a.mov(cr3, eax);
            a.mov(ebx, __dword_ptr[Local]);
            a.mov(ecx, __dword_ptr[Global]);
            a.mov(eax, cr4);
            a.xor(eax, (int)ControlRegisters.Cr4PageGlobal);
            a.mov(cr4, eax);
            a.mov(edx, __dword_ptr[Global]);
        });
        m.Run();
        var c = m.Cpu.State;
        (c->Gpr[3], c->Gpr[1], c->Gpr[2]).ShouldBe((0x53u, 0x52u, 0x54u));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_PGE_the_bit_means_nothing(EngineKind engine)
    {
        using BusMachine m = new(engine);
        Prepare(m);
        m.Cpu.State->Cr4 = ControlRegisters.Cr4PageSizeExtension;
        m.Load(a =>
        {
            a.mov(ecx, __dword_ptr[Global]);
            Remap(a);
            a.mov(eax, cr3);
            a.mov(cr3, eax);
            a.mov(ecx, __dword_ptr[Global]);
        });
        m.Run();
        m.Cpu.State->Gpr[1].ShouldBe(0x54u);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Code_of_local_pages_is_looked_up_again_and_of_many_global_ones_none_is_lost(EngineKind engine)
    {
        using BusMachine m = new(engine);
        Prepare(m);
        Routine(m, 0x51000, 1);
        Routine(m, 0x52000, 1);
        Routine(m, 0x53000, 0x100);
        Routine(m, 0x54000, 0x100);
        m.Load(a =>
        {
            var again = a.CreateLabel();
            a.mov(ebp, 4);
            a.Label(ref again);
            a.mov(ecx, Local);
            a.call(ecx);
            a.mov(ecx, Global);
            a.call(ecx);
            a.dec(ebp);
            a.jnz(again);
            Remap(a);
            a.mov(eax, cr3);
            a.mov(cr3, eax);
            a.mov(ecx, Local);
            a.call(ecx);
        });
        m.Run();
        m.Cpu.State->Gpr[3].ShouldBe(0x108u, "eight times the old routines, and once the new one");
    }

    [Theory]
    [InlineData(0x0u)]
    [InlineData(0x3ff000u)]
    public void Invlpg_forgets_all_of_a_large_page(uint offset)
    {
        using BusMachine m = new();
        Prepare(m);
        m.Memory.TryWrite(new GuestPhysical(Directory + 8), 0x183u);
        m.Load(a =>
        {
            a.mov(ebx, __dword_ptr[0x0085_0000]);
            a.mov(__dword_ptr[Directory + 8], 0);
            a.invlpg(__byte_ptr[0x0080_0000 + offset]);
            a.mov(ecx, __dword_ptr[0x0085_0000]);
        });
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.PageFault);
        m.Cpu.State->Gpr[3].ShouldBe(0x50u);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Invlpg_forgets_code_all_over_a_large_page_also_when_a_flush_has_found_it_unchanged(EngineKind engine)
    {
        const uint Code = 0x0085_1000;
        using BusMachine m = new(engine);
        Prepare(m);
        Routine(m, 0x51000, 1);
        Routine(m, 0x53000, 0x100);
        m.Memory.TryWrite(new GuestPhysical(Directory + 8), 0x183u);
        m.Memory.TryWrite(new GuestPhysical(Table + (0x51 * 4)), 0x53000u | Entry);
        m.Load(a =>
        {
            var again = a.CreateLabel();
            var unchanged = a.CreateLabel();
            a.mov(ebp, 6);
            a.Label(ref again);
            a.mov(ecx, Code);
            a.call(ecx);
            a.cmp(ebp, 3);
            a.jne(unchanged);
            a.mov(eax, cr4);
            a.xor(eax, (int)ControlRegisters.Cr4PageGlobal);
            a.mov(cr4, eax);
            a.mov(__dword_ptr[Directory + 8], Table | 3);
            a.invlpg(__byte_ptr[0x0080_0000]);
            a.Label(ref unchanged);
            a.dec(ebp);
            a.jnz(again);
        });
        m.Run();
        m.Cpu.State->Gpr[3].ShouldBe(0x204u, "four times the old routine, twice the new one");
    }

    [Fact]
    public void More_global_pages_than_are_listed_stay_too()
    {
        using BusMachine m = new();
        Prepare(m);
        for (uint page = 0; page < 1024; page++)
            m.Memory.TryWrite(new GuestPhysical(Table + (page * 4)), 0x52000u | Entry);
        m.Load(a =>
        {
            var again = a.CreateLabel();
            var filled = a.CreateLabel();
            a.mov(edx, 2);
            a.Label(ref again);
            a.mov(esi, Local);
            a.Label(ref filled);
            a.mov(ecx, __dword_ptr[esi]);
            a.add(esi, 0x1000);
            a.cmp(esi, 0x0070_0000);
            a.jne(filled);
            a.mov(__dword_ptr[Table + (700 * 4)], 0);
            a.mov(eax, cr3);
            a.mov(cr3, eax);
            a.dec(edx);
            a.jnz(again);
        });
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        m.Cpu.State->Gpr[1].ShouldBe(0x52u);
    }

    /// <summary>The page at Local is frame 51, the one at Global 52; both read as their number. The first 4 MiB are as they are.</summary>
    private static void Prepare(BusMachine m)
    {
        m.Memory.TryWrite(new GuestPhysical(Directory), 0x83u);
        m.Memory.TryWrite(new GuestPhysical(Directory + 4), Table | 3u);
        m.Memory.TryWrite(new GuestPhysical(Table), 0x51000u | 3u);
        m.Memory.TryWrite(new GuestPhysical(Table + 4), 0x52000u | Entry);
        for (uint frame = 0x50; frame < 0x58; frame++)
            m.Memory.TryWrite(new GuestPhysical(frame << 12), frame);
        var c = m.Cpu.State;
        c->Cr4 = ControlRegisters.Cr4PageGlobal | ControlRegisters.Cr4PageSizeExtension;
        c->Cr3 = Directory;
        c->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
    }

    /// <summary>Both pages get other frames; nothing is flushed.</summary>
    private static void Remap(Assembler a)
    {
        a.mov(__dword_ptr[Table], 0x53003);
        a.mov(__dword_ptr[Table + 4], 0x54000 | (int)Entry);
    }

    private static void Routine(BusMachine m, uint at, int step)
    {
        Assembler a = new(32);
        a.add(ebx, step);
        a.ret();
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), at);
        m.Memory.TryWrite(new GuestPhysical(at), stream.ToArray());
    }
}
