// Blocks that jump straight to each other's code: they do so once both have code, whichever had it first; and a block whose bytes are
// written is not executed any more by those that jumped to it.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;
using Decoder = Iced.Intel.Decoder;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class DirectLinksSpec
{
    [SkippableTheory]
    [InlineData(0u)]
    [InlineData(3u)]
    public void Calls_branches_and_ends_of_blocks_lead_straight_to_code(uint hotAfter)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, Engines.TranslatorProblem);
        using var m = Make(hotAfter, a =>
        {
            Label again = a.CreateLabel(), function = a.CreateLabel(), far = a.CreateLabel(), end = a.CreateLabel();
            a.mov(ecx, 50);
            a.Label(ref again);
            a.call(function);
            for (int i = 0; i < 60; i++)
                a.inc(eax); // more than fits into a block
            a.dec(ecx);
            a.jne(far);
            a.jmp(end);
            a.Label(ref function);
            a.add(edx, 2);
            a.ret();
            for (int i = 0; i < 5000; i++)
                a.nop();
            a.Label(ref far);
            a.add(ebx, 3);
            a.jmp(again);
            a.Label(ref end);
            a.nop();
        });
        HashSet<ulong> straight = [];
        ((TranslatorEngine)m.Cpu.Engine).Inspector!.Seen = (code, address, context) =>
        {
            var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
            decoder.IP = address;
            while (decoder.IP < address + (ulong)code.Length)
            {
                if (decoder.Decode() is { Code: Code.Jmp_rel32_64 } jump && context.IsHead(jump.NearBranchTarget))
                    straight.Add(jump.IP);
            }
        };

        m.Run(100_000);

        var c = m.Cpu.State;
        (c->Gpr[0], c->Gpr[2], c->Gpr[3]).ShouldBe((50u * 60, 100u, 49u * 3));
        straight.Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [SkippableTheory]
    [InlineData(TestMachine.CodeAt + 0x800)]
    [InlineData(TestMachine.CodeAt + 0x2800)]
    public void A_block_that_is_overwritten_is_not_jumped_to(uint function)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, Engines.TranslatorProblem);
        using var m = Make(0, a =>
        {
            var again = a.CreateLabel();
            a.mov(ecx, 20);
            a.Label(ref again);
            a.call(function);
            a.inc(__byte_ptr[function + 1]);
            a.dec(ecx);
            a.jne(again);
        });
        m.Memory.TryWrite(new GuestPhysical(function), (ReadOnlySpan<byte>)[0x05, 1, 0, 0, 0, 0xc3]).ShouldBeTrue(); // add eax, 1; ret

        m.Run(100_000);

        m.Cpu.State->Gpr[0].ShouldBe(210u);
    }

    [SkippableFact]
    public void A_block_that_was_written_anew_is_linked_again()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, Engines.TranslatorProblem);
        const uint Function = TestMachine.CodeAt + 0x800;
        using var m = Make(0, a =>
        {
            Label again = a.CreateLabel(), skip = a.CreateLabel();
            a.mov(ecx, 2000);
            a.Label(ref again);
            a.call(Function);
            a.cmp(ecx, 1990);
            a.jne(skip);
            a.inc(__byte_ptr[Function + 1]);
            a.Label(ref skip);
            a.dec(ecx);
            a.jne(again);
        });
        m.Memory.TryWrite(new GuestPhysical(Function), (ReadOnlySpan<byte>)[0x05, 1, 0, 0, 0, 0xc3]).ShouldBeTrue(); // add eax, 1; ret
        int left = 0;
        ((TranslatorEngine)m.Cpu.Engine).Left = _ => left++;

        m.Run(100_000);

        m.Cpu.State->Gpr[0].ShouldBe(11u + (2 * 1989));
        left.ShouldBeLessThan(100);
    }

    [Fact]
    public void A_jump_to_another_block_is_accepted_where_it_has_asked_and_spent_and_leads_to_the_beginning()
    {
        new CodeSketch(s => { s.Guard(); s.Spend(); s.A.jmp(CodeSketch.Other); s.Leaves(); }).Why().ShouldBe("");
        new CodeSketch(s => { s.Guard(); s.A.jmp(CodeSketch.Other); s.Leaves(); }).Why().ShouldContain("takes nothing");
        new CodeSketch(s => { s.Guard(); s.A.je(CodeSketch.Other); s.Leaves(); }).Why().ShouldContain("takes nothing");
        new CodeSketch(s => { s.Spend(); s.A.jmp(CodeSketch.Other); s.Leaves(); }).Why().ShouldContain("before the question");
        new CodeSketch(s => { s.Guard(); s.Spend(); s.A.jmp(CodeSketch.Other + 5); s.Leaves(); }).Why().ShouldContain("not to a way out");
    }

    private static TestMachine Make(uint hotAfter, Action<Assembler> program) => new TestMachine(
        engine: EngineKind.Translator,
        settings: new TranslatorSettings(HotAfter: hotAfter, ShortestStretch: 1, Verify: true)).Load(program);
}
