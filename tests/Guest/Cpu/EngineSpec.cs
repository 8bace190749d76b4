// The choice of engine: what a word means, what Auto comes to, and what is said where the translator cannot be had. Most hosts of tests
// have it; one without is played by a code memory of no bytes, which no host gives.
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed class EngineSpec
{
    private static readonly TranslatorSettings _none = new(CodeBytes: 0);

    [Theory]
    [InlineData("auto", EngineKind.Auto)]
    [InlineData("interpreter", EngineKind.Interpreter)]
    [InlineData("translator", EngineKind.Translator)]
    [InlineData("Auto", null)]
    [InlineData("", null)]
    [InlineData("jit", null)]
    public void A_word_stands_for_an_engine_or_for_nothing(string word, EngineKind? kind)
    {
        Engines.Parse(word).ShouldBe(kind);
        if (kind is { } known)
            Engines.WordOf(known).ShouldBe(word);
    }

    [Fact]
    public void Every_kind_has_a_word() =>
        Engines.Words.Select(known => known.Kind).ShouldBe(Enum.GetValues<EngineKind>());

    [Fact]
    public void A_processor_that_is_told_nothing_interprets()
    {
        using var m = new TestMachine();

        m.Cpu.EngineKind.ShouldBe(EngineKind.Interpreter);
        m.Cpu.WhyInterpreter.ShouldBeNull("it was not a second choice");
    }

    [Fact]
    public void Auto_is_the_translator_where_the_host_can_run_it()
    {
        using var m = new TestMachine();
        using Processor processor = new(m.Memory, m, EngineKind.Auto);

        processor.EngineKind.ShouldBe(Engines.TranslatorProblem is null ? EngineKind.Translator : EngineKind.Interpreter);
        processor.WhyInterpreter.ShouldBe(Engines.TranslatorProblem);
    }

    [Fact]
    public void Auto_interprets_where_there_is_no_room_for_code_and_says_why()
    {
        using var m = new TestMachine();
        using Processor processor = new(m.Memory, m, EngineKind.Auto, _none);

        processor.EngineKind.ShouldBe(EngineKind.Interpreter);
        processor.WhyInterpreter.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void The_translator_is_refused_with_a_reason_where_it_cannot_run()
    {
        using var m = new TestMachine().Load(a => a.mov(eax, 7));

        Should.Throw<NotSupportedException>(() => new Processor(m.Memory, m, EngineKind.Translator, _none))
            .Message.ShouldMatch("^the translator cannot run here: .+");

        m.Run().Cpu.Instructions.ShouldBe(1ul, "the processor that was there before works on");
    }

    [Theory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Auto)]
    public void A_processor_that_is_disposed_again_takes_nothing_from_the_next_one(EngineKind engine)
    {
        using var m = new TestMachine();
        // What the runtime gives back first it gives out first, so one of the next has what the first one had.
        Processor first = new(m.Memory, m, engine);
        first.Dispose();
        var next = Enumerable.Range(0, 64).Select(_ => new Processor(m.Memory, m, engine)).ToArray();

        first.Dispose();

        foreach (var processor in next)
        {
            IsKnownByItsState(processor).ShouldBeTrue();
            processor.Dispose();
        }

        static unsafe bool IsKnownByItsState(Processor processor) => Processor.Of(processor.State) == processor;
    }

    [SkippableFact]
    public void The_translator_runs_where_it_is_asked_for()
    {
        Skip.If(Engines.TranslatorProblem is not null, Engines.TranslatorProblem);
        using var m = new TestMachine();
        using Processor processor = new(m.Memory, m, EngineKind.Translator, new TranslatorSettings(HotAfter: 1));

        processor.EngineKind.ShouldBe(EngineKind.Translator);
    }
}
