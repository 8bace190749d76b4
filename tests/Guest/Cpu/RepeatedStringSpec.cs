// A REP string instruction is one instruction and may take a second. Actors that wait for the Guest must not wait for it: it is left in its
// middle when the budget is spent or somebody asks for attention, and goes on later as if nothing had been. All of that in every kind of
// string.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class RepeatedStringSpec
{
    private const uint Directory = 0x40000;
    private const uint LowTable = 0x41000;
    private const uint HighTable = 0x42000;
    private const uint FirstFrame = 0x80;
    private const uint Frames = 16;

    /// <summary>From here on to the end of the address space 64 KiB of memory lie again and again.</summary>
    private const uint High = 0x00400000;

    public static TheoryData<string> Strings => [.. _strings.Keys];

    private static readonly Dictionary<string, Action<Assembler>> _strings = new()
    {
        ["rep stosb"] = a => a.rep.stosb(),
        ["rep stosw"] = a => a.rep.stosw(),
        ["rep stosd"] = a => a.rep.stosd(),
        ["rep movsb"] = a => a.rep.movsb(),
        ["rep movsd"] = a => a.rep.movsd(),
        ["rep lodsb"] = a => a.rep.lodsb(),
        ["rep lodsd"] = a => a.rep.lodsd(),
        ["repe cmpsb"] = a => a.repe.cmpsb(),
        ["repne cmpsd"] = a => a.repne.cmpsd(),
        ["repe scasb"] = a => a.repe.scasb(),
        ["repne scasd"] = a => a.repne.scasd(),
    };

    [Theory]
    [MemberData(nameof(Strings))]
    public void A_string_without_end_does_not_outlast_the_budget(string name)
    {
        foreach (bool backward in (bool[])[false, true])
        {
            using var m = Prepare(name, 0xf0000000);
            var c = m.Cpu.State;
            if (backward)
                m.Cpu.Eflags |= EFlags.Direction;

            // Nothing but equal bytes, and an accumulator that is equal only for those that go on while it is.
            c->Gpr[0] = name.StartsWith("repne", StringComparison.Ordinal) ? 1u : 0;
            c->Gpr[6] = c->Gpr[7] = backward ? 0xfff00000 : High;
            if (name == "repne cmpsd")
                c->Gpr[6] = Differing(m);

            m.Cpu.Run(20_000);

            uint done = 0xf0000000 - c->Gpr[1];
            done.ShouldBeInRange(1_000u, 8u << 20);
            c->Eip.ShouldBe(TestMachine.CodeAt + 1);
            m.Cpu.Instructions.ShouldBe(1ul);
            m.Traps.ShouldBeEmpty();
            if (name[^5..^1] is not "lods")
                (c->Gpr[7] - (backward ? 0xfff00000 : High)).ShouldBe((backward ? 0 - done : done) * Bytes(name));
        }
    }

    [Theory]
    [MemberData(nameof(Strings))]
    public void A_string_done_in_slices_is_the_same_as_one_done_at_once(string name)
    {
        Random dice = new(name.Length);
        for (int round = 0; round < 60; round++)
        {
            uint count = (uint)dice.Next(1, 9_000);
            uint from = (uint)dice.Next(0x4000, 0x5000);
            uint to = dice.Next(3) == 0 ? from + (uint)dice.Next(1, 9) : (uint)dice.Next(0x4000, 0x8000);
            uint accumulator = (uint)dice.Next(0, 3);
            bool backward = dice.Next(3) == 0;
            int difference = dice.Next(0, 3) == 0 ? dice.Next(0, 1 << 16) : -1;
            long budget = dice.Next(1, 120);
            using var whole = Prepare(name, count);
            using var sliced = Prepare(name, count);
            foreach (var m in (TestMachine[])[whole, sliced])
            {
                if (backward)
                    m.Cpu.Eflags |= EFlags.Direction;
                m.Cpu.State->Gpr[0] = accumulator;
                m.Cpu.State->Gpr[6] = High + from + (backward ? 0x8000u : 0);
                m.Cpu.State->Gpr[7] = High + to + (backward ? 0x8000u : 0);
                new Span<byte>(m.Memory.Base + (FirstFrame << 12), (int)(Frames << 12))
                    .Fill((byte)(name.StartsWith("repne", StringComparison.Ordinal) ? 7 : accumulator));
                if (difference >= 0)
                    m.Memory.Base[(FirstFrame << 12) + difference] = 99;
            }

            whole.Run();
            int slices = 0;
            for (; sliced.Traps.Count == 0; slices++)
            {
                sliced.Cpu.Run(budget);
                slices.ShouldBeLessThan(20_000);
            }

            for (int register = 0; register < 8; register++)
                sliced.Cpu.State->Gpr[register].ShouldBe(whole.Cpu.State->Gpr[register], $"register {register} in round {round}");
            sliced.Cpu.Eflags.ShouldBe(whole.Cpu.Eflags);
            sliced.Cpu.State->Eip.ShouldBe(whole.Cpu.State->Eip);
            whole.Cpu.Instructions.ShouldBe(2ul);
            sliced.Cpu.Instructions.ShouldBe(2ul);
            Bytes(sliced).SequenceEqual(Bytes(whole)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Whoever_asks_for_attention_gets_it_between_two_portions()
    {
        using var m = Prepare("rep stosd", 10 * 1024);
        m.Cpu.State->Gpr[7] = High;
        List<(uint Eip, uint Left)> seen = [];
        m.OnPoll = () =>
        {
            seen.Add((m.Cpu.State->Eip, m.Cpu.State->Gpr[1]));
            m.Cpu.RequestPoll();
        };
        m.Cpu.RequestPoll();

        m.Run();

        // At each page's end, and nowhere else: not after an element that had to find the page first.
        for (uint page = 1; page < 10; page++)
            seen.ShouldContain((TestMachine.CodeAt + 1, page * 1024));
        seen.Count.ShouldBe(1 + 9);
        m.Cpu.State->Gpr[7].ShouldBe(High + (40 * 1024));
    }

    [Fact]
    public void A_stop_in_the_middle_leaves_the_rest_for_the_next_run()
    {
        using var m = Prepare("rep movsb", 0xf0000000);
        m.Cpu.State->Gpr[6] = High + 5;
        m.Cpu.State->Gpr[7] = High + 0x8000;
        m.OnPoll = m.Cpu.Stop;
        Thread other = new(() =>
        {
            // Not before the string has begun: its first page is written.
            SpinWait spin = default;
            while (Volatile.Read(ref m.Memory.Base[(FirstFrame << 12) + 0x8000]) == 0)
                spin.SpinOnce(-1);
            m.Cpu.RequestPoll();
        });
        new Span<byte>(m.Memory.Base + (FirstFrame << 12), (int)(Frames << 12)).Fill(1);
        m.Memory.Base[(FirstFrame << 12) + 0x8000] = 0;
        other.Start();
        m.Run(long.MaxValue / 2);
        other.Join();

        m.Traps.ShouldBeEmpty();
        m.Cpu.State->Eip.ShouldBe(TestMachine.CodeAt + 1);
        m.Cpu.State->Gpr[1].ShouldBeInRange(1u, 0xf0000000 - 1);
        (m.Cpu.State->Gpr[7] - m.Cpu.State->Gpr[6]).ShouldBe(0x8000u - 5);

        m.Cpu.State->Gpr[1] = 3;
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
    }

    [Fact]
    public void A_single_stepped_string_traps_after_each_element_with_RF_set_until_the_last()
    {
        // What the host's processor does, seen by a debugger's handler: 0x10000 in the pushed flags after all but the last.
        using var m = Prepare("repe cmpsb", 4);
        var c = m.Cpu.State;
        c->Gpr[6] = High;
        c->Gpr[7] = High + 0x100;
        c->Eip = TestMachine.CodeAt + 1;
        m.Cpu.Eflags = EFlags.AlwaysOne | EFlags.Trap | EFlags.Carry | EFlags.Sign;
        for (uint left = 3; left != uint.MaxValue; left--)
        {
            m.Cpu.Run(100);
            m.Traps.Count.ShouldBe((int)(4 - left));
            m.Traps[^1].ShouldBe((Vectors.Debug, 0u, TrapCause.Trap, 0u));
            c->Gpr[1].ShouldBe(left);
            c->Eip.ShouldBe(TestMachine.CodeAt + (left == 0 ? 3u : 1));
            (m.TrappedFlags & EFlags.Resume).ShouldBe(left == 0 ? 0 : EFlags.Resume);
            (m.TrappedFlags & EFlags.Carry).ShouldBe(left == 0 ? 0 : EFlags.Carry,
                "the flags are those of before until the last comparison");
        }

        m.Cpu.Instructions.ShouldBe(1ul);
    }

    [Fact]
    public void A_page_that_is_missing_in_the_middle_is_faulted_at_once_and_the_rest_is_done_when_it_is_there()
    {
        foreach (string name in (string[])["rep stosd", "rep movsd", "repe cmpsb", "rep lodsb"])
        {
            using var m = Prepare(name, 10_000);
            var c = m.Cpu.State;
            uint w = Bytes(name);
            c->Gpr[6] = c->Gpr[7] = High + 0x800 + 2;
            uint* entry = (uint*)(m.Memory.Base + HighTable) + 2;
            uint page = *entry;
            *entry = 0;

            m.Run();

            // The element that crosses into the page is not done; what lies before it is.
            uint done = (0x2000u - 0x802) / w;
            m.Traps.ShouldHaveSingleItem().ShouldBe((Vectors.PageFault, name == "rep stosd" ? 2u : 0u, TrapCause.Fault, High + 0x2000));
            c->Gpr[1].ShouldBe(10_000 - done);
            c->Eip.ShouldBe(TestMachine.CodeAt + 1);
            (m.TrappedFlags & EFlags.Resume).ShouldBe(EFlags.Resume);
            (m.Cpu.Eflags & EFlags.Resume).ShouldBe(0u);
            m.Cpu.Instructions.ShouldBe(1ul);

            *entry = page;
            m.Run();
            m.Traps.Count.ShouldBe(2);
            c->Gpr[1].ShouldBe(0u);
            m.Cpu.Instructions.ShouldBe(2ul);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(1_000_000)]
    public void A_string_that_overwrites_itself_never_loses_count(long budget)
    {
        using var m = Prepare("rep stosb", 0x3000);
        var c = m.Cpu.State;
        const uint Begin = TestMachine.CodeAt - 0x1000;
        c->Gpr[0] = 0x90;
        c->Gpr[7] = Begin;
        for (int slices = 0; c->Gpr[7] < TestMachine.CodeAt + 2 && slices < 10_000; slices++)
            m.Cpu.Run(budget);

        uint done = c->Gpr[7] - Begin;
        (done + c->Gpr[1]).ShouldBe(0x3000u);
        new ReadOnlySpan<byte>(m.Memory.Base + Begin, (int)done).ContainsAnyExcept((byte)0x90).ShouldBeFalse();
    }

    [Fact]
    public void An_interrupt_in_the_middle_pushes_the_string_and_RF_and_IRET_goes_on_with_it()
    {
        const uint Gdt = 0x20000;
        const uint Idt = 0x21000;
        const uint Handler = 0x22000;
        using var m = Prepare("rep stosd", 4 * 1024);
        var c = m.Cpu.State;
        m.Cpu.HostOwnsRing0 = false;
        ulong* gdt = (ulong*)(m.Memory.Base + Gdt);
        gdt[1] = 0x00cf9a000000ffff;
        gdt[2] = 0x00cf92000000ffff;
        *(ulong*)(m.Memory.Base + Idt + (0x20 * 8)) = 0x00008e0000080000 | (Handler & 0xffff) | ((ulong)(Handler >> 16) << 48);
        c->GdtBase = Gdt;
        c->GdtLimit = 0xff;
        c->IdtBase = Idt;
        c->IdtLimit = 0x7ff;
        m.Cpu.SetFlatSegment(SegmentRegister.Cs, 8, true, 0);
        m.Cpu.SetFlatSegment(SegmentRegister.Ss, 16, false, 0);
        m.Cpu.RefreshMode();

        // INC EBX; IRET
        m.Memory.TryWrite(new GuestPhysical(Handler), (ReadOnlySpan<byte>)[0x43, 0xcf]).ShouldBeTrue();
        c->Gpr[7] = High;
        List<(uint Eip, uint Flags, uint Left)> pushed = [];
        m.OnPoll = () =>
        {
            m.Cpu.Interrupt(0x20);
            uint* frame = (uint*)(m.Memory.Base + c->Gpr[4]);
            pushed.Add((frame[0], frame[2], c->Gpr[1]));
        };
        c->Eip = TestMachine.CodeAt + 1;
        while (c->Gpr[1] != 0)
        {
            m.Cpu.RequestPoll();
            m.Cpu.Run(40);
        }

        uint flags = m.Cpu.Eflags & EFlags.Status;
        pushed.Count.ShouldBeGreaterThan(3);
        pushed[0].ShouldBe((TestMachine.CodeAt + 1, EFlags.AlwaysOne | flags, 4 * 1024u));
        foreach ((uint eip, uint image, uint left) in pushed.Skip(1))
        {
            eip.ShouldBe(TestMachine.CodeAt + 1);
            left.ShouldBeInRange(1u, (4 * 1024u) - 1);
            (image & EFlags.Resume).ShouldBe(EFlags.Resume);
        }

        pushed.Select(p => p.Left).ShouldBe(pushed.Select(p => p.Left).Distinct(), "each time something was done in between");
        c->Gpr[3].ShouldBe((uint)pushed.Count);
        c->Gpr[7].ShouldBe(High + (16 * 1024));
        m.Run();
        (m.Cpu.Eflags & EFlags.Resume).ShouldBe(0u);
    }

    /// <summary>NOP, the string, UD2; paging on, 64 KiB of zeros from <see cref="High"/> on.</summary>
    private static TestMachine Prepare(string name, uint count)
    {
        var m = new TestMachine(1 << 20).Load(a =>
        {
            a.nop();
            _strings[name](a);
        });
        uint* directory = (uint*)(m.Memory.Base + Directory);
        uint* low = (uint*)(m.Memory.Base + LowTable);
        uint* high = (uint*)(m.Memory.Base + HighTable);
        for (uint i = 0; i < 1024; i++)
        {
            directory[i] = (i == 0 ? LowTable : HighTable) | 7;
            low[i] = i < 256 ? (i << 12) | 7 : 0;
            high[i] = ((FirstFrame + (i % Frames)) << 12) | 7;
        }

        m.Cpu.State->Cr3 = Directory;
        m.Cpu.State->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Cpu.State->Gpr[1] = count;
        return m;
    }

    /// <summary>Makes neighbouring pages differ in each element; the address of the second.</summary>
    private static uint Differing(TestMachine m)
    {
        for (uint frame = FirstFrame; frame < FirstFrame + Frames; frame++)
            new Span<byte>(m.Memory.Base + (frame << 12), 4096).Fill((byte)frame);
        return m.Cpu.State->Gpr[7] + 0x1000;
    }

    private static uint Bytes(string name) => name[^1] switch { 'b' => 1u, 'w' => 2u, _ => 4u };

    private static ReadOnlySpan<byte> Bytes(TestMachine m) => new(m.Memory.Base + (FirstFrame << 12), (int)(Frames << 12));
}
