// AH, CH, DH and BH cannot be named in an instruction that names R8 to R15, as those that reach memory do. Moves between them and memory
// have a form of their own, which must leave the rest of the register and all flags alone.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Tests.Windows;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class HighByteSpec
{
    private const uint Turns = 200;

    [SkippableFact]
    public void High_bytes_come_from_memory_and_go_there_in_emitted_code()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        const uint At = 0x50000;
        using var m = new TestMachine(
            engine: EngineKind.Translator,
            settings: new TranslatorSettings(HotAfter: 0, ShortestStretch: 1, Verify: true)).Load(a => Program(a, At));
        int left = 0;
        ((TranslatorEngine)m.Cpu.Engine).Left = _ => left++;

        m.Run(100_000);

        Check(m, At);
        left.ShouldBeLessThan((int)Turns / 4);
    }

    [SkippableFact]
    public void They_do_so_in_a_window()
    {
        Skip.IfNot(Engines.WindowsProblem is null, $"this host has no windows: {Engines.WindowsProblem}");
        using var m = new WindowMachine();
        m.Map(WindowMachine.Frame);
        m.Load(a => Program(a, WindowMachine.Data));
        int left = 0;
        m.Engine.Left = _ => left++;

        m.Run().ShouldBeNull();

        Check(m.Machine, WindowMachine.Frame << 12);
        left.ShouldBeLessThan((int)Turns / 4);
    }

    private static void Program(Assembler a, uint at)
    {
        var again = a.CreateLabel();
        a.mov(eax, 0x1122_3344);
        a.mov(edx, 0x5566_7788);
        a.mov(ecx, 0x2233_4455);
        a.mov(ebx, 0);
        a.mov(ebp, esp);
        a.mov(esp, at + 64);
        a.mov(edi, at);
        a.mov(esi, Turns);
        a.Label(ref again);
        a.stc();
        a.mov(ah, __byte_ptr[edi + 1]);
        a.mov(__byte_ptr[edi + 2], ah);
        a.adc(ebx, 0); // the carry is alive
        a.mov(dh, __byte_ptr[edi + 2]);
        a.inc(dh);
        a.mov(__byte_ptr[edi + 1], dh);
        a.mov(__byte_ptr[esp - 8], dh);
        a.mov(ch, __byte_ptr[esp - 8]);
        a.dec(esi);
        a.jne(again);
        a.mov(esp, ebp);
    }

    private static void Check(TestMachine m, uint physical)
    {
        var c = m.Cpu.State;
        (c->Gpr[0], c->Gpr[2], c->Gpr[1], c->Gpr[3]).ShouldBe((0x1122_c744u, 0x5566_c888u, 0x2233_c855u, Turns));
        m.Memory.TryRead(new GuestPhysical(physical), out uint word).ShouldBeTrue();
        word.ShouldBe(0x00c7_c800u);
    }
}
