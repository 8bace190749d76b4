// SIMD as a kernel sees it: who may use it, what an unmasked exception does, and that the fast way of computing is never a different way.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FsCheck;
using FsCheck.Fluent;
using Iced.Intel;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute.Simd;
using Lguest.Guest.Tests.Arithmetic;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute.Simd;

public sealed unsafe class SimdTrapSpec
{
    private const uint Data = 0x20000;
    private const uint InexactSeen = 0x1FA0;

    [Fact]
    public void Sse_needs_a_system_that_saves_its_registers()
    {
        using var m = new TestMachine().Load(a => a.addps(xmm0, xmm1));
        m.Cpu.State->Cr4 &= ~ControlRegisters.Cr4OsFxsr;
        m.Run();
        m.Traps.Single().ShouldBe((Vectors.InvalidOpcode, 0u, TrapCause.Fault, 0u));
        m.Cpu.State->Eip.ShouldBe(TestMachine.CodeAt);
    }

    [Theory]
    [InlineData(ControlRegisters.Cr0TaskSwitched, Vectors.DeviceNotAvailable)]
    [InlineData(ControlRegisters.Cr0Emulation, Vectors.InvalidOpcode)]
    public void Simd_is_missed_when_tasks_were_switched_and_undefined_when_emulated(uint bit, byte vector)
    {
        foreach (var program in (Action<Assembler>[])[a => a.paddb(mm0, mm1), a => a.paddb(xmm0, xmm1)])
        {
            using var m = new TestMachine().Load(program);
            m.Cpu.State->Cr0 |= bit;
            m.Cpu.RefreshMode();
            m.Run();
            m.Traps.Single().Vector.ShouldBe(vector);
        }
    }

    [Theory]
    [InlineData(ControlRegisters.Cr4OsXmmExceptions, Vectors.SimdFloatingPoint)]
    [InlineData(0u, Vectors.InvalidOpcode)]
    public void An_unmasked_exception_writes_nothing_but_its_flag(uint cr4, byte vector)
    {
        using var m = new TestMachine().Load(a => a.divsd(xmm0, xmm1));
        var c = m.Cpu.State;
        c->Cr4 = (c->Cr4 & ~ControlRegisters.Cr4OsXmmExceptions) | cr4;
        SimdState.Mxcsr(c) = 0x1F80 & ~(SseContext.ZeroDivide << 7);
        SimdState.Xmm(c, 0) = Vector128.CreateScalar(1.0).AsByte();
        m.Run();
        m.Traps.Single().Vector.ShouldBe(vector);
        SimdState.Xmm(c, 0).AsDouble().ToScalar().ShouldBe(1.0);
        (SimdState.Mxcsr(c) & 0x3F).ShouldBe(SseContext.ZeroDivide);
    }

    [Fact]
    public void Aligned_operands_must_be_aligned_and_others_need_not()
    {
        using var loose = new TestMachine().Load(a => a.movups(xmm0, __[Data + 4]));
        loose.Run();
        loose.Traps.Single().Vector.ShouldBe(Vectors.InvalidOpcode, "the program's own end");
        using var strict = new TestMachine().Load(a => a.movaps(xmm0, __[Data + 4]));
        strict.Run();
        strict.Traps.Single().ShouldBe((Vectors.GeneralProtection, 0u, TrapCause.Fault, 0u));
    }

    [Fact]
    public void Reserved_bits_of_mxcsr_are_refused()
    {
        using var m = new TestMachine().Load(a =>
        {
            a.mov(__dword_ptr[Data], 0x1_1F80);
            a.ldmxcsr(__dword_ptr[Data]);
        });
        m.Run();
        m.Traps.Single().Vector.ShouldBe(Vectors.GeneralProtection);
        SimdState.Mxcsr(m.Cpu.State).ShouldBe(0x1F80u);
    }

    [Fact]
    public void The_fast_way_answers_like_the_exact_way()
    {
        var samples = new Samples(50);
        for (int i = 0; i < 100_000; i++)
        {
            var (a, b) = (samples.Double(), samples.Double());
            Same<AddLane>(a, b);
            Same<SubtractLane>(a, b);
            Same<MultiplyLane>(a, b);
            Same<DivideLane>(a, b);
            Same<SquareRootLane>(a, b);
        }
    }

    [Fact]
    public void Interleaving_without_the_instruction_is_the_same() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(ulong, ulong, ulong, ulong)>(), words =>
        {
            if (!Sse2.IsSupported)
                return true;
            var a = Vector128.Create(words.Item1, words.Item2).AsByte();
            var b = Vector128.Create(words.Item3, words.Item4).AsByte();
            return Halves.Interleave(a, b, 0) == Sse2.UnpackLow(a, b)
                && Halves.Interleave(a, b, 8) == Sse2.UnpackHigh(a, b)
                && Halves.Interleave(a.AsUInt16(), b.AsUInt16(), 4) == Sse2.UnpackHigh(a.AsUInt16(), b.AsUInt16())
                && Halves.Interleave(a.AsUInt32(), b.AsUInt32(), 0) == Sse2.UnpackLow(a.AsUInt32(), b.AsUInt32());
        }).QuickCheckThrowOnFailure();

    private static void Same<TLane>(ulong a, ulong b)
        where TLane : struct, ISseLane
    {
        // With the inexact flag set the fast path is open; the exact function is told the same and must agree in value and flags.
        var (vectorA, vectorB) = (Vector128.Create(a, b).AsByte(), Vector128.Create(b, a).AsByte());
        var context = new SseContext(InexactSeen);
        ulong scalar = Scalar64<TLane>.Apply(null, vectorA, vectorB, ref context).AsUInt64().ToScalar();
        var exactContext = new SseContext(InexactSeen);
        scalar.ShouldBe(TLane.Apply<Binary64>(null, a, b, ref exactContext), $"{typeof(TLane).Name} {a:X16} {b:X16}");
        context.After.ShouldBe(exactContext.After, $"{typeof(TLane).Name} {a:X16} {b:X16}");

        context = new SseContext(InexactSeen);
        var packed = Packed32<TLane>.Apply(null, vectorA, vectorB, ref context).AsUInt32();
        exactContext = new SseContext(InexactSeen);
        for (int i = 0; i < 4; i++)
        {
            ulong exact = TLane.Apply<Binary32>(null, vectorA.AsUInt32().GetElement(i), vectorB.AsUInt32().GetElement(i), ref exactContext);
            packed.GetElement(i).ShouldBe((uint)exact);
        }

        context.After.ShouldBe(exactContext.After);
    }
}
