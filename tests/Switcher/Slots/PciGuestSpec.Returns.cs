// The return from an interrupt that the next one takes over (ABI sheet 5.3): nothing is pushed, and the frame's flags are taken.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe partial class PciGuestSpec
{
    [Fact]
    public void At_the_return_from_an_interrupt_the_next_one_takes_over_its_frame()
    {
        const uint Carry = EFlags.Carry, Forbidden = EFlags.IoPrivilege | EFlags.Trap;
        _guest.SetField(_guest.Layout.NoIrqIret, IretAt).Gate((int)Irq5).Assemble(IretAt, a => a.iretd());
        _guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(__dword_ptr[TestGuest.ResultAt], esp);
            a.pushfd();
            a.pop(eax);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
            a.iretd();
        });
        _guest.Assemble(IretAt + 0x100, a =>
        {
            a.mov(__dword_ptr[TestGuest.ResultAt + 8], esp);
            _guest.Done(a);
        });
        _guest.Slot.RaiseInterrupt(5);

        _guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.push(Carry | EFlags.AlwaysOne | EFlags.IoPrivilege);
            a.push((uint)GuestSelectors.KernelCode);
            a.push(IretAt + 0x100);
            a.mov(__dword_ptr[TestGuest.DataAt], Enabled);
            a.jmp(IretAt);
        }).RunToDone();

        _guest.Result(0).ShouldBe(TestGuest.StackTop - 12, "nothing was pushed");
        (_guest.Result(1) & (Carry | Enabled | Forbidden)).ShouldBe(Carry | Enabled, "the frame's flags, and the real interrupt flag");
        _guest.Result(2).ShouldBe(TestGuest.StackTop, "the handler returned to where the kernel wanted to");
        _guest.Field(_guest.Layout.IrqEnabled).ShouldBe(0u, "the gate has closed");
        _guest.Slot.Interrupts.Delivered.ShouldBe(1);
    }

    [Theory]
    [InlineData(EFlags.Carry | EFlags.Zero, EFlags.Overflow | EFlags.Identification)]
    [InlineData(EFlags.Overflow | EFlags.Identification, EFlags.Carry | EFlags.Zero | EFlags.Direction)]
    public void The_frames_flags_take_the_place_of_those_that_the_return_would_have_replaced(uint current, uint inFrame)
    {
        _guest.SetField(_guest.Layout.NoIrqIret, IretAt).Gate((int)Irq5).Boot(_ => { }).RunToDone();
        StandAtReturn(TestGuest.StackTop - 12);
        _guest.Memory.TryWrite(new GuestPhysical(TestGuest.StackTop - 4), inFrame | EFlags.AlwaysOne);
        _guest.Slot.Processor.Eflags = current | EFlags.AlwaysOne | EFlags.Interrupt;

        _guest.Slot.Interrupts.TryDeliver();

        _guest.Slot.Processor.Eflags.ShouldBe(inFrame | EFlags.AlwaysOne | EFlags.Interrupt);
        _guest.Cpu->Eip.ShouldBe(TestGuest.HandlerAt);
    }

    [Fact]
    public void A_return_whose_frame_is_not_mapped_kills()
    {
        const uint Root = 0x400000;
        new TwoLevelTables(_guest.Memory, Root).MapIdentity(0, 12);
        _guest.SetField(_guest.Layout.NoIrqIret, IretAt).Gate((int)Irq5)
            .Boot(a => _guest.Call(a, Hypercall.NewPageTable, Root)).RunToDone();
        StandAtReturn(0xd0000000);

        _guest.Slot.Interrupts.TryDeliver();

        _guest.Slot.End.ShouldBe(new GuestEnd.Killed(KillReason.BadAddress, "bad address d0000008 for the flags of a frame"));
    }

    [Fact]
    public void A_return_without_a_stack_kills_and_does_not_crash()
    {
        _guest.SetField(_guest.Layout.NoIrqIret, IretAt).Gate((int)Irq5).Assemble(IretAt, a => a.iretd());
        _guest.Slot.RaiseInterrupt(5);

        var end = _guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(esp, (uint)_guest.Devices.End - 4);
            a.mov(__dword_ptr[TestGuest.DataAt], Enabled);
            a.jmp(IretAt);
        }).RunToDeath();

        end.Reason.ShouldBe(KillReason.BadPageTableEntry);
    }

    /// <summary>Line 5 waits, and the kernel is about to return from an interrupt.</summary>
    private void StandAtReturn(uint stack)
    {
        _guest.SetField(0, Enabled).SetField(4, 0);
        _guest.Cpu->Eip = IretAt;
        _guest.Cpu->Gpr[4] = stack;
        _guest.Slot.Interrupts.Raise((int)(Irq5 - GuestVectors.FirstIrq));
    }
}
