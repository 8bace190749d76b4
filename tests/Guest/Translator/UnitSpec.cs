// The host's units as the Guest's: that they are used, that nothing of the Guest's is left in them when C# goes on, and that a program
// which does not compute with them does not pay for them. What they compute is LockstepSpec's and the comparisons' subject.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class UnitSpec
{
    private const uint Data = 0x40000;
    private static readonly TranslatorSettings _everything = new(HotAfter: 0, ShortestStretch: 1, Verify: true);

    [SkippableTheory]
    [InlineData(HostUnits.X87)]
    [InlineData(HostUnits.Xmm)]
    [InlineData(HostUnits.X87 | HostUnits.Xmm)]
    public void A_loop_that_computes_with_a_unit_is_host_code(HostUnits units)
    {
        using var m = Machine(a =>
        {
            var loop = a.CreateLabel();
            a.mov(ebx, Data);
            a.fldz();
            a.mov(ecx, 100);
            a.Label(ref loop);
            if ((units & HostUnits.X87) != 0)
                a.fadd(__qword_ptr[ebx]);
            if ((units & HostUnits.Xmm) != 0)
                a.addsd(xmm1, __qword_ptr[ebx]);
            a.dec(ecx);
            a.jne(loop);
            a.fstp(__qword_ptr[ebx + 8]);
            a.movsd(__qword_ptr[ebx + 16], xmm1);
        });
        *(double*)(m.Memory.Base + Data) = 0.5;
        List<Mnemonic> seen = [];
        ((TranslatorEngine)m.Cpu.Engine).Inspector!.Seen = (code, address, _) =>
        {
            var decoder = Decoder.Create(64, code);
            while (decoder.IP < (ulong)code.Length)
                seen.Add(decoder.Decode().Mnemonic);
        };

        m.Run(10_000);

        seen.Contains(Mnemonic.Fadd).ShouldBe((units & HostUnits.X87) != 0);
        seen.Contains(Mnemonic.Addsd).ShouldBe((units & HostUnits.Xmm) != 0);
        (*(double*)(m.Memory.Base + Data + 8)).ShouldBe((units & HostUnits.X87) != 0 ? 50 : 0);
        (*(double*)(m.Memory.Base + Data + 16)).ShouldBe((units & HostUnits.Xmm) != 0 ? 50 : 0);
        EngineState.Of(m.Cpu.State)->X87Away.ShouldBe(1u);
        EngineState.Of(m.Cpu.State)->XmmAway.ShouldBe(1u);
    }

    [SkippableFact]
    public void What_dotnet_computes_with_is_its_own_again_when_a_Guest_rounds_otherwise()
    {
        // Upwards, and with numbers near zero taken for zero.
        using var m = Machine(a =>
        {
            a.mov(ebx, Data);
            a.ldmxcsr(__dword_ptr[ebx]);
            a.addsd(xmm0, xmm1);
            a.divsd(xmm0, xmm0);
            a.fldcw(__word_ptr[ebx + 4]);
            a.fld1();
        });
        *(uint*)(m.Memory.Base + Data) = 0xdfc0;
        *(ushort*)(m.Memory.Base + Data + 4) = 0x087f;
        double one = m.Cpu.State->Gpr[7] + 1, tiny = double.Epsilon * one;

        m.Run(10_000);

        (one / (one + 2)).ShouldBe(0.3333333333333333);
        (tiny * one).ShouldBe(double.Epsilon);
        m.Traps.Count.ShouldBe(1);
    }

    [SkippableFact]
    public void A_block_without_such_instructions_asks_for_no_unit()
    {
        using var m = Machine(a =>
        {
            a.mov(eax, 1);
            a.add(eax, ebx);
        });
        List<long> fields = [];
        ((TranslatorEngine)m.Cpu.Engine).Inspector!.Seen = (code, address, _) =>
        {
            var decoder = Decoder.Create(64, code);
            while (decoder.IP < (ulong)code.Length)
            {
                var i = decoder.Decode();
                if (i.MemoryBase == Register.R14)
                    fields.Add((long)i.MemoryDisplacement64);
            }
        };

        m.Run(100);

        fields.ShouldNotBeEmpty();
        fields.ShouldNotContain(CodeSketch.X87Away);
        fields.ShouldNotContain(CodeSketch.XmmAway);
    }

    private static TestMachine Machine(Action<Assembler> program)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        return new TestMachine(engine: EngineKind.Translator, settings: _everything).Load(program);
    }
}
