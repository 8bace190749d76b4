// Turns of a loop that are laid out one behind the other must be invisible: in whichever of them a slice ends, an access faults or a branch
// leaves, both engines have retired the same instructions and left the same state.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Comparison;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class LoopsSpec
{
    private const uint Frame = 0x50000;
    private const uint Pages = 2;
    private const uint End = PagedMachine.Data + (Pages << GuestMemory.PageShift);

    /// <summary>Bodies that count in ECX and go up through ESI and EDI, whose pages end at some time.</summary>
    public static TheoryData<string, Action<Assembler>> Bodies => new()
    {
        {
            "copy", a => Counted(a, () =>
            {
                a.mov(al, __byte_ptr[esi]);
                a.mov(__byte_ptr[edi], al);
                a.inc(esi);
                a.inc(edi);
            })
        },
        {
            "carry from turn to turn", a => Counted(a, () =>
            {
                a.adc(eax, __dword_ptr[esi]);
                a.lea(esi, __[esi + 4]);
                a.adc(edx, 3);
            })
        },
        {
            "shifts", a => Counted(a, () =>
            {
                a.shl(eax, 3);
                a.rcl(edx, 1);
                a.add(__dword_ptr[esi], eax);
                a.lea(esi, __[esi + 4]);
                a.shr(edx, 1);
            })
        },
        {
            "neighbours", a => Counted(a, () =>
            {
                a.mov(eax, __dword_ptr[esi]);
                a.add(eax, __dword_ptr[esi + 4]);
                a.mov(__dword_ptr[edi], eax);
                a.add(esi, 4);
                a.add(edi, 4);
            })
        },
        {
            "search", a =>
            {
                Label again = a.CreateLabel(), found = a.CreateLabel();
                a.Label(ref again);
                a.cmp(__byte_ptr[esi], 77);
                a.je(found);
                a.inc(esi);
                a.jmp(again);
                a.Label(ref found);
                a.inc(eax);
                a.inc(esi);
                a.jmp(again);
            }
        },
        {
            "LOOP", a =>
            {
                var again = a.CreateLabel();
                a.Label(ref again);
                a.sub(eax, __dword_ptr[esi]);
                a.lea(esi, __[esi + 4]);
                a.loop(again);
            }
        },
        {
            "two branches to the head", a =>
            {
                var again = a.CreateLabel();
                a.Label(ref again);
                a.inc(esi);
                a.add(al, __byte_ptr[esi]);
                a.jp(again);
                a.inc(edx);
                a.dec(ecx);
                a.jg(again);
                a.mov(__dword_ptr[edi], edx);
            }
        },
        {
            "x87", a => Counted(a, () =>
            {
                a.fadd(__dword_ptr[esi]);
                a.fst(__dword_ptr[edi]);
                a.add(esi, 4);
                a.add(edi, 4);
            })
        },
        {
            "control words", a => Counted(a, () =>
            {
                a.fnstcw(__word_ptr[edi]);
                a.xor(__byte_ptr[edi + 1], 0xc);
                a.fldcw(__word_ptr[edi]);
                a.fadd(__dword_ptr[esi]);
                a.add(esi, 4);
            })
        },
        {
            "SSE2", a => Counted(a, () =>
            {
                a.movdqu(xmm0, __xmmword_ptr[esi]);
                a.paddb(xmm1, xmm0);
                a.movdqa(__xmmword_ptr[edi], xmm1);
                a.add(esi, 16);
                a.add(edi, 16);
            })
        },
    };

    [SkippableTheory]
    [MemberData(nameof(Bodies))]
    public void A_loop_leaves_in_any_turn_what_the_interpreter_leaves(string name, Action<Assembler> body)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, Engines.TranslatorProblem);
        Dice dice = new(ComparisonBench.Seed + (ulong)name.Length);
        for (uint left = 0; left < 40; left++)
        {
            bool window = left % 2 == 1 && Engines.WindowsProblem is null;
            using var one = Make(EngineKind.Interpreter, body, window);
            using var other = Make(EngineKind.Translator, body, window);
            uint count = 1 + (uint)dice.Below(300);
            bool once = dice.Percent(50);
            uint sources = once ? End - (4 * left) : PagedMachine.Data, destinations = once ? End - 0x800 : End - (16 * left);
            foreach (var m in new[] { one, other })
            {
                m.Cpu.State->Gpr[1] = count;
                m.Cpu.State->Gpr[6] = sources;
                m.Cpu.State->Gpr[7] = destinations;
            }

            for (long done = 0; done < 4_000 && one.Traps.Count == 0;)
            {
                long slice = 1 + dice.Below(dice.Percent(50) ? 20 : 500);
                one.Run(slice);
                other.Run(slice);
                done += slice;
                Difference(one, other).ShouldBeNull($"{left} left, {count} turns, slice {slice}");
            }
        }
    }

    [SkippableFact]
    public void A_loop_ends_soon_after_it_is_asked_to()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, Engines.TranslatorProblem);
        using var m = Make(EngineKind.Translator, a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            a.inc(eax);
            a.jmp(again);
        }, false);
        m.Run(1_000);
        m.OnPoll = m.Cpu.Stop;
        m.Cpu.RequestPoll();

        m.Run(1_000_000);

        m.Cpu.Instructions.ShouldBeLessThan(10_000ul);
    }

    private static void Counted(Assembler a, Action body)
    {
        var again = a.CreateLabel();
        a.Label(ref again);
        body();
        a.dec(ecx);
        a.jne(again);
        a.mov(__dword_ptr[ebx], eax);
        a.inc(ecx);
        a.jmp(again);
    }

    private static TestMachine Make(EngineKind engine, Action<Assembler> body, bool window)
    {
        TestMachine m = new(engine: engine, settings: new TranslatorSettings(HotAfter: 1, ShortestStretch: 1, Verify: true)
        {
            Windows = window,
            WindowAfter = 0,
            InstructionsAFault = 0,
        });
        m.Load(body);
        PagedMachine.UseTables(m, PagedMachine.Directory, PagedMachine.LowTable, PagedMachine.DataTable);
        if (window)
            m.InRing3();
        for (uint page = 0; page < Pages; page++)
        {
            PagedMachine.Map(m, page, Frame + (page << GuestMemory.PageShift), PagedMachine.Open);
            for (uint at = 0; at < GuestMemory.PageSize; at++)
                m.Memory.Base[Frame + (page << GuestMemory.PageShift) + at] = (byte)((at * 37) + (at >> 3));
        }

        m.Cpu.FlushTlb();
        m.Cpu.State->Gpr[3] = PagedMachine.Data + 0x20;
        return m;
    }

    private static string? Difference(TestMachine left, TestMachine right)
    {
        CpuState* a = left.Cpu.State, b = right.Cpu.State;
        ReadOnlySpan<uint> x = new(a->Gpr, 8), y = new(b->Gpr, 8);
        if (!x.SequenceEqual(y))
            return $"registers {string.Join(' ', x.ToArray())}, translated {string.Join(' ', y.ToArray())}";
        if ((a->Eip, left.Cpu.Eflags, left.Cpu.Instructions) != (b->Eip, right.Cpu.Eflags, right.Cpu.Instructions))
            return $"EIP, EFLAGS, count {(a->Eip, left.Cpu.Eflags, left.Cpu.Instructions)}, translated "
                + $"{(b->Eip, right.Cpu.Eflags, right.Cpu.Instructions)}";
        if (!left.Traps.SequenceEqual(right.Traps))
            return "traps";
        if (!new ReadOnlySpan<byte>(&a->Fx, 512).SequenceEqual(new ReadOnlySpan<byte>(&b->Fx, 512)))
            return "x87 or SSE state";
        return left.Memory.Span(new GuestPhysical(Frame), (uint)(Pages << GuestMemory.PageShift))
            .SequenceEqual(right.Memory.Span(new GuestPhysical(Frame), (uint)(Pages << GuestMemory.PageShift))) ? null : "memory";
    }
}
