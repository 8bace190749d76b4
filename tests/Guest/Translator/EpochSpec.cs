// Links between pages outlive a flush of the TLB if all code is still where it was, and not otherwise: whatever changed in the page tables
// of code that was linked, the next instruction is fetched as the tables say.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class EpochSpec
{
    private const uint First = 0x50000;
    private const uint Second = 0x51000;
    private const uint OtherDirectory = 0x43000;
    private const uint OtherLowTable = 0x44000;
    private const uint OtherDataTable = 0x45000;
    private const uint UserRights = PagedMachine.Open;

    public static TheoryData<EngineKind, bool> Kinds => new()
    {
        { EngineKind.Interpreter, false }, { EngineKind.Interpreter, true }, { EngineKind.Auto, false }, { EngineKind.Auto, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flush_that_changes_nothing_keeps_links(EngineKind engine, bool user)
    {
        using var m = Make(engine, user);
        Call(m).ShouldBe(1u);
        uint epoch = m.Cpu.Execution->Epoch;
        m.Cpu.FlushTlb();
        m.Cpu.FlushTlbBelow(new GuestVirtual(0xc000_0000));
        m.Cpu.FlushTlbPage(new GuestVirtual(PagedMachine.Data));
        m.Cpu.Execution->Epoch.ShouldBe(epoch);
        Call(m).ShouldBe(1u);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Code_that_has_moved_is_found_where_it_is(EngineKind engine, bool user)
    {
        foreach (var flush in Flushes)
        {
            using var m = Make(engine, user);
            Call(m).ShouldBe(1u);
            PagedMachine.Map(m, 0, Second, UserRights);
            flush(m);
            Call(m).ShouldBe(2u);
            PagedMachine.Map(m, 0, First, UserRights);
            flush(m);
            Call(m).ShouldBe(1u);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Code_whose_page_is_gone_faults(EngineKind engine, bool user)
    {
        foreach (var flush in Flushes)
        {
            using var m = Make(engine, user);
            Call(m).ShouldBe(1u);
            PagedMachine.Map(m, 0, First, 0);
            flush(m);
            Call(m);
            m.Traps[^1].ShouldBe((Vectors.PageFault, user ? 4u : 0u, TrapCause.Fault, PagedMachine.Data));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Code_that_an_operating_system_watches_is_marked_as_accessed_again(EngineKind engine, bool user)
    {
        foreach (var flush in Flushes)
        {
            using var m = Make(engine, user);
            Call(m).ShouldBe(1u);
            PagedMachine.Map(m, 0, First, UserRights); // without the accessed bit
            flush(m);
            Call(m).ShouldBe(1u);
            (PagedMachine.Entry(m, 0) & 0x20).ShouldBe(0x20u);
        }
    }

    [Theory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Auto)]
    public void Code_that_a_user_may_not_execute_any_more_faults(EngineKind engine)
    {
        using var m = Make(engine, user: true);
        Call(m).ShouldBe(1u);
        PagedMachine.Map(m, 0, First, PagedMachine.Present | PagedMachine.Writable | 0x20);
        m.Cpu.FlushTlb();
        Call(m);
        m.Traps[^1].ShouldBe((Vectors.PageFault, 5u, TrapCause.Fault, PagedMachine.Data));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_of_two_address_spaces_has_its_code(EngineKind engine, bool user)
    {
        using var m = Make(engine, user);
        PagedMachine.UseTables(m, OtherDirectory, OtherLowTable, OtherDataTable);
        PagedMachine.Map(m, 0, Second, UserRights, OtherDataTable);
        HashSet<uint> epochs = [];
        for (int i = 0; i < 6; i++)
        {
            m.Cpu.State->Cr3 = (i & 1) == 0 ? PagedMachine.Directory : OtherDirectory;
            m.Cpu.FlushTlb();
            Call(m).ShouldBe((i & 1) == 0 ? 1u : 2u);
            if (i >= 2)
                epochs.Add(m.Cpu.Execution->Epoch);
        }

        // The user's code keeps an epoch in each; of the kernel there is only one, and it changes with what it finds.
        if (user)
            epochs.Count.ShouldBe(2);
    }

    private static Action<TestMachine>[] Flushes =>
    [
        m => m.Cpu.FlushTlb(),
        m => m.Cpu.FlushTlbBelow(new GuestVirtual(0xc000_0000)),
        m => m.Cpu.FlushTlbPage(new GuestVirtual(PagedMachine.Data)),
    ];

    /// <summary>A program that calls a function on another page several times; the function is one of two, at the same linear
    /// address.</summary>
    private static TestMachine Make(EngineKind engine, bool user)
    {
        var m = PagedMachine.Make(engine);
        byte[] one = [0xb8, 1, 0, 0, 0, 0xc3], two = [0xb8, 2, 0, 0, 0, 0xc3]; // mov eax, 1 or 2; ret
        m.Memory.TryWrite(new GuestPhysical(First), one).ShouldBeTrue();
        m.Memory.TryWrite(new GuestPhysical(Second), two).ShouldBeTrue();
        PagedMachine.Map(m, 0, First, UserRights);
        m.Load(a =>
        {
            for (int i = 0; i < 3; i++)
                a.call(PagedMachine.Data);
        });
        if (user)
        {
            for (int i = 0; i < 6; i++)
                m.Cpu.SetFlatSegment((SegmentRegister)i, 0x2b, i == (int)SegmentRegister.Cs, 3);
            m.Cpu.State->Cpl = 3;
        }

        m.Cpu.FlushTlb();
        m.Cpu.RefreshMode();
        return m;
    }

    private static uint Call(TestMachine m)
    {
        m.Cpu.State->Gpr[4] = 0x8000;
        m.Cpu.State->Eip = TestMachine.CodeAt;
        m.Run(1000);
        return m.Cpu.State->Gpr[0];
    }
}
