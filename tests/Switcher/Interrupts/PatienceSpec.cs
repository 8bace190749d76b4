// What is done about an interrupt that cannot be delivered yet: the processor is asked to look up again, but not for ever; and a kernel
// that has a place for it is told. One that has no stack for it is killed.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Interrupts;

public sealed unsafe class PatienceSpec
{
    private const int Irq5 = 0x25;

    [Fact]
    public void Whoever_waits_too_long_is_looked_at_no_more_until_another_line_comes()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).RunToDone();
        guest.SetField(0, 0);
        guest.Slot.Interrupts.Raise(5);
        Looks(guest).ShouldBe(4000 - 1);
        Looks(guest).ShouldBe(0, "its patience is exhausted");

        guest.Slot.Interrupts.Raise(7);
        Looks(guest).ShouldBe(4000 - 1, "a second line renews it");
        guest.Slot.Interrupts.Raise(7);
        Looks(guest).ShouldBe(0, "the same line once more does not");
    }

    [Fact]
    public void A_line_that_is_blocked_is_looked_at_as_long()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 1 << 5)).Gate(Irq5).RunToDone();
        guest.SetField(0, 0x200);
        guest.Slot.Interrupts.Raise(5);
        Looks(guest).ShouldBe(4000 - 1);
    }

    [Fact]
    public void A_raised_line_makes_the_processor_look_up()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(_ => { }).RunToDone();
        EngineState.Of(guest.Cpu)->Poll = 0;
        guest.Slot.RaiseInterrupt(5);
        EngineState.Of(guest.Cpu)->Poll.ShouldNotBe(0);
    }

    [Fact]
    public void Of_two_lines_the_second_is_looked_at_again_once_the_first_has_come()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5, type: 0xf).RunToDone();
        guest.SetField(0, 0x200);
        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.Raise(7);
        EngineState.Of(guest.Cpu)->Poll = 0;
        guest.Slot.Interrupts.TryDeliver();
        guest.Slot.Interrupts.Pending.ShouldBe(1u << 7);
        EngineState.Of(guest.Cpu)->Poll.ShouldNotBe(0);
        Looks(guest).ShouldBe(4000 - 2, "that was the first of them");
    }

    [Theory]
    [InlineData(0u, 0x33u)]
    [InlineData(0u, 0u)]
    [InlineData(0x200u, 0x33u)]
    public void A_kernel_that_has_no_irq_pending_is_told_nothing_in_its_place(uint enabled, uint beside)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).RunToDone();
        guest.SetField(0, enabled).SetField(-4, 0).SetField(-1, beside).SetField(4, 0);
        uint before = guest.Field(-4), after = guest.Field(0);
        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.TryDeliver();
        guest.Field(-4).ShouldBe(before);
        guest.Field(0).ShouldBe(enabled == 0 ? after : 0u, "only the gate has closed");
    }

    [Fact]
    public void A_guest_whose_stack_is_not_there_for_an_interrupt_is_killed_and_executes_nothing_more()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        new TwoLevelTables(guest.Memory, 0x400000).MapIdentity(0, 8);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            guest.Call(a, Hypercall.NewPageTable, 0x400000);
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            guest.Done(a);
            a.mov(esp, 0x50000000);
            a.Label(ref again);
            a.jmp(again);
        }).Gate(Irq5).RunToDone();
        ulong before = guest.Slot.Processor.Instructions;
        int looks = 0;
        guest.Clock.Look = () =>
        {
            if (++looks == 3) // while it runs
                guest.Slot.RaiseInterrupt(5);
        };
        guest.Clock.Step = 1;
        guest.Slot.Enter(new RunSettings(10, 100)).ShouldBe(
            new ExitReason.Died(new GuestEnd.Killed(KillReason.BadAddress, "bad address 4ffffff4 for a frame of 12 bytes")));
        (guest.Slot.Processor.Instructions - before).ShouldBeInRange(100ul, 150ul);
    }

    /// <summary>How often in a row a look at the interrupts asks for another one.</summary>
    private static int Looks(TestGuest guest)
    {
        for (int looks = 0; looks < 10_000; looks++)
        {
            EngineState.Of(guest.Cpu)->Poll = 0;
            guest.Slot.Interrupts.TryDeliver();
            if (EngineState.Of(guest.Cpu)->Poll == 0)
                return looks;
        }

        return int.MaxValue;
    }
}
