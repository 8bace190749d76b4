// A limit names the last byte that belongs to a segment. An operand of any size may end on it, and may not reach one byte further.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute;

public sealed unsafe class SegmentLimitSpec
{
    private const uint Base = 0x30000;
    private const uint Limit = 0x1ff;
    private const ushort DataSegment =
        SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Big | SegmentCache.Writable | SegmentCache.Accessed;

    private static readonly Dictionary<string, (uint Size, Action<Assembler, uint> Code)> _accesses = new()
    {
        ["mov al, m"] = (1, (a, at) => a.mov(al, __byte_ptr.fs[at])),
        ["mov m, al"] = (1, (a, at) => a.mov(__byte_ptr.fs[at], al)),
        ["mov ax, m"] = (2, (a, at) => a.mov(ax, __word_ptr.fs[at])),
        ["mov m, ax"] = (2, (a, at) => a.mov(__word_ptr.fs[at], ax)),
        ["mov eax, m"] = (4, (a, at) => a.mov(eax, __dword_ptr.fs[at])),
        ["mov m, eax"] = (4, (a, at) => a.mov(__dword_ptr.fs[at], eax)),
        ["add m, eax"] = (4, (a, at) => a.add(__dword_ptr.fs[at], eax)),
        ["movq mm0, m"] = (8, (a, at) => a.movq(mm0, __qword_ptr.fs[at])),
        ["cmpxchg8b m"] = (8, (a, at) => a.cmpxchg8b(__qword_ptr.fs[at])),
        ["fld tbyte m"] = (10, (a, at) => a.fld(__tbyte_ptr.fs[at])),
        ["movups xmm0, m"] = (16, (a, at) => a.movups(xmm0, __xmmword_ptr.fs[at])),
        ["movups m, xmm0"] = (16, (a, at) => a.movups(__xmmword_ptr.fs[at], xmm0)),
    };

    public static TheoryData<string> Accesses => [.. _accesses.Keys];

    [Theory]
    [MemberData(nameof(Accesses))]
    public void An_operand_may_end_on_the_limit_and_not_beyond(string name)
    {
        var (size, code) = _accesses[name];
        Run(a => code(a, Limit + 1 - size), 0).ShouldBe(Vectors.InvalidOpcode);
        Run(a => code(a, Limit + 2 - size), 0).ShouldBe(Vectors.GeneralProtection);
        Run(a => code(a, Limit), 0).ShouldBe(size == 1 ? Vectors.InvalidOpcode : Vectors.GeneralProtection);
        Run(a => code(a, Limit + 1), 0).ShouldBe(Vectors.GeneralProtection);
        Run(a => code(a, uint.MaxValue), 0).ShouldBe(Vectors.GeneralProtection);
    }

    [Theory]
    [MemberData(nameof(Accesses))]
    public void Of_an_expand_down_segment_the_limit_is_the_last_byte_that_does_not_belong_to_it(string name)
    {
        var (size, code) = _accesses[name];
        Run(a => code(a, Limit + 1), SegmentCache.ExpandDown).ShouldBe(Vectors.InvalidOpcode);
        Run(a => code(a, Limit), SegmentCache.ExpandDown).ShouldBe(Vectors.GeneralProtection);
        if (size > 1) Run(a => code(a, 0u - size + 1), SegmentCache.ExpandDown).ShouldBe(Vectors.GeneralProtection);
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1u, false)]
    public void A_push_may_begin_where_the_limit_ends(uint beyond, bool fits)
    {
        using var m = new TestMachine().Load(a => a.push(eax));
        m.Cpu.State->Ss = Segment(0);
        m.Cpu.State->Gpr[4] = Limit + 1 + beyond;
        m.Cpu.RefreshMode();
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(fits ? Vectors.InvalidOpcode : Vectors.StackFault);
    }

    [Theory]
    [InlineData(TestMachine.CodeAt + 4, true)]
    [InlineData(TestMachine.CodeAt + 3, false)]
    public void An_instruction_may_end_on_the_limit_of_the_code_segment(uint limit, bool fits)
    {
        using var m = new TestMachine().Load(a => a.mov(eax, 0x11223344));
        m.Cpu.State->Cs.Limit = limit;
        m.Cpu.RefreshMode();
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.GeneralProtection);
        m.Cpu.State->Gpr[0].ShouldBe(fits ? 0x11223344u : 0);
    }

    private static byte Run(Action<Assembler> code, ushort kind)
    {
        using var m = new TestMachine().Load(code);
        m.Cpu.State->Fs = Segment(kind);
        m.Cpu.RefreshMode();
        return m.Run().Traps.ShouldHaveSingleItem().Vector;
    }

    private static SegmentCache Segment(ushort kind)
    {
        var segment = new SegmentCache { Base = Base, Limit = Limit, Selector = 0x33, Attributes = (ushort)(DataSegment | kind) };
        segment.UpdateRights();
        return segment;
    }
}
