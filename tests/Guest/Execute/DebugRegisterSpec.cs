// Debug registers as a kernel finds them: which bits it can set, and what their eight numbers stand for.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute;

public sealed unsafe class DebugRegisterSpec
{
    public static TheoryData<EngineKind> Kinds => ControlRegisterSpec.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public void Status_and_control_keep_the_bits_that_they_have_and_show_the_fixed_ones(EngineKind kind)
    {
        using var m = Run(kind, 0, a =>
        {
            a.mov(dr6, eax);
            a.mov(dr7, eax);
            a.mov(ebx, dr6);
            a.mov(ecx, dr7);
            a.mov(eax, 0xffff_ffff);
            a.mov(dr6, eax);
            a.mov(dr7, eax);
            a.mov(esi, dr6);
            a.mov(edi, dr7);
        });

        m.Cpu.State->Gpr[3].ShouldBe(0xffff_0ff0u, "DR6 of zeros");
        m.Cpu.State->Gpr[1].ShouldBe(0x400u, "DR7 of zeros");
        m.Cpu.State->Gpr[6].ShouldBe(0xffff_efffu, "DR6 of ones");
        m.Cpu.State->Gpr[7].ShouldBe(0xffff_27ffu, "DR7 of ones");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Without_debugging_extensions_four_and_five_are_other_names_of_six_and_seven(EngineKind kind)
    {
        using var m = Run(kind, 0x8001, a =>
        {
            a.db(0x0f, 0x23, 0xe0); // mov dr4, eax
            a.db(0x0f, 0x21, 0xf3); // mov ebx, dr6
            a.db(0x0f, 0x21, 0xe1); // mov ecx, dr4
            a.db(0x0f, 0x23, 0xf8); // mov dr7, eax
            a.db(0x0f, 0x21, 0xee); // mov esi, dr5
        });

        m.Cpu.State->Gpr[3].ShouldBe(0xffff_8ff1u);
        m.Cpu.State->Gpr[1].ShouldBe(0xffff_8ff1u);
        m.Cpu.State->Gpr[6].ShouldBe(0x401u);
        (CpuIdentity.Features & 4).ShouldBe(0u, "CPUID.DE");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Addresses_are_kept_as_they_are(EngineKind kind)
    {
        using var m = Run(kind, 0x1234_5678, a =>
        {
            a.mov(dr0, eax);
            a.mov(dr3, eax);
            a.mov(ebx, dr0);
            a.mov(ecx, dr3);
        });

        m.Cpu.State->Gpr[3].ShouldBe(0x1234_5678u);
        m.Cpu.State->Gpr[1].ShouldBe(0x1234_5678u);
    }

    private static BusMachine Run(EngineKind kind, uint eaxBefore, Action<Assembler> program)
    {
        BusMachine machine = new(kind);
        machine.Load(program);
        machine.Cpu.State->Gpr[0] = eaxBefore;
        machine.Run();
        machine.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode); // the end of the program
        return machine;
    }
}
