// The sheet's checklist 13.1, lines 13, 16 and 20, and its section 5: gates, direct traps, software interrupts, the task-switched flag,
// VMCALL.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Traps;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Traps;

public sealed unsafe class GateSpec
{
    private const ushort Switcher = 0x50;
    private const ushort Kernel = 0x61;

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(0x1f)]
    public void Vectors_of_the_host_are_ignored(int vector)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Gate(vector, type: 5);
        guest.Slot.End.ShouldBeNull();
        guest.Slot.Idt[vector].Present.ShouldBeFalse();
    }

    [Fact]
    public void A_gate_that_is_not_present_erases()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Gate(3, type: 0xf, dpl: 3);
        guest.Slot.Idt[3].ShouldBe(new GuestGate(TestGuest.HandlerAt, 0xf, 3, true));
        guest.Slot.Idt.LoadEntry(3, 0xffff_ffff, 0xffff_7fff);
        guest.Slot.Idt[3].ShouldBe(default);
        Selector(guest, 3).ShouldBe(Switcher);
    }

    [Theory]
    [InlineData(0xdead_5a5bu, 0xa5a5_ef1fu, 0xa5a5_5a5bu, 3, 0xa5a5_ef00_0061_5a5bul)]
    [InlineData(0xbeef_a5a4u, 0x5a5a_8f01u, 0x5a5a_a5a4u, 0, 0x5a5a_8f00_0061_a5a4ul)]
    public void A_direct_gate_is_the_guests_own_with_its_kernels_code_segment(uint low, uint high, uint offset, int dpl, ulong real)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Idt.LoadEntry(3, low, high);
        guest.Slot.Idt[3].ShouldBe(new GuestGate(offset, 0xf, (byte)dpl, true));
        guest.Slot.Idt.Real(3).ShouldBe(real);
    }

    [Theory]
    [InlineData(0xe, 0xee00ul)]
    [InlineData(0, 0x8e00ul)]
    public void Any_other_is_an_interrupt_gate_to_the_switcher(int type, ulong attributes)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        if (type != 0)
            guest.Gate(3, type: type, dpl: 3);
        guest.Slot.Idt.Real(3).ShouldBe((attributes << 32) | 0x0050_0000);
    }

    [Theory]
    [InlineData(0, 0xf, true)]
    [InlineData(0, 0xe, false)]
    [InlineData(3, 0xf, true)]
    [InlineData(0x80, 0xf, true)]
    [InlineData(0x80, 0xe, false)]
    [InlineData(7, 0xf, false)]
    [InlineData(13, 0xf, false)]
    [InlineData(14, 0xf, false)]
    [InlineData(0x20, 0xf, false)]
    [InlineData(0xff, 0xf, false)]
    public void Trap_gates_of_vectors_without_interest_to_the_host_are_real(int vector, int type, bool direct)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Gate(vector, type: type, dpl: 3);
        Selector(guest, vector).ShouldBe(direct ? Kernel : Switcher);
        if (!direct)
            Dpl(guest, vector).ShouldBe(vector is 0 or 0x80 ? 3 : 0, "only vectors that may be direct take the Guest's DPL");
    }

    [Theory]
    [InlineData(AbiFamily.Linux2624, true)]
    [InlineData(AbiFamily.Linux2630, false)]
    [InlineData(AbiFamily.Linux2631, false)]
    [InlineData(AbiFamily.Linux3, true)]
    public void Invalid_opcodes_are_direct_outside_of_the_vmcall_era(AbiFamily family, bool direct)
    {
        using var guest = TestGuest.Of(family);
        guest.Gate(6, type: 0xf);
        Selector(guest, 6).ShouldBe(Switcher, "nobody knows yet which kernel it is");
        guest.Boot(_ => { }).RunToDone();
        Selector(guest, 6).ShouldBe(direct ? Kernel : Switcher);
    }

    [Fact]
    public void The_hypercall_gate_has_dpl_1()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Dpl(guest, 0x1f).ShouldBe(1);
    }

    [Fact]
    public void A_hypercall_from_ring_3_is_a_protection_fault_with_error_0xfa()
    {
        using var guest = FromUser(a => a.@int(0x1f));
        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(0xfau);
        guest.Result(1).ShouldBe(TestGuest.UserAt, "EIP at the instruction");
    }

    [Theory]
    [InlineData(0xf)]
    [InlineData(0xe)]
    public void A_system_call_reaches_the_kernel_through_either_kind_of_gate(int type)
    {
        using var guest = FromUser(a => a.@int(0x80));
        guest.Gate(0x80, type: type, dpl: 3).RunToDone();
        guest.Result(0).ShouldBe(TestGuest.UserAt + 2, "EIP after the instruction");
        guest.Result(1).ShouldBe(0x73u);
        guest.Field(0).ShouldBe(type == 0xf ? 0x200u : 0u, "irq_enabled");
        guest.Slot.Statistics().Traps.ShouldBe(type == 0xf ? 0 : 1, "the Host hears only of the interrupt gate");
    }

    [Fact]
    public void A_system_call_without_dpl_3_is_a_protection_fault()
    {
        using var guest = FromUser(a => a.@int(0x80));
        guest.Gate(0x80, type: 0xf, dpl: 0).Gate(13).RunToDone();
        guest.Result(0).ShouldBe((0x80u * 8) + 2);
    }

    [Fact]
    public void Interrupt_vectors_are_protection_faults_for_software()
    {
        using var guest = FromUser(a => a.@int(0x21));
        guest.Gate(0x21, type: 0xe, dpl: 3).Gate(13).RunToDone();
        guest.Result(0).ShouldBe((0x21u * 8) + 2);
    }

    [Theory]
    [InlineData(0xe)]
    [InlineData(0xf)]
    public void Int3_reaches_the_kernel_from_ring_3(int type)
    {
        using var guest = FromUser(a => a.int3());
        guest.Gate(3, type: type, dpl: 3).RunToDone();
        guest.Result(0).ShouldBe(TestGuest.UserAt + 1);
    }

    [Fact]
    public void A_fault_reflected_through_an_interrupt_gate_pushes_its_error_code_and_turns_interrupts_off()
    {
        using var guest = FromUser(a => a.hlt());
        guest.Gate(13).RunToDone();
        guest.Result(0).ShouldBe(0u, "error code");
        guest.Result(1).ShouldBe(TestGuest.UserAt);
        guest.Result(2).ShouldBe(0x73u);
        (guest.Result(3) & 0x200).ShouldBe(0x200u);
        guest.Result(4).ShouldBe(TestGuest.UserStackTop);
        guest.Result(5).ShouldBe(0x7bu);
        guest.Field(0).ShouldBe(0u);
    }

    [Fact]
    public void A_reflected_trap_in_a_kernel_with_interrupts_off_pushes_flags_without_if()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Keep(guest).Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt], 0x47); // a flags image without that flag
            a.ud2();
        }).Gate(6, type: 0xe).RunToDone();
        (guest.Result(2) & 0x200).ShouldBe(0u);
        guest.Result(1).ShouldBe(0x61u);
    }

    [Fact]
    public void Device_not_available_comes_only_while_the_flag_was_set_by_the_ts_call()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            guest.Call(a, Hypercall.TaskSwitched, 0);
            a.iretd();
        });
        guest.Boot(a =>
        {
            a.fninit();
            a.inc(__dword_ptr[TestGuest.ResultAt + 4]);
            guest.Call(a, Hypercall.TaskSwitched, 8);
            a.fninit();
            a.fninit();
        }).Gate(7).RunToDone();
        guest.Result(1).ShouldBe(1u);
        guest.Result(0).ShouldBe(1u);
    }

    [Fact]
    public void The_ts_call_changes_that_flag_and_nothing_else_of_cr0()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.TaskSwitched, 1);
            guest.Call(a, Hypercall.Notify, 0x1000);
            guest.Call(a, Hypercall.TaskSwitched, 0);
        });
        uint before = guest.Cpu->Cr0;
        guest.Run();
        guest.Cpu->Cr0.ShouldBe(before | ControlRegisters.Cr0TaskSwitched);
        guest.RunToDone();
        guest.Cpu->Cr0.ShouldBe(before);
    }

    [Theory]
    [InlineData(AbiFamily.Linux2630)]
    [InlineData(AbiFamily.Linux2631)]
    public void Vmcall_is_overwritten_with_the_hypercall_interrupt_and_executed_again(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        uint site = 0;
        guest.Raw(a =>
        {
            a.mov(esp, TestGuest.StackTop);
            a.mov(eax, (uint)Hypercall.LguestInit);
            a.mov(ebx, TestGuest.DataAt);
            a.db(0x0f, 0x01, 0xc1);
            site = TestGuest.CodeAt + 15;
            guest.Done(a);
        });
        guest.RunToDone();
        (guest.Word(site) & 0xffffff).ShouldBe(0x901fcdu);
    }

    [Theory]
    [InlineData(AbiFamily.Linux2624)]
    [InlineData(AbiFamily.Linux3)]
    public void Vmcall_in_other_times_is_an_invalid_opcode(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        Keep(guest).Boot(a => a.db(0x0f, 0x01, 0xc1)).Gate(6).RunToDone();
        guest.Result(1).ShouldBe(0x61u);
    }

    [Fact]
    public void Vmcall_of_ring_3_is_an_invalid_opcode()
    {
        using var guest = FromUser(a => a.db(0x0f, 0x01, 0xc1), AbiFamily.Linux2631);
        guest.Gate(6).RunToDone();
        guest.Result(0).ShouldBe(TestGuest.UserAt);
    }

    [Fact]
    public void A_trap_kills_whose_stack_or_code_segment_could_not_be_loaded()
    {
        GuestGate gate = new(TestGuest.HandlerAt, 0xe, 0, true);
        using var stack = TestGuest.Of(AbiFamily.Linux3).UserSegments().Boot(_ => { }).RunToDone();
        stack.Slot.Stack.Set(0x79, TestGuest.TrapStackTop, 0); // of ring 3
        stack.Cpu->Ss.Selector = 0x7b;
        stack.Cpu->Eip = TestGuest.UserAt;
        stack.Slot.Frames.Enter(gate, null);
        stack.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.UnhandledTrap, $"unhandled trap 256 at 0x{TestGuest.UserAt:x} (0x0)"));

        using var code = TestGuest.Of(AbiFamily.Linux3).Boot(_ => { }).RunToDone();
        code.Slot.Gdt.LoadEntry(20, 0xffff, 0x00cfba00);
        code.Cpu->Cs.Selector = 0xa1; // of another kernel segment, so that it lives without its first one
        code.Slot.Gdt.LoadEntry(12, 0, 0);
        code.Slot.End.ShouldBeNull();
        code.Cpu->Eip = TestGuest.CodeAt;
        code.Slot.Frames.Enter(gate, null);
        code.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.UnhandledTrap, $"unhandled trap 256 at 0x{TestGuest.CodeAt:x} (0x0)"));
    }

    [Fact]
    public void A_handler_starts_with_single_step_off()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Keep(guest).Boot(a =>
        {
            a.push(0x302);
            a.popfd();
            a.nop();
            a.nop();
        }).Gate(1).RunToDone();
        (guest.Result(2) & 0x100).ShouldBe(0x100u, "pushed");
        (guest.Slot.Processor.Eflags & 0x100).ShouldBe(0u, "running");
    }

    [Fact]
    public void Pushf_shows_interrupts_on_and_popf_cannot_turn_them_off_or_raise_iopl()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.push(0x3402);
            a.popfd();
            a.pushfd();
            a.pop(__dword_ptr[TestGuest.ResultAt]);
            a.cld();
        }).RunToDone();
        guest.Result().ShouldBe(0x602u);
    }

    private static TestGuest FromUser(Action<Assembler> program, AbiFamily family = AbiFamily.Linux3)
    {
        var guest = TestGuest.Of(family).UserSegments();
        guest.Assemble(TestGuest.UserAt, program);
        return Keep(guest).Boot(a =>
        {
            guest.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            TestGuest.EnterUser(a);
        });
    }

    /// <summary>A handler that keeps six words of its frame and ends the program.</summary>
    private static TestGuest Keep(TestGuest guest) => guest.Assemble(TestGuest.HandlerAt, a =>
    {
        for (int i = 0; i < 6; i++)
        {
            a.mov(eax, __dword_ptr[esp + (i * 4)]);
            a.mov(__dword_ptr[TestGuest.ResultAt + (uint)(i * 4)], eax);
        }

        guest.Done(a);
    });

    private static ushort Selector(TestGuest guest, int vector) => (ushort)(guest.Slot.Idt.Real(vector) >> 16);

    private static int Dpl(TestGuest guest, int vector) => (int)(guest.Slot.Idt.Real(vector) >> 45) & 3;
}
