// Who judges the judge? These cases have results that can be worked out by hand from the manual; if the oracle gives them, its way of
// loading state, catching exceptions and finding changed memory can be trusted with the millions that nobody works out.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Iced.Intel;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Native;

public sealed unsafe class NativeOracleSpec : IDisposable
{
    private const uint StatusFlags = 0x8d5;
    private readonly byte[] _image = new byte[Sandbox.ImageSize];
    private readonly ITestOutputHelper _output;
    private readonly NativeOracle? _oracle;
    private readonly string? _whyNot;

    public NativeOracleSpec(ITestOutputHelper output)
    {
        _output = output;
        NativeOracle.TryStart(out _oracle, out _whyNot);
    }

    public void Dispose() => _oracle?.Dispose();

    [Fact]
    public void Records_have_the_layout_that_the_child_reads()
    {
        sizeof(TestCase).ShouldBe(TestCaseLayout.Size);
        sizeof(TestOutcome).ShouldBe(TestOutcomeLayout.Size);
        ((int)Marshal.OffsetOf<TestCase>(nameof(TestCase.Eflags))).ShouldBe(TestCaseLayout.Eflags);
        ((int)Marshal.OffsetOf<TestCase>(nameof(TestCase.CodeAddress))).ShouldBe(TestCaseLayout.CodeAddress);
        ((int)Marshal.OffsetOf<TestCase>(nameof(TestCase.Options))).ShouldBe(TestCaseLayout.Options);
        ((int)Marshal.OffsetOf<TestCase>(nameof(TestCase.Fx))).ShouldBe(TestCaseLayout.Fx);
        ((int)Marshal.OffsetOf<TestCase>(nameof(TestCase.Patch))).ShouldBe(TestCaseLayout.Patch);
        ((int)Marshal.OffsetOf<TestOutcome>(nameof(TestOutcome.Trap))).ShouldBe(TestOutcomeLayout.Trap);
        ((int)Marshal.OffsetOf<TestOutcome>(nameof(TestOutcome.Fx))).ShouldBe(TestOutcomeLayout.Fx);
        ((int)Marshal.OffsetOf<TestOutcome>(nameof(TestOutcome.Chunks))).ShouldBe(TestOutcomeLayout.Chunks);
        (TestCaseLayout.Size % 16).ShouldBe(0);
        (TestOutcomeLayout.Size % 16).ShouldBe(0);
    }

    [SkippableFact]
    public void Adding_one_to_the_largest_integer_overflows()
    {
        Skip.If(_oracle is null, _whyNot);
        var question = Assemble(a => a.add(eax, ecx));
        question.Gpr[0] = 0x7fff_ffff;
        question.Gpr[1] = 1;
        question.Gpr[4] = 0xdead_beef;
        var answer = Ask(question);
        answer.Trap.ShouldBe(TestOutcomeLayout.Landed);
        answer.Gpr[0].ShouldBe(0x8000_0000u);
        answer.Gpr[1].ShouldBe(1u);
        answer.Gpr[4].ShouldBe(0xdead_beefu, "any ESP must survive");
        (answer.Eflags & StatusFlags).ShouldBe(0x894u, "OF SF AF PF");
        answer.ChunkCount.ShouldBe(0);
        answer.Cs.ShouldBe(Sandbox.CodeSelector);
        answer.Ss.ShouldBe(Sandbox.FlatSelector);
    }

    [SkippableFact]
    public void Stores_are_reported_as_changed_chunks_and_do_not_leak_into_the_next_case()
    {
        Skip.If(_oracle is null, _whyNot);
        var store = Assemble(a => a.mov(__dword_ptr[Sandbox.Data + 0xffe], 0x1122_3344));
        var load = Assemble(a => a.mov(eax, __dword_ptr[Sandbox.Data + 0xffe]));
        var answers = new TestOutcome[2];
        _oracle!.Run(_image, [store, load], answers);
        answers[0].ChunkCount.ShouldBe(2);
        answers[0].ChunkIndex[0].ShouldBe(0xffu);
        answers[0].ChunkIndex[1].ShouldBe(0x100u);
        answers[0].Chunks[14].ShouldBe((byte)0x44);
        answers[0].Chunks[15].ShouldBe((byte)0x33);
        answers[0].Chunks[16].ShouldBe((byte)0x22);
        answers[1].Gpr[0].ShouldBe(0u);
        answers[1].ChunkCount.ShouldBe(0);
    }

