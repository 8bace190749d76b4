// The wall between what a processor is and what goes with it while it is executed: CpuState is a snapshot, so it must not show where a
// slice ended, what executed it, or where anything lies in this process.
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class CpuStateSpec
{
    private const uint Data = 0x2_0000;
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static TheoryData<long, uint?> Ways => new()
    {
        { 1, null }, { 7, null }, { 1_000, null }, { 1_000_000, 0u }, { 333, 0u }, { 5_000, 3u },
    };

    [Fact]
    public void A_processors_state_has_no_pointers()
    {
        PointersIn(typeof(CpuState), nameof(CpuState)).ShouldBeEmpty();
        PointersIn(typeof(EngineState), nameof(EngineState)).ShouldContain("EngineState.Tlb");
    }

    [Fact]
    public void What_handlers_ask_for_is_in_reach_of_a_displacement_of_one_byte()
    {
        ((int)Marshal.OffsetOf<EngineState>(nameof(EngineState.Cpu))).ShouldBe(EngineState.Front);
        EngineState.Front.ShouldBeLessThanOrEqualTo(128);
        (Marshal.OffsetOf<CpuState>(nameof(CpuState.Ss)) + sizeof(SegmentCache)).ShouldBeLessThanOrEqualTo(128);
        using TestMachine m = new();
        ((nint)(&m.Cpu.State->Fx) % 16).ShouldBe(0, "emitted code may use aligned moves");
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public void The_same_instructions_leave_the_same_bytes_however_they_are_executed(long slice, uint? translatedAfter)
    {
        bool isThere = Engines.TranslatorProblem is null;
        Skip.IfNot(translatedAfter is null || isThere, $"this host has no translator: {Engines.TranslatorProblem}");
        byte[] reference = StateAfter(100_000_000, EngineKind.Interpreter, new TranslatorSettings());
        byte[] other = translatedAfter is { } hot
            ? StateAfter(slice, EngineKind.Translator, new TranslatorSettings(HotAfter: hot, ShortestStretch: 1))
            : StateAfter(slice, EngineKind.Interpreter, new TranslatorSettings());
        other.ShouldBe(reference);
    }

    /// <summary>Arithmetic that leaves flags in every form, strings, x87, SSE, an interrupt shadow, and a fault at the end.</summary>
    private static byte[] StateAfter(long slice, EngineKind engine, TranslatorSettings settings)
    {
        using TestMachine m = new(engine: engine, settings: settings);
        m.Load(a =>
        {
            var loop = a.CreateLabel();
            a.mov(ecx, 300);
            a.fld1();
            a.Label(ref loop);
            a.push(ecx);
            a.mov(esi, Data);
            a.mov(edi, Data + 0x1000);
            a.mov(ecx, 40);
            a.rep.movsd();
            a.pop(ecx);
            a.imul(eax, ecx, 12345);
            a.add(edx, eax);
            a.adc(__dword_ptr[Data], edx);
            a.ror(ebx, 3);
            a.sbb(bl, al);
            a.fadd(__dword_ptr[Data + 0x100]);
            a.movd(xmm3, edx);
            a.paddd(xmm1, xmm3);
            a.sti();
            a.cli();
            a.sub(ebx, edx);
            a.dec(ecx);
            a.jnz(loop);
            a.cmp(dl, bh);
        });
        while (m.Traps.Count == 0)
            m.Run(slice);
        m.Traps[0].Vector.ShouldBe(Vectors.InvalidOpcode);
        return new ReadOnlySpan<byte>(m.Cpu.State, sizeof(CpuState)).ToArray();
    }

    private static IEnumerable<string> PointersIn(Type type, string path)
    {
        foreach (var field in type.GetFields(Fields))
        {
            var at = field.FieldType;
            string name = $"{path}.{field.Name}";
            if (at.IsPointer || at.IsFunctionPointer || at == typeof(nint) || at == typeof(nuint) || !at.IsValueType)
                yield return name;
            else if (!at.IsPrimitive && !at.IsEnum)
            {
                foreach (string inner in PointersIn(at, name))
                    yield return inner;
            }
        }
    }
}
