// A kernel that starts executes much of its code once. It would stay decoded and translated as long as the Guest lives: a third of what a
// Guest at its shell costs beside its memory. So all blocks are forgotten when the first program runs, once, and nothing else is noticed.
using Iced.Intel;
using Lguest.Guest.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class FirstProgramSpec
{
    private const int Instructions = 400;

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void Blocks_are_forgotten_when_the_first_program_runs_and_only_then(EngineKind engine)
    {
        Skip.If(engine == EngineKind.Translator && Engines.TranslatorProblem is not null, $"no translator: {Engines.TranslatorProblem}");
        using var m = new TestMachine(engine: engine);
        m.Load(Start).Run(10_000);
        uint before = m.Cpu.Blocks.Generation;
        long kernel = m.Cpu.EngineBytes;

        m.InRing3().Load(Program).Run(100);
        m.Cpu.Blocks.Generation.ShouldBe(before + 1);
        m.Cpu.State->Gpr[0].ShouldBe(7u);
        m.Cpu.EngineBytes.ShouldBeLessThan(kernel);

        m.Load(a =>
        {
            a.mov(eax, 8);
            a.jmp(TestMachine.CodeAt);
        }).Run(100);
        m.Cpu.Blocks.Generation.ShouldBe(before + 1);
        m.Cpu.State->Gpr[0].ShouldBe(8u);
    }

    private static void Start(Assembler a)
    {
        for (int i = 0; i < Instructions; i++)
        {
            var next = a.CreateLabel();
            a.inc(ecx);
            a.jmp(next);
            a.Label(ref next);
        }
    }

    private static void Program(Assembler a) => a.mov(eax, 7);
}
