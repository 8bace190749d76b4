// The sheet's checklist 13.1, lines 17 and 19: a Guest's last words, and its notifications.
using System.Text;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed class ShutdownSpec
{
    private static readonly GuestPhysical _text = new(0x50000);

    [Fact]
    public void Power_down_is_an_orderly_end()
    {
        End("Power down", 1).ShouldBe(new GuestEnd.PowerOff());
        End("Power down", 0, AbiFamily.Linux2624).ShouldBe(new GuestEnd.PowerOff());
    }

    [Fact]
    public void Reason_2_is_a_restart() => End("whatever", 2).ShouldBe(new GuestEnd.Restart());

    [Theory]
    [InlineData(AbiFamily.Linux2631), InlineData(AbiFamily.Linux3), InlineData(AbiFamily.Linux4)]
    public void A_restart_needs_no_words(object family)
    {
        using var guest = TestGuest.Of((AbiFamily)family);
        guest.Boot(a => guest.Call(a, Hypercall.Shutdown, 0x40000000, 2)).Run()
            .ShouldBeOfType<ExitReason.Shutdown>().End.ShouldBe(new GuestEnd.Restart());
    }

    [Fact]
    public void Anything_else_is_a_crash_with_the_guests_words()
    {
        var end = End("Kernel panic - not syncing: VFS", 1);
        end.ShouldBe(new GuestEnd.Crash("Kernel panic - not syncing: VFS"));
        end.Text.ShouldBe("CRASH: Kernel panic - not syncing: VFS");
    }

    [Fact]
    public void Last_words_end_after_127_characters_and_steer_no_terminal()
    {
        End(new string('x', 500), 1).ShouldBe(new GuestEnd.Crash(new string('x', 127)));
        End("a\u001b[2Jb\nc\u007fd", 1).ShouldBe(new GuestEnd.Crash("a [2Jb c d"));
        End(new string('x', 126) + " ", 1).ShouldBe(new GuestEnd.Crash(new string('x', 126)));
    }

    [Theory]
    [InlineData("Power down\0garbage", "CRASH: Power down")]
    [InlineData("\0garbage", "CRASH: ")]
    public void Last_words_end_at_their_zero(string words, string text)
    {
        End(words, 1).Text.ShouldBe(text);
    }

    [Fact]
    public void A_dead_guest_never_runs_again()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Raw(a => a.ud2());
        var first = guest.Run();
        ulong instructions = guest.Slot.Processor.Instructions;
        guest.Run().ShouldBe(first);
        guest.Slot.Processor.Instructions.ShouldBe(instructions);
    }

    [Theory]
    [InlineData(Hypercall.Shutdown)]
    [InlineData((Hypercall)11)]
    public void A_guest_executes_nothing_after_its_end(Hypercall last)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            guest.Call(a, last, _text.Value, 1);
            a.mov(__dword_ptr[TestGuest.ResultAt], 1);
        }).Run();
        guest.Slot.End.ShouldNotBeNull();
        guest.Result().ShouldBe(0u);
    }

    [Fact]
    public unsafe void A_slot_that_is_of_no_more_use_gives_back_what_the_processor_had_for_it()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        ((nint)guest.Slot.RealTables).ShouldNotBe(0);
        guest.Slot.Dispose();
        ((nint)guest.Slot.RealTables).ShouldBe(0);
        guest.Memory.Dispose();
        guest.Memory.TryHold().ShouldBeNull("nobody keeps its memory any more");
    }

    [Fact]
    public void Notify_of_address_0_does_nothing()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a => guest.Call(a, Hypercall.Notify, 0)).RunToDone();
    }

    private static GuestEnd End(string words, uint reason, AbiFamily family = AbiFamily.Linux3)
    {
        using var guest = TestGuest.Of(family);
        guest.Memory.TryWrite(_text, Encoding.Latin1.GetBytes(words + "\0"));
        guest.Boot(a => guest.Call(a, Hypercall.Shutdown, _text.Value, reason));
        return guest.Run().ShouldBeOfType<ExitReason.Shutdown>().End;
    }
}