    [SkippableFact]
    public void Patches_and_images_are_seen_by_the_case()
    {
        Skip.If(_oracle is null, _whyNot);
        _image[Sandbox.WritableSize + 4] = 0x5a;
        var question = Assemble(a => a.add(eax, __dword_ptr[Sandbox.ReadOnly + 4]));
        CaseBuilder.SetPatch(ref question, Sandbox.Data + 16, [1, 2, 3]);
        var answer = Ask(question);
        answer.Gpr[0].ShouldBe(0x5au);
        answer.ChunkCount.ShouldBe(1);
        answer.Chunks[2].ShouldBe((byte)3);
    }

    [SkippableTheory]
    [InlineData(Sandbox.DataEnd, 4u)]
    [InlineData(Sandbox.Data - 1, 4u)]
    [InlineData(Sandbox.DataEnd - 2, 4u)]
    public void Reading_what_is_not_mapped_is_a_page_fault_with_its_address(uint address, uint error)
    {
        Skip.If(_oracle is null, _whyNot);
        var answer = Ask(Assemble(a => a.mov(eax, __dword_ptr[address])));
        answer.Trap.ShouldBe(14);
        answer.Error.ShouldBe(error, "user, read, not present");
        answer.Cr2.ShouldBe(address == Sandbox.DataEnd - 2 ? Sandbox.DataEnd : address);
        answer.Eip.ShouldBe(Sandbox.Code + 0x100);
    }

    [SkippableFact]
    public void Writing_the_read_only_page_is_a_protection_fault()
    {
        Skip.If(_oracle is null, _whyNot);
        var answer = Ask(Assemble(a => a.mov(__byte_ptr[Sandbox.ReadOnly], 1)));
        (answer.Trap, answer.Error, answer.Cr2).ShouldBe((14, 7u, Sandbox.ReadOnly));
    }

    [SkippableFact]
    public void Running_data_is_a_fetch_fault()
    {
        Skip.If(_oracle is null, _whyNot);
        var answer = Ask(Assemble(a => a.jmp(Sandbox.Data + 8)));
        (answer.Trap, answer.Error, answer.Cr2, answer.Eip).ShouldBe((14, 0x15u, Sandbox.Data + 8, Sandbox.Data + 8));
    }

    [SkippableFact]
    public void Divisions_by_zero_privileged_and_undefined_instructions_and_traps_name_their_vector()
    {
        Skip.If(_oracle is null, _whyNot);
        Ask(Assemble(a => a.div(ecx))).Trap.ShouldBe(0);
        Ask(Assemble(a => a.ud2())).Trap.ShouldBe(6);
        Ask(Assemble(a => a.hlt())).Trap.ShouldBe(13);
        Ask(Assemble(a => a.bound(eax, __dword_ptr[Sandbox.Data]), eaxValue: 1)).Trap.ShouldBe(5);
        var breakpoint = Ask(Assemble(a => a.int3()));
        (breakpoint.Trap, breakpoint.Eip).ShouldBe((3, Sandbox.Code + 0x101));
        var software = Ask(Assemble(a => a.@int(0x40)));
        (software.Trap, software.Error).ShouldBe((13, (0x40u * 8) + 2));
    }

    [SkippableFact]
    public void Jumps_into_the_code_pages_stop_at_a_breakpoint()
    {
        Skip.If(_oracle is null, _whyNot);
        var answer = Ask(Assemble(a => a.jmp(Sandbox.Code + 0x800)));
        (answer.Trap, answer.Eip).ShouldBe((3, Sandbox.Code + 0x801));
    }

