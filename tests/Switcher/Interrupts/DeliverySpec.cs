// The sheet's checklist 13.1, lines 6, 7, 8 and 10: when an interrupt reaches a Guest, and what it then finds on its stack.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Interrupts;

public sealed unsafe class DeliverySpec
{
    private const int Irq5 = 0x25;

    /// <summary>A slice of a hundred looks at the clock: enough for whatever may come to come.</summary>
    private static readonly RunSettings _short = new(100_000, 1_000);

    [Fact]
    public void Nothing_is_delivered_while_irq_enabled_is_zero_and_irq_pending_says_so()
    {
        using var guest = Spinning(enabled: 0);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(3, _short);
        guest.Result().ShouldBe(0u);
        guest.Field(guest.Layout.IrqPending).ShouldBe(0x200u);
    }

    [Fact]
    public void A_plain_store_to_irq_enabled_lets_a_waiting_interrupt_in()
    {
        using var guest = Spinning(enabled: 0);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(3, _short);
        guest.SetField(0, 0x200);
        guest.Run(3, _short);
        guest.Result().ShouldBe(1u);
        guest.Field(guest.Layout.IrqPending).ShouldBe(0u);
    }

    [Fact]
    public void A_blocked_line_waits_until_it_is_unblocked()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.SetField(4, 1u << 5);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(3, _short);
        guest.Result().ShouldBe(0u);
        guest.SetField(4, 0);
        guest.Run(3, _short);
        guest.Result().ShouldBe(1u);
    }

    [Fact]
    public void The_bit_0x200_decides_and_not_other_bits_of_a_flags_image()
    {
        using var guest = Spinning(enabled: 0x46);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(3, _short);
        guest.Result().ShouldBe(0u);
    }

    [Fact]
    public void The_lowest_line_comes_first()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.Gate(0x23, TestGuest.HandlerAt + 0x1000);
        guest.Assemble(TestGuest.HandlerAt + 0x1000, a =>
        {
            a.push(eax);
            a.mov(__dword_ptr[TestGuest.ResultAt + 28], esp);
            a.mov(eax, __dword_ptr[TestGuest.ResultAt]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 32], eax);
            a.pop(eax);
            Return(guest, a);
        });
        guest.Slot.RaiseInterrupt(5);
        guest.Slot.RaiseInterrupt(3);
        guest.Run(3, _short);
        guest.Result(7).ShouldNotBe(0u);
        guest.Result(8).ShouldBe(0u, "line 5 had not come yet");
        guest.Result().ShouldBe(1u);
    }

    [Fact]
    public void A_line_without_a_gate_stays_pending_and_time_is_told_nevertheless()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.SetField(guest.Layout.Time, 0);
        guest.Slot.RaiseInterrupt(9);
        guest.Run(3, _short);
        guest.Slot.Interrupts.Pending.ShouldBe(1u << 9);
        guest.Field(guest.Layout.Time).ShouldBe(1_700_000_000u);
    }

    [Fact]
    public void A_line_raised_twice_before_delivery_comes_once()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.Slot.RaiseInterrupt(5);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(3, _short);
        guest.Result().ShouldBe(1u);
    }

    [Fact]
    public void Nothing_is_delivered_between_the_store_and_the_return_of_the_kernel()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        uint range = TestGuest.CodeAt + 0x800;
        guest.SetField(guest.Layout.NoIrqStart, range).SetField(guest.Layout.NoIrqEnd, range + 0x100);
        guest.Assemble(range, a =>
        {
            var again = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            a.mov(ecx, 100_000);
            a.Label(ref again);
            a.dec(ecx);
            a.jnz(again);
            a.mov(eax, __dword_ptr[TestGuest.ResultAt]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 28], eax);
            a.jmp(range + 0x200);
        });
        guest.Assemble(range + 0x200, a =>
        {
            var again = a.CreateLabel();
            a.mov(ecx, 100_000);
            a.Label(ref again);
            a.dec(ecx);
            a.jnz(again);
            guest.Done(a);
        });
        guest.Boot(a => a.jmp(range)).Gate(Irq5);
        Counting(guest);
        guest.Slot.RaiseInterrupt(5);
        guest.RunToDone();
        guest.Result(7).ShouldBe(0u, "inside of the range");
        guest.Result(0).ShouldBe(1u, "after it");
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(0xff, false)]
    [InlineData(0x100, true)]
    public void The_range_without_interrupts_begins_at_its_start_and_is_over_at_its_end(int fromStart, bool isDelivered)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        uint range = TestGuest.CodeAt + 0x800;
        guest.SetField(guest.Layout.NoIrqStart, range).SetField(guest.Layout.NoIrqEnd, range + 0x100);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).RunToDone();
        guest.SetField(0, 0x200);
        guest.Cpu->Eip = (uint)(range + fromStart);

        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.TryDeliver();

        guest.Slot.Interrupts.Delivered.ShouldBe(isDelivered ? 1 : 0);
        guest.Slot.Interrupts.Pending.ShouldBe(isDelivered ? 0u : 1u << 5);
        guest.Cpu->Eip.ShouldBe(isDelivered ? TestGuest.HandlerAt : (uint)(range + fromStart));
    }

    [Fact]
    public void Of_two_lines_that_wait_each_is_delivered_once_and_irq_pending_says_so_until_the_second()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).Gate(0x27, TestGuest.HandlerAt + 0x1000).RunToDone();
        guest.SetField(0, 0);
        guest.Slot.Interrupts.Raise(7);
        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.TryDeliver();
        guest.Slot.Interrupts.Delivered.ShouldBe(0);
        guest.Field(guest.Layout.IrqPending).ShouldBe(0x200u);

        guest.SetField(0, 0x200);
        guest.Slot.Interrupts.TryDeliver();
        (guest.Cpu->Eip, guest.Slot.Interrupts.Pending).ShouldBe((TestGuest.HandlerAt, 1u << 7));
        guest.Field(guest.Layout.IrqPending).ShouldBe(0x200u, "line 7 still waits");
        guest.Field(guest.Layout.IrqEnabled).ShouldBe(0u, "the gate has closed");

        guest.Slot.Interrupts.TryDeliver();
        guest.Slot.Interrupts.Delivered.ShouldBe(1);
        guest.SetField(0, 0x200);
        guest.Slot.Interrupts.TryDeliver();
        (guest.Cpu->Eip, guest.Slot.Interrupts.Pending).ShouldBe((TestGuest.HandlerAt + 0x1000, 0u));
        guest.Slot.Interrupts.Delivered.ShouldBe(2);
        guest.Field(guest.Layout.IrqPending).ShouldBe(0u);
    }

    [Fact]
    public void A_blocked_line_beside_the_one_that_comes_does_not_keep_irq_pending_set()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).RunToDone();
        guest.SetField(0, 0x200).SetField(4, 1u << 3).SetField(guest.Layout.IrqPending, 0x200);
        guest.Slot.Interrupts.Raise(3);
        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.TryDeliver();

        guest.Slot.Interrupts.Pending.ShouldBe(1u << 3);
        guest.Field(guest.Layout.IrqPending).ShouldBe(0u);
    }

    [Fact]
    public void An_interrupt_gate_clears_irq_enabled_and_pushes_flags_with_the_old_one()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(2, _short);
        guest.Result().ShouldBe(1u);
        guest.Slot.Statistics().Interrupts.ShouldBe(1);
        guest.Result(1).ShouldBe(0u, "irq_enabled in the handler");
        (guest.Result(4) & 0x200).ShouldBe(0x200u, "pushed flags");
        guest.Result(3).ShouldBe(0x61u, "pushed CS");
        (guest.Result(5) & 0x200).ShouldBe(0x200u, "real flags in the handler");
    }

    [Fact]
    public void A_trap_gate_leaves_irq_enabled_alone()
    {
        using var guest = Spinning(enabled: 0x200, type: 0xf);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(2, _short);
        guest.Result(1).ShouldBe(0x200u);
    }

    [Fact]
    public void Ring_1_keeps_its_stack()
    {
        using var guest = Spinning(enabled: 0x200);
        guest.Slot.RaiseInterrupt(5);
        guest.Run(2, _short);
        guest.Result(6).ShouldBe(TestGuest.StackTop - 12, "three words on the same stack");
    }

    [Fact]
    public void Ring_3_changes_to_the_trap_stack()
    {
        using var user = TestGuest.Of(AbiFamily.Linux3).UserSegments();
        user.Assemble(TestGuest.UserAt, a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            a.jmp(again);
        });
        user.Boot(a =>
        {
            user.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            TestGuest.EnterUser(a);
        }).Gate(Irq5);
        user.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(ebp, esp);
            user.Done(a);
        });
        user.Run(2, _short);
        user.Slot.RaiseInterrupt(5);
        user.RunToDone();
        user.Cpu->Gpr[5].ShouldBe(TestGuest.TrapStackTop - 20);
        user.Word(TestGuest.TrapStackTop - 4).ShouldBe(0x7bu);
        user.Word(TestGuest.TrapStackTop - 8).ShouldBe(TestGuest.UserStackTop);
        user.Word(TestGuest.TrapStackTop - 16).ShouldBe(0x73u);
        user.Word(TestGuest.TrapStackTop - 20).ShouldBe(TestGuest.UserAt);
        user.Cpu->Cs.Selector.ShouldBe((ushort)0x61);
        user.Cpu->Ss.Selector.ShouldBe((ushort)0x69);
        user.Cpu->Cpl.ShouldBe(1u);
        user.Cpu->Ds.Selector.ShouldBe((ushort)0x7b, "data segments keep their values");
    }

    [Fact]
    public void A_halted_guest_wakes_for_an_unblocked_line_with_interrupts_on()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt], 0);
            guest.Call(a, Hypercall.Halt);
        }).Gate(Irq5);
        Counting(guest);
        guest.Run().ShouldBe(ExitReason.Halted);
        guest.Slot.WouldWake.ShouldBeFalse();
        guest.SetField(4, 1u << 5);
        guest.Slot.RaiseInterrupt(5);
        guest.Slot.WouldWake.ShouldBeFalse("it is blocked");
        guest.Run().ShouldBe(ExitReason.Halted);
        guest.SetField(4, 0);
        guest.Slot.WouldWake.ShouldBeTrue();
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
        (guest.Result(4) & 0x200).ShouldBe(0x200u, "pushed flags");
    }

    [Fact]
    public void An_interrupt_that_waits_already_keeps_a_guest_from_leaving_at_halt()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => guest.Call(a, Hypercall.Halt)).Gate(Irq5);
        Counting(guest);
        guest.Slot.RaiseInterrupt(5);
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
        guest.Slot.Statistics().SwitchesOut.ShouldBe(1);
    }

    [Theory]
    [InlineData(AbiFamily.Linux3)]
    [InlineData(AbiFamily.Linux4)]
    public void A_guest_that_waits_for_its_launcher_takes_no_interrupt_before_it_goes_on(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            guest.Done(a);
            var again = a.CreateLabel();
            a.Label(ref again);
            a.jmp(again);
        }).Gate(Irq5);
        guest.Slot.Interrupts.Raise(5);
        guest.RunToDone();
        (guest.Slot.Interrupts.Delivered, guest.Slot.Interrupts.Pending).ShouldBe((0, 1u << 5));
        guest.Field(guest.Layout.IrqEnabled).ShouldBe(0x200u, "it would be let in");

        Counting(guest);
        guest.Devices.IsReset = true;
        guest.Run(1, _short).ShouldBe(ExitReason.BudgetSpent);
        guest.Result().ShouldBe(1u);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(32)]
    public void There_are_32_lines(int irq)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Should.Throw<ArgumentOutOfRangeException>(() => guest.Slot.RaiseInterrupt(irq));
    }

    [Fact]
    public void Send_interrupts_delivers_what_waits_at_once()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            guest.Call(a, Hypercall.SendInterrupts);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            guest.Call(a, Hypercall.SendInterrupts);
            a.mov(eax, __dword_ptr[TestGuest.ResultAt]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 28], eax);
        }).Gate(Irq5);
        Counting(guest);
        guest.Slot.RaiseInterrupt(5);
        guest.RunToDone();
        guest.Result(7).ShouldBe(1u);
    }

    /// <summary>A Guest that has booted and counts in a loop, with a handler for line 5 that leaves what it found.</summary>
    private static TestGuest Spinning(uint enabled, int type = 0xe)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], enabled);
            a.Label(ref again);
            a.inc(ecx);
            a.jmp(again);
        }).Gate(Irq5, type: type);
        Counting(guest);
        guest.Run(2, _short);
        return guest;
    }

    private static void Counting(TestGuest guest) => guest.Assemble(TestGuest.HandlerAt, a =>
    {
        a.mov(__dword_ptr[TestGuest.ResultAt + 24], esp);
        a.push(eax);
        a.inc(__dword_ptr[TestGuest.ResultAt]);
        a.mov(eax, __dword_ptr[TestGuest.DataAt]);
        a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        a.mov(eax, __dword_ptr[esp + 8]);
        a.mov(__dword_ptr[TestGuest.ResultAt + 12], eax);
        a.mov(eax, __dword_ptr[esp + 12]);
        a.mov(__dword_ptr[TestGuest.ResultAt + 16], eax);
        a.pushfd();
        a.pop(eax);
        a.mov(__dword_ptr[TestGuest.ResultAt + 20], eax);
        a.pop(eax);
        Return(guest, a);
    });

    private static void Return(TestGuest guest, Assembler a)
    {
        a.mov(__dword_ptr[(uint)(TestGuest.DataAt + guest.Layout.IrqEnabled)], 0x200);
        a.iretd();
    }
}
