// lguest_data is the Guest's own memory: what the Host writes there must be seen by whatever the Guest does with it, even by code.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed class SharedDataSpec
{
    [Fact]
    public void A_word_that_the_host_writes_into_an_instruction_is_executed()
    {
        using var guest = Calling(guest => (uint)guest.Layout.Cr2 - 1);
        guest.Memory.TryWrite(new GuestPhysical((uint)(TestGuest.DataAt + guest.Layout.Cr2) - 1), [0xb8, 0x11, 0, 0, 0, 0xc3]);
        guest.RunToDone().Result().ShouldBe(0x11u, "mov eax, 0x11; ret");
        guest.Slot.Shared!.Write(guest.Layout.Cr2, 0x12345678);
        guest.RunToDone().Result().ShouldBe(0x12345678u);
    }

    [Fact]
    public void A_ring_slot_that_it_frees_in_an_instruction_as_well()
    {
        using var guest = Calling(guest => (uint)guest.Layout.HcallStatus + 4);
        guest.Memory.TryWrite(new GuestPhysical((uint)(TestGuest.DataAt + guest.Layout.HcallStatus) + 4), [0xb0, 0x11, 0xc3]);
        (guest.RunToDone().Result() & 0xff).ShouldBe(0x11u, "mov al, 0x11; ret");
        guest.Slot.Shared!.FreeSlot(5);
        (guest.RunToDone().Result() & 0xff).ShouldBe(0xffu);
    }

    [Fact]
    public void A_ring_may_lie_on_two_pages_and_a_slot_on_the_second_is_the_one_that_is_freed()
    {
        const uint Second = TestGuest.DataAt + 0x3000;
        using var guest = Calling(_ => 0x3000);
        guest.Memory.TryWrite(new GuestPhysical(Second - 1), [0, 0xb0, 0x11, 0xc3]);
        (guest.RunToDone().Result() & 0xff).ShouldBe(0x11u, "mov al, 0x11; ret");
        GuestPhysical across = new(Second + 1 - 40 - (uint)guest.Layout.HcallStatus);
        new SharedData(guest.Memory, across, guest.Layout).FreeSlot(40);
        (guest.RunToDone().Result() & 0xff).ShouldBe(0xffu);
    }

    /// <summary>A Guest that has called LGUEST_INIT and from then on calls a place in its lguest_data, and keeps EAX.</summary>
    private static TestGuest Calling(Func<TestGuest, uint> offset)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        uint at = TestGuest.DataAt + offset(guest);
        return guest.Boot(a =>
        {
            var again = a.CreateLabel();
            guest.Done(a);
            a.Label(ref again);
            a.call(at);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Done(a);
            a.jmp(again);
        }).RunToDone();
    }
}
