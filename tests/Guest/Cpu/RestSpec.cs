// A Guest at rest gives back what it has needed to get there; nothing else is noticed.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class RestSpec
{
    private const int ManyBlocks = 50_000, FewBlocks = 1_000, BytesEach = 3;

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void What_takes_more_than_a_Guest_at_rest_should_have_is_forgotten(EngineKind engine)
    {
        using var m = Machine(engine).Load(a => Blocks(a, ManyBlocks)).Run();
        long most = m.Cpu.EngineBytes;
        most.ShouldBeGreaterThan(BlockRoom.AtRest);

        m.Cpu.Rest();
        m.Cpu.EngineBytes.ShouldBeLessThan(BlockRoom.AtRest / 4);
        m.Cpu.MostEngineBytes.ShouldBe(most);

        // The Guest goes on as if nothing had been.
        m.Cpu.State->Eip = TestMachine.CodeAt + ((ManyBlocks - FewBlocks) * BytesEach);
        m.Run();
        m.Cpu.State->Gpr[1].ShouldBe((uint)(ManyBlocks + FewBlocks));
        m.Traps.Count.ShouldBe(2);
    }

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void A_Guest_that_takes_little_keeps_it(EngineKind engine)
    {
        using var m = Machine(engine).Load(a => Blocks(a, FewBlocks)).Run();
        long before = m.Cpu.EngineBytes;
        uint generation = m.Cpu.Blocks.Generation;
        m.Cpu.Rest();
        (m.Cpu.EngineBytes, m.Cpu.Blocks.Generation).ShouldBe((before, generation));
    }

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void What_has_been_forgotten_takes_memory_until_a_rest(EngineKind engine)
    {
        using var m = Machine(engine).Load(a => Blocks(a, ManyBlocks)).Run();
        long before = m.Cpu.EngineBytes;
        m.Cpu.Blocks.Clear();
        m.Cpu.EngineBytes.ShouldBe(before);
        m.Cpu.Rest();
        m.Cpu.EngineBytes.ShouldBeLessThan(BlockRoom.AtRest / 4);
    }

    [Fact]
    public void After_a_rest_the_room_is_small_and_when_it_is_full_all_is_forgotten()
    {
        using var m = Machine(EngineKind.Interpreter);
        m.Cpu.Rest();
        uint generation = m.Cpu.Blocks.Generation;
        m.Load(a => Blocks(a, ManyBlocks)).Run();
        m.Cpu.Blocks.Generation.ShouldBe(generation + 1);
        m.Cpu.State->Gpr[1].ShouldBe((uint)ManyBlocks);
        m.Cpu.MostEngineBytes.ShouldBeInRange(BlockRoom.AtRest, 8_000_000);
    }

    private static TestMachine Machine(EngineKind engine)
    {
        Skip.If(engine == EngineKind.Translator && Engines.TranslatorProblem is not null, $"no translator: {Engines.TranslatorProblem}");
        return new TestMachine(engine: engine);
    }

    private static void Blocks(Assembler a, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var next = a.CreateLabel();
            a.inc(ecx);
            a.jmp(next);
            a.Label(ref next);
        }
    }
}
