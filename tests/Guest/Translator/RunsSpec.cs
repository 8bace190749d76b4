// A check that stands for several accesses must be invisible: where the run leaves its page, or meets one that it may not write, each
// instruction faults where it would have faulted alone, and those in front of it have done their work.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class RunsSpec
{
    private const uint Frame = 0x50000;
    private const uint Rounds = 4;

    /// <summary>Programs of one run each; EBX, EBP and ESP point to the same place.</summary>
    public static TheoryData<string, Action<Assembler>> Runs => new()
    {
        {
            "pushes",
            a =>
            {
                a.push(eax);
                a.push(ecx);
                a.push(7);
                a.push(esi);
                a.push(edi);
            }
        },
        {
            "pops",
            a =>
            {
                a.pop(eax);
                a.pop(ecx);
                a.pop(esi);
                a.pop(edi);
            }
        },
        {
            "a frame",
            a =>
            {
                a.push(edi);
                a.push(esi);
                a.sub(esp, 8);
                a.mov(__dword_ptr[esp + 4], eax);
                a.mov(ecx, __dword_ptr[esp + 12]);
            }
        },
        {
            "reads",
            a =>
            {
                a.mov(eax, __dword_ptr[ebx]);
                a.add(ecx, __dword_ptr[ebx + 4]);
                a.cmp(__byte_ptr[ebx + 9], 3);
                a.adc(edx, 1);
            }
        },
        {
            "high bytes",
            a =>
            {
                a.mov(ah, __byte_ptr[ebx]);
                a.mov(ch, __byte_ptr[ebx + 3]);
                a.mov(__byte_ptr[esp + 1], dh);
                a.mov(dh, __byte_ptr[esp - 2]);
            }
        },
        {
            "writes",
            a =>
            {
                a.mov(__dword_ptr[ebx], eax);
                a.inc(__word_ptr[ebx + 6]);
                a.or(__byte_ptr[ebx + 9], 0x40);
                a.not(__dword_ptr[ebx + 12]);
            }
        },
        {
            "reads, then a write",
            a =>
            {
                a.mov(eax, __dword_ptr[ebx]);
                a.mov(ecx, __dword_ptr[ebx + 4]);
                a.mov(__dword_ptr[ebx + 8], ecx);
            }
        },
        {
            "locals",
            a =>
            {
                a.mov(eax, __dword_ptr[ebp - 4]);
                a.mov(__dword_ptr[ebp - 8], eax);
                a.add(__dword_ptr[ebp + 8], ecx);
            }
        },
        {
            "through itself",
            a =>
            {
                a.mov(ebx, __dword_ptr[ebx]);
                a.mov(eax, __dword_ptr[ebx]);
            }
        },
        {
            "a branch within",
            a =>
            {
                var l = a.CreateLabel();
                a.push(eax);
                a.test(eax, eax);
                a.je(l);
                a.push(ecx);
                a.Label(ref l);
                a.push(edx);
            }
        },
    };

    [SkippableTheory]
    [MemberData(nameof(Runs))]
    public void A_run_faults_where_its_instructions_would(string what, Action<Assembler> run)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        uint[] rights = [PagedMachine.Open, PagedMachine.Present | 4, 0];
        foreach (uint low in rights)
        {
            foreach (uint high in rights)
            {
                for (int at = -36; at <= 36; at += at is > -28 and < 28 ? 1 : 4)
                {
                    string expected = Outcome(EngineKind.Interpreter, run, low, high, at);
                    Outcome(EngineKind.Translator, run, low, high, at).ShouldBe(expected, $"{what} at {at}, rights {low} and {high}");
                }
            }
        }
    }

    [SkippableFact]
    public void Pushes_and_pops_share_a_check()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        uint alone = CodeBytes(a => { a.push(eax); a.xchg(eax, ecx); a.push(eax); a.xchg(eax, ecx); a.push(eax); a.xchg(eax, ecx); });
        uint together = CodeBytes(a => { a.push(eax); a.push(eax); a.push(eax); a.xchg(eax, ecx); a.xchg(eax, ecx); a.xchg(eax, ecx); });
        (alone - together).ShouldBeGreaterThan(80u);
    }

    private static uint CodeBytes(Action<Assembler> program)
    {
        using var m = PagedMachine.Make(EngineKind.Translator);
        var engine = (Guest.Translator.TranslatorEngine)m.Cpu.Engine;
        uint before = engine.CodeBytes;
        m.Load(program).Run(100);
        return engine.CodeBytes - before;
    }

    /// <summary>What several rounds of a run leave: the first may fill the TLB that the others find filled.</summary>
    private static string Outcome(EngineKind engine, Action<Assembler> run, uint low, uint high, int at)
    {
        using var m = PagedMachine.Make(engine);
        PagedMachine.Map(m, 0, Frame, low);
        PagedMachine.Map(m, 1, Frame + 0x1000, high);
        m.Cpu.FlushTlb();
        m.Load(run);
        var c = m.Cpu.State;
        for (uint round = 0; round < Rounds; round++)
        {
            uint middle = PagedMachine.Data + 0x1000 + (uint)at;
            for (int i = 0; i < 8; i++)
                c->Gpr[i] = 0x1111_1111u * (uint)i + round;
            c->Gpr[3] = c->Gpr[4] = c->Gpr[5] = middle;
            c->Eip = TestMachine.CodeAt;
            m.Cpu.Eflags = 0x8d5;
            m.Run(1000);
        }

        string registers = string.Join(' ', Enumerable.Range(0, 8).Select(i => $"{c->Gpr[i]:x}"));
        var bytes = new ReadOnlySpan<byte>(m.Memory.Base + Frame, 0x2000);
        return $"{registers} eip {c->Eip:x} flags {m.Cpu.Eflags:x} count {m.Cpu.Instructions} traps {string.Join(' ', m.Traps)} "
            + $"entries {PagedMachine.Entry(m, 0):x} {PagedMachine.Entry(m, 1):x} memory {Convert.ToHexString(bytes[0xf80..0x1080])}";
    }
}
