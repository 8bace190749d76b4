// The translator is held to the interpreter: the same programs, the same slices, and after each slice the same state, down to flags that
// the manual leaves open. LGUEST_LOCKSTEP_PROGRAMS=100000 asks for more programs, LGUEST_NATIVE_SEED=7 for other ones,
// LGUEST_LOCKSTEP_VERIFY=on for the verifier to see each block.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Comparison;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using Xunit.Abstractions;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class LockstepSpec(ITestOutputHelper output)
{
    private const int MemoryBytes = 1 << 20;
    private const int CodeBytes = 0x4000;
    private const int DataBytes = 0x1000;
    private const uint StackTop = 0x8_0800;
    private const int Instructions = 1500;
    private static readonly bool _verify = Environment.GetEnvironmentVariable("LGUEST_LOCKSTEP_VERIFY") == "on";
    private static readonly int _programs = int.Parse(Environment.GetEnvironmentVariable("LGUEST_LOCKSTEP_PROGRAMS") ?? "1000");

    [SkippableTheory]
    [InlineData(0, 1, "checks")]
    [InlineData(2, 1, "checks")]
    [InlineData(3, 4, "checks")]
    [InlineData(0, 1, "window")]
    [InlineData(2, 4, "window")]
    [InlineData(0, 1, "kernel's window")]
    [InlineData(2, 4, "kernel's window")]
    public void The_translator_leaves_what_the_interpreter_leaves_at_every_count(uint hotAfter, int shortestStretch, string memory)
    {
        bool window = memory == "window";
        Skip.If(memory != "checks" && Engines.WindowsProblem is not null, $"this host has no windows: {Engines.WindowsProblem}");
        var settings = new TranslatorSettings(hotAfter, shortestStretch, Verify: _verify)
        {
            Windows = memory != "checks",
            WindowAfter = 0,
            InstructionsAFault = 0,
        };
        using var left = new TestMachine(engine: EngineKind.Interpreter);
        using var right = new TestMachine(engine: EngineKind.Auto, settings: settings);
        Skip.IfNot(right.Cpu.Engine is TranslatorEngine, "this host has no translator");
        if (window)
        {
            left.InRing3();
            right.InRing3();
        }

        var dice = new Dice(ComparisonBench.Seed + hotAfter);
        var generator = new ProgramGenerator(dice);
        output.WriteLine($"seed {ComparisonBench.Seed}");
        long cases = 0;
        for (int i = 0; i < _programs; i++)
        {
            byte[] program = generator.Make(out uint[] starts);
            byte[] data = new byte[DataBytes];
            dice.Fill(data);
            uint flags = dice.Word() & StatusFlags.All;
            uint[] registers = [.. Enumerable.Range(0, 8).Select(_ => (uint)EdgeValues.Integer(dice, 4))];
            foreach (var machine in new[] { left, right })
                Prepare(machine, program, data, flags, registers);
            RollUnits(dice, left, right);
            long done = 0;
            var history = new StringBuilder();
            while (done < Instructions)
            {
                if (left.Traps.Count != 0 && dice.Percent(50))
                    RollUnits(dice, left, right);
                if (left.Traps.Count != 0)
                    GoOn(left, right, TestMachine.CodeAt + (dice.Percent(50) ? 0 : starts[dice.Below(starts.Length)]));
                long slice = dice.Percent(50) ? 1 + dice.Below(12) : 1 + dice.Below(400);
                uint from = left.Cpu.State->Eip;
                left.Run(slice);
                right.Run(slice);
                done += slice;
                cases++;
                history.AppendLine($"  slice {slice} from {from:x} to {left.Cpu.State->Eip:x}");
                if ((StateDifference(left, right) ?? NearDifference(left, right)) is { } difference)
                    Assert.Fail($"program {i} (seed {ComparisonBench.Seed}): {difference}\n{Listing(program)}\n{history}");
            }

            if (MemoryDifference(left, right, 0, MemoryBytes) is { } stray)
                Assert.Fail($"program {i} (seed {ComparisonBench.Seed}), at its end: {stray}\n{Listing(program)}\n{history}");
        }

        ulong translated = ((TranslatorEngine)right.Cpu.Engine).Translated;
        output.WriteLine($"{_programs} programs, {cases} slices compared, {left.Cpu.Instructions} instructions, "
            + $"{translated} blocks translated");

        // Some end before a block of theirs is hot. What has translated little has compared the interpreter with itself.
        translated.ShouldBeGreaterThan((ulong)_programs / 2);
        (right.Cpu.Windows?.Mapped > 0).ShouldBe(window);
        (right.Cpu.Kernel?.Mapped > 0).ShouldBe(memory == "kernel's window");
    }

    [SkippableFact]
    public void A_block_that_runs_on_into_another_page_counts_once_after_a_flush_of_the_TLB()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        ulong Count(EngineKind engine)
        {
            using TestMachine m = new(engine: engine, settings: new TranslatorSettings(HotAfter: 2, ShortestStretch: 1));
            m.Load(a =>
            {
                var loop = a.CreateLabel();
                a.Label(ref loop);
                for (int i = 0; i < GuestMemory.PageSize; i++)
                    a.nop();
                a.jmp(loop);
            });
            for (int i = 0; i < 5; i++)
                m.Run(20_000).Cpu.FlushTlb();
            return m.Cpu.Instructions;
        }

        Count(EngineKind.Translator).ShouldBe(Count(EngineKind.Interpreter));
    }

    private static void Prepare(TestMachine machine, byte[] program, byte[] data, uint flags, uint[] registers)
    {
        machine.Traps.Clear();
        var c = machine.Cpu.State;
        machine.Memory.TryWrite(new GuestPhysical(TestMachine.CodeAt), program).ShouldBeTrue();
        machine.Memory.TryWrite(new GuestPhysical(ProgramGenerator.DataAt - (DataBytes / 2)), data).ShouldBeTrue();
        machine.Memory.TryWrite(new GuestPhysical(StackTop - (DataBytes / 2)), data).ShouldBeTrue();
        for (int i = 0; i < 8; i++)
            c->Gpr[i] = registers[i];
        c->Gpr[3] = ProgramGenerator.DataAt;
        c->Gpr[4] = StackTop;
        c->Eip = TestMachine.CodeAt;
        machine.Cpu.Eflags = flags;
    }

    /// <summary>Registers, control words and flags of all kinds, exceptions unmasked at times; now and then the unit is taken
    /// away.</summary>
    private static void RollUnits(Dice dice, TestMachine left, TestMachine right)
    {
        byte[] image = new byte[512];
        FpuStates.Roll(dice, image);
        bool away = dice.Percent(5);
        foreach (var machine in new[] { left, right })
        {
            var c = machine.Cpu.State;
            image.CopyTo(new Span<byte>(&c->Fx, 512));
            c->Cr0 = (c->Cr0 & ~ControlRegisters.Cr0TaskSwitched) | (away ? ControlRegisters.Cr0TaskSwitched : 0);
            machine.Cpu.RefreshMode();
        }
    }

    /// <summary>After a trap, somewhere else in the program, with the pointers put right.</summary>
    private static void GoOn(TestMachine left, TestMachine right, uint eip)
    {
        foreach (var machine in new[] { left, right })
        {
            var c = machine.Cpu.State;
            machine.Traps.Clear();
            c->Gpr[3] = ProgramGenerator.DataAt;
            c->Gpr[4] = StackTop;
            c->Eip = eip;
        }
    }

    /// <summary>The first difference between two machines, their memory of 1 MB included; null if there is none.</summary>
    internal static string? Difference(TestMachine left, TestMachine right) =>
        StateDifference(left, right) ?? MemoryDifference(left, right, 0, MemoryBytes);

    /// <summary>Comparing all memory after each slice would take most of the time; the rest is compared at a program's end.</summary>
    private static string? NearDifference(TestMachine left, TestMachine right) =>
        MemoryDifference(left, right, TestMachine.CodeAt, CodeBytes)
        ?? MemoryDifference(left, right, ProgramGenerator.DataAt - (DataBytes / 2), DataBytes)
        ?? MemoryDifference(left, right, StackTop - (DataBytes / 2), DataBytes);

    private static string? StateDifference(TestMachine left, TestMachine right)
    {
        CpuState* a = left.Cpu.State, b = right.Cpu.State;
        for (int i = 0; i < 8; i++)
        {
            if (a->Gpr[i] != b->Gpr[i])
                return $"register {i}: {a->Gpr[i]:x8}, translated {b->Gpr[i]:x8}";
        }

        if (a->Eip != b->Eip)
            return $"eip {a->Eip:x8}, translated {b->Eip:x8}";
        if (left.Cpu.Eflags != right.Cpu.Eflags)
            return $"eflags {left.Cpu.Eflags:x8}, translated {right.Cpu.Eflags:x8}";
        if (left.Cpu.Instructions != right.Cpu.Instructions)
            return $"{left.Cpu.Instructions} instructions, translated {right.Cpu.Instructions}";
        if (!new ReadOnlySpan<byte>(&a->Fx, 512).SequenceEqual(new ReadOnlySpan<byte>(&b->Fx, 512)))
            return UnitsDifference(a, b);
        var state = new ReadOnlySpan<byte>(a, sizeof(CpuState));
        var translated = new ReadOnlySpan<byte>(b, sizeof(CpuState));
        if (!state.SequenceEqual(translated))
            return $"CpuState from byte {state.CommonPrefixLength(translated)} on";
        if (!left.Traps.SequenceEqual(right.Traps))
            return $"traps {string.Join(' ', left.Traps)}, translated {string.Join(' ', right.Traps)}";
        return null;
    }

    private static string? MemoryDifference(TestMachine left, TestMachine right, uint from, int bytes)
    {
        var x = new ReadOnlySpan<byte>(left.Memory.Base + from, bytes);
        var y = new ReadOnlySpan<byte>(right.Memory.Base + from, bytes);
        if (x.SequenceEqual(y)) // several times as fast as to look for the first difference, of which there is none
            return null;
        int same = x.CommonPrefixLength(y);
        return $"memory at {from + same:x}: {x[same]:x2}, translated {y[same]:x2}";
    }

    private static string UnitsDifference(CpuState* a, CpuState* b)
    {
        ReadOnlySpan<byte> x = new(&a->Fx, 512), y = new(&b->Fx, 512);
        var text = new StringBuilder("x87 or SSE state");
        for (int at = 0; at < 512; at += 16)
        {
            if (!x.Slice(at, 16).SequenceEqual(y.Slice(at, 16)))
                text.Append($"\n  +{at:x}: {Convert.ToHexString(x.Slice(at, 16))}, translated {Convert.ToHexString(y.Slice(at, 16))}");
        }

        return text.ToString();
    }

    private static string Listing(byte[] program)
    {
        var text = new StringBuilder();
        var decoder = Iced.Intel.Decoder.Create(32, program);
        decoder.IP = TestMachine.CodeAt;
        while (decoder.IP < TestMachine.CodeAt + (ulong)program.Length)
        {
            ulong at = decoder.IP;
            text.AppendLine($"    {at:x} {decoder.Decode()}");
        }

        return text.ToString();
    }
}
