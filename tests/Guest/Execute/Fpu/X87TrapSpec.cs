// What the comparison with the host cannot show, because only a kernel sees it: when the coprocessor is switched off, and when an error
// that was noted is finally raised.
using Iced.Intel;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute.Fpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute.Fpu;

public sealed unsafe class X87TrapSpec
{
    private const uint Data = 0x20000;
    private const ushort UnmaskedZeroDivide = 0x037B;
    private const ushort UnmaskedOverflow = 0x0377;

    [Fact]
    public void An_unmasked_error_is_raised_by_the_next_waiting_instruction()
    {
        using var m = new TestMachine().Load(a =>
        {
            a.fld1();
            a.fldz();
            a.fdivp(st1, st0);
            a.fnstsw(ax);
            a.mov(ebx, 1);
            a.fld1();
        });
        X87Stack.Control(m.Cpu.State) = UnmaskedZeroDivide;
        m.Run();
        m.Traps.Single().Vector.ShouldBe(Vectors.FloatingPoint);
        m.Cpu.State->Gpr[3].ShouldBe(1u, "instructions that do not wait go on");
        ((uint)(ushort)m.Cpu.State->Gpr[0] & (X87Stack.ErrorSummary | X87Stack.Busy | X87Context.ZeroDivide))
            .ShouldBe(X87Stack.ErrorSummary | X87Stack.Busy | X87Context.ZeroDivide);
        X87Stack.Top(m.Cpu.State).ShouldBe(6u, "operands of a failed division stay where they are");
        X87Stack.Get(m.Cpu.State, 1).ShouldBe(Float80.One);
    }

    [Fact]
    public void Wait_raises_a_pending_error_and_clearing_it_prevents_that()
    {
        using var m = new TestMachine().Load(a =>
        {
            a.fld1();
            a.fldz();
            a.fdivp(st1, st0);
            a.fnclex();
            a.wait();
            a.mov(ebx, 1);
            a.fdivrp(st1, st0);
            a.fldz();
            a.fld1();
            a.fdivrp(st1, st0);
            a.wait();
        });
        X87Stack.Control(m.Cpu.State) = UnmaskedZeroDivide;
        m.Run();
        m.Traps.Single().Vector.ShouldBe(Vectors.FloatingPoint);
        m.Cpu.State->Gpr[3].ShouldBe(1u);
    }

    [Fact]
    public void An_unmasked_overflow_leaves_the_scaled_result_in_the_register()
    {
        using var m = new TestMachine().Load(a => a.fmul(st0, st0));
        X87Stack.Control(m.Cpu.State) = UnmaskedOverflow;
        X87Stack.Push(m.Cpu.State, new Float80(1UL << 63, 0, 0x7000));
        m.Run();
        X87Stack.Get(m.Cpu.State, 0).ShouldBe(new Float80(1UL << 63, 0, 0x7000 + 0x7000 - 0x3FFF - 24576));
    }

    [Fact]
    public void The_operand_of_an_unmasked_error_is_remembered()
    {
        using var m = new TestMachine().Load(a =>
        {
            a.fld1();
            a.fdiv(__dword_ptr[Data]);
            a.fnstenv(__dword_ptr[Data + 16]);
        });
        X87Stack.Control(m.Cpu.State) = UnmaskedZeroDivide;
        m.Run();
        Word(m, Data + 16 + 12).ShouldBe(TestMachine.CodeAt + 2);
        Word(m, Data + 16 + 16).ShouldBe(0x0035u << 16, "D8 /6 with an absolute address");
        Word(m, Data + 16 + 20).ShouldBe(Data);
    }

    [Theory]
    [InlineData(ControlRegisters.Cr0TaskSwitched)]
    [InlineData(ControlRegisters.Cr0Emulation)]
    public void A_coprocessor_that_is_switched_off_is_missed(uint bit)
    {
        using var m = new TestMachine().Load(a => a.fld1());
        SwitchOff(m, bit);
        m.Traps.Single().Vector.ShouldBe(Vectors.DeviceNotAvailable);
    }

    [Theory]
    [InlineData(ControlRegisters.Cr0TaskSwitched, Vectors.InvalidOpcode)]
    [InlineData(ControlRegisters.Cr0TaskSwitched | ControlRegisters.Cr0MonitorCoprocessor, Vectors.DeviceNotAvailable)]
    public void Wait_misses_the_coprocessor_only_if_it_is_monitored(uint bits, byte vector)
    {
        using var m = new TestMachine().Load(a => a.wait());
        SwitchOff(m, bits);
        m.Traps.Single().Vector.ShouldBe(vector, "the program ends with UD2");
    }

    [Fact]
    public void What_fxsave_wrote_fxrstor_brings_back()
    {
        using var m = new TestMachine().Load(a =>
        {
            a.fldpi();
            a.fld1();
            a.movd(xmm3, eax);
            a.fxsave(__[Data]);
            a.fninit();
            a.fldz();
            a.pxor(xmm3, xmm3);
            a.fxrstor(__[Data]);
        });
        m.Cpu.State->Gpr[0] = 0x1234_5678;
        m.Run();
        X87Stack.Top(m.Cpu.State).ShouldBe(6u);
        X87Stack.Get(m.Cpu.State, 0).ShouldBe(Float80.One);
        X87Stack.Get(m.Cpu.State, 1).ShouldBe(X87Constants.Pi(X87Context.Nearest));
        Word(m, Data + 160 + 48).ShouldBe(0x1234_5678u);
        Word(m, Data + 28).ShouldBe(0xFFFFu, "MXCSR_MASK");
        (*(uint*)((byte*)&m.Cpu.State->Fx + 160 + 48)).ShouldBe(0x1234_5678u);
    }

    private static uint Word(TestMachine m, uint address)
    {
        m.Memory.TryRead(new GuestPhysical(address), out uint value).ShouldBeTrue();
        return value;
    }

    private static void SwitchOff(TestMachine m, uint bits)
    {
        m.Cpu.State->Cr0 |= bits;
        m.Cpu.RefreshMode();
        m.Run();
    }
}
