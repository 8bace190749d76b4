// REP in front of what does not repeat is nothing to this processor, and something to younger ones: before BSF it makes TZCNT of it, in an
// opcode for hints it makes ENDBR32, with which every function begins that was compiled for control-flow enforcement. Emitted code keeps
// the instruction and drops the prefix.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class IdlePrefixSpec
{
    private const int Turns = 200;

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void An_instruction_with_a_prefix_that_repeats_nothing_is_the_one_without(EngineKind engine)
    {
        Skip.If(engine == EngineKind.Translator && Engines.TranslatorProblem is not null, $"no translator: {Engines.TranslatorProblem}");
        using var m = new TestMachine(engine: engine, settings: new TranslatorSettings(HotAfter: 0, ShortestStretch: 1, Verify: true));
        int left = 0;
        if (m.Cpu.Engine is TranslatorEngine translator)
            translator.Left = _ => left++;
        m.Load(a =>
        {
            Label again = a.CreateLabel(), function = a.CreateLabel(), on = a.CreateLabel();
            a.mov(esp, 0x5_0000);
            a.mov(esi, Turns);
            a.Label(ref again);
            a.mov(ebx, 7);
            a.xor(eax, eax);
            a.db(0xf3);
            a.bsf(ebx, eax); // leaves EBX alone; TZCNT makes it 32
            a.mov(edx, 9);
            a.db(0xf3);
            a.bsr(edx, eax);
            a.mov(eax, 0x0010_0400);
            a.db(0xf3);
            a.bsf(ecx, eax);
            a.db(0xf3);
            a.bsr(edi, eax); // 20; LZCNT makes it 11
            a.call(function);
            a.dec(esi);
            a.jne(again);
            a.jmp(on);
            a.Label(ref function);
            a.endbr32();
            a.db(0xf2); // BND
            a.add(ebx, 1);
            a.db(0xf3); // as compilers did for an early AMD processor
            a.ret();
            a.Label(ref on);
            a.nop();
        });

        m.Run(100_000);

        uint* registers = m.Cpu.State->Gpr;
        (registers[3], registers[2], registers[1], registers[7]).ShouldBe((8u, 9u, 10u, 20u));
        left.ShouldBeLessThan(Turns / 4);
    }
}
