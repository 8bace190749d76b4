// What control registers accept. A kernel finds out with them what a processor has, and one that was told "no" by CPUID tests the answer.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute;

public sealed unsafe class ControlRegisterSpec
{
    /// <summary>TSD, PSE, PAE, PGE, PCE, OSFXSR, OSXMMEXCPT (Intel SDM vol. 3, 2.5).</summary>
    private const uint Cr4Known = 0x7b4;

    public static TheoryData<EngineKind> Kinds => Engines.TranslatorProblem is null
        ? [EngineKind.Interpreter, EngineKind.Translator] : [EngineKind.Interpreter];

    [Theory, MemberData(nameof(Kinds))]
    public void Every_bit_that_CR4_does_not_have_is_a_fault_and_changes_nothing(EngineKind kind)
    {
        for (int bit = 0; bit < 32; bit++)
        {
            uint value = 1u << bit;
            using var m = Run(kind, a => a.mov(cr4, eax), value);

            bool isKnown = (Cr4Known & value) != 0;
            m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(isKnown ? Vectors.InvalidOpcode : Vectors.GeneralProtection, $"bit {bit}");
            m.Cpu.State->Cr4.ShouldBe(isKnown ? value : 0x600u, $"bit {bit}");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void What_CR0_does_not_have_reads_as_zero(EngineKind kind)
    {
        using var m = Run(kind, a =>
        {
            a.mov(cr0, eax);
            a.mov(ebx, cr0);
        }, 0x7fffffff);

        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        m.Cpu.State->Gpr[3].ShouldBe(0x6005003fu);
    }

    [Theory]
    [InlineData(0x20000011u, true)]
    [InlineData(0x10u, true)]
    [InlineData(0x80000010u, true)]
    [InlineData(0x60000011u, false)]
    [InlineData(0x40000011u, false)]
    public void Combinations_of_CR0_that_make_no_sense_are_a_fault(uint value, bool isFault)
    {
        using var m = Run(EngineKind.Interpreter, a => a.mov(cr0, eax), value);

        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(isFault ? Vectors.GeneralProtection : Vectors.InvalidOpcode);
    }

    private static BusMachine Run(EngineKind kind, Action<Assembler> program, uint eaxBefore)
    {
        BusMachine machine = new(kind);
        machine.Load(program);
        machine.Cpu.State->Gpr[0] = eaxBefore;
        machine.Run();
        return machine;
    }
}