    [SkippableFact]
    public void Segments_have_base_limit_direction_and_rights()
    {
        Skip.If(_oracle is null, _whyNot);
        Skip.If(_oracle!.IsLongMode, NativeOracle.LongModeOnly);
        _image[0] = 0x77;
        _image[0x17ff] = 0x66;
        _image[0x800] = 0x55;
        Eax(Assemble(a => a.mov(al, __byte_ptr.fs[0x100]))).ShouldBe(0x77u);
        Eax(Assemble(a => a.mov(al, __byte_ptr.fs[0x18ff]))).ShouldBe(0x66u);
        Ask(Assemble(a => a.mov(al, __byte_ptr.fs[0x1900]))).Trap.ShouldBe(13);
        Ask(Assemble(a => a.mov(al, __byte_ptr.gs[0x17ff]))).Trap.ShouldBe(13);
        Eax(Assemble(a => a.mov(al, __byte_ptr.gs[0x1800]))).ShouldBe(0x55u);
        var question = Assemble(a => a.mov(__byte_ptr[Sandbox.Data], 1));
        question.Ds = Sandbox.ReadOnlySelector;
        Ask(question).Trap.ShouldBe(13);
    }

    [SkippableFact]
    public void The_fpu_state_is_loaded_and_stored_with_and_without_a_fault()
    {
        Skip.If(_oracle is null, _whyNot);
        byte[] fx = new byte[512];
        MemoryMarshal.Write<ushort>(fx, 0x37f);
        MemoryMarshal.Write(fx.AsSpan(24), 0x1f80u);
        fx[160] = 0xab;
        foreach (bool fault in (ReadOnlySpan<bool>)[false, true])
        {
            var question = fault ? Assemble(a => a.ud2()) : Assemble(a => a.fldpi());
            CaseBuilder.SetFx(ref question, fx);
            var answer = Ask(question);
            answer.Trap.ShouldBe(fault ? 6 : TestOutcomeLayout.Landed);
            answer.Fx[160].ShouldBe((byte)0xab);
            new Span<byte>(answer.Fx + 32, 10).ToArray().ShouldBe(
                fault ? new byte[10] : [0x35, 0xc2, 0x68, 0x21, 0xa2, 0xda, 0x0f, 0xc9, 0x00, 0x40]);
        }
    }

    [SkippableFact]
    public void Instructions_that_reach_over_the_end_of_the_code_fault_in_the_fetch()
    {
        Skip.If(_oracle is null, _whyNot);
        var question = CaseBuilder.Create([0xb8, 1, 2, 3, 4], Sandbox.CodeEnd - 3);
        var answer = Ask(question);
        (answer.Trap, answer.Cr2, answer.Eip).ShouldBe((14, Sandbox.CodeEnd, Sandbox.CodeEnd - 3));
    }

    [SkippableFact]
    public void Two_hundred_thousand_cases_a_second_are_within_reach()
    {
        Skip.If(_oracle is null, _whyNot);
        var questions = new TestCase[20_000];
        Array.Fill(questions, Assemble(a => a.adc(eax, edx)));
        var answers = new TestOutcome[questions.Length];
        var clock = Stopwatch.StartNew();
        _oracle!.Run(_image, questions, answers);
        _output.WriteLine($"{questions.Length / clock.Elapsed.TotalSeconds:N0} cases/s without faults");
        Array.Fill(questions, Assemble(a => a.ud2()));
        clock.Restart();
        _oracle!.Run(_image, questions, answers);
        _output.WriteLine($"{questions.Length / clock.Elapsed.TotalSeconds:N0} cases/s with faults");
        answers[^1].Trap.ShouldBe(6);
    }

    private static TestCase Assemble(Action<Assembler> write, uint eaxValue = 0)
    {
        var assembler = new Assembler(32);
        write(assembler);
        using var bytes = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(bytes), Sandbox.Code + 0x100);
        var made = CaseBuilder.Create(bytes.ToArray());
        made.Gpr[0] = eaxValue;
        made.Fs = Sandbox.LimitedSelector;
        made.Gs = Sandbox.ExpandDownSelector;
        return made;
    }

    private uint Eax(TestCase question)
    {
        var answer = Ask(question);
        return answer.Gpr[0];
    }

    private TestOutcome Ask(TestCase question)
    {
        var answers = new TestOutcome[1];
        _oracle!.Run(_image, [question], answers);
        Skip.If(answers[0].Trap == TestOutcomeLayout.NotRun, NativeOracle.LongModeOnly);
        return answers[0];
    }
}
