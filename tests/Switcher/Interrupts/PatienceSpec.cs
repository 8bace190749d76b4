// What is done about an interrupt that cannot be delivered yet: the processor is asked to look up again, but not for ever; and a kernel
// that has a place for it is told.
using Lguest.Guest.Abi;
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
        guest.Cpu->Poll = 0;
        guest.Slot.RaiseInterrupt(5);
        guest.Cpu->Poll.ShouldNotBe(0);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x200u)]
    public void A_kernel_that_has_no_irq_pending_is_told_nothing_in_its_place(uint enabled)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.Boot(a => a.mov(__dword_ptr[TestGuest.DataAt + 4], 0)).Gate(Irq5).RunToDone();
        guest.SetField(0, enabled).SetField(-4, 0).SetField(-1, 0x33).SetField(4, 0);
        uint before = guest.Field(-4), after = guest.Field(0);
        guest.Slot.Interrupts.Raise(5);
        guest.Slot.Interrupts.TryDeliver();
        guest.Field(-4).ShouldBe(before);
        guest.Field(0).ShouldBe(enabled == 0 ? after : 0u, "only the gate has closed");
    }

    /// <summary>How often in a row a look at the interrupts asks for another one.</summary>
    private static int Looks(TestGuest guest)
    {
        for (int looks = 0; looks < 10_000; looks++)
        {
            guest.Cpu->Poll = 0;
            guest.Slot.Interrupts.TryDeliver();
            if (guest.Cpu->Poll == 0)
                return looks;
        }

        return int.MaxValue;
    }
}
