// What a Guest of generation 3 has that no other has: device memory and ports that answer, a device that it has to wait for, interrupts
// that a device passes on, and a return from interrupts that may be interrupted (ABI sheet 5.3, 11).
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe partial class PciGuestSpec : IDisposable
{
    private const uint Irq5 = 0x25;
    private const uint IretAt = TestGuest.CodeAt + 0x800;
    private const uint Enabled = EFlags.Interrupt;

    private readonly TestGuest _guest = TestGuest.Of(AbiFamily.Linux4);

    private List<string> Asked => _guest.Devices.Asked;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Loads_and_stores_of_any_instruction_reach_a_device_in_their_own_width()
    {
        const uint At = FakeDevices.Window;
        _guest.Boot(a =>
        {
            a.mov(eax, __dword_ptr[At]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.movzx(ecx, __word_ptr[At + 2]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
            a.mov(edx, 0x11223344);
            a.mov(__byte_ptr[At + 4], dh);
            a.mov(__word_ptr[At + 6], dx);
            a.mov(__dword_ptr[At + 8], 0x55);
            a.or(__byte_ptr[At + 12], 4);
        }).RunToDone();

        (_guest.Result(0), _guest.Result(1)).ShouldBe((0x87654321u, 0x4321u));
        Asked.Where(one => !one.EndsWith($"{FakeDevices.ResetAt:x} 1 0", StringComparison.Ordinal)).ShouldBe(
        [
            "read 900000 4", "read 900002 2", "write 900004 1 33", "write 900006 2 3344", "write 900008 4 55", "read 90000c 1",
            "write 90000c 1 25",
        ]);
    }

    [Theory]
    [InlineData(FakeDevices.Window - 4, true)]
    [InlineData(FakeDevices.Window + FakeDevices.WindowBytes, true)]
    [InlineData(0x800000u, false)]
    public void Where_no_device_is_an_access_is_a_page_fault(uint at, bool writes)
    {
        const int WriteToPresentPage = 3, ReadOfPresentPage = 1;
        _guest.Gate(Vectors.PageFault).Assemble(TestGuest.HandlerAt, a =>
        {
            a.pop(eax);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.mov(eax, __dword_ptr[(uint)(TestGuest.DataAt + _guest.Layout.Cr2)]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
            _guest.Done(a);
        });

        _guest.Boot(a =>
        {
            if (writes)
                a.mov(__dword_ptr[at], eax);
            else
                a.mov(eax, __dword_ptr[at]);
        }).RunToDone();

        (_guest.Result(0), _guest.Result(1)).ShouldBe(((uint)(writes ? WriteToPresentPage : ReadOfPresentPage), at));
    }

    [Fact]
    public void A_frame_behind_all_devices_kills()
    {
        var end = _guest.Boot(a => a.mov(eax, __dword_ptr[(uint)_guest.Devices.End])).RunToDeath();

        end.Reason.ShouldBe(KillReason.BadPageTableEntry);
    }

    [Fact]
    public void By_page_tables_a_device_is_reached_like_ram_and_what_is_behind_it_kills()
    {
        const uint Root = 0x400000, Linear = 0xd0000000;
        new TwoLevelTables(_guest.Memory, Root).MapIdentity(0, 16).Map(Linear, FakeDevices.Window, 3)
            .Map(Linear + 0x1000, (uint)_guest.Devices.End, 3);

        var end = _guest.Boot(a =>
        {
            _guest.Call(a, Hypercall.NewPageTable, Root);
            a.mov(eax, __dword_ptr[Linear + 8]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.mov(eax, __dword_ptr[Linear + 0x1000]);
        }).RunToDeath();

        end.Reason.ShouldBe(KillReason.BadPageTableEntry);
        _guest.Result().ShouldBe(0x87654321u);
        Asked.ShouldBe(["read 900008 4"]);
    }

    [Fact]
    public void Ports_are_the_devices_in_every_form_and_only_what_was_read_is_replaced()
    {
        _guest.Boot(a =>
        {
            a.mov(edx, 0xcf8);
            a.mov(eax, 0x11111111);
            a.@in(al, dx);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.@in(ax, 0x64);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
            a.@in(eax, dx);
            a.mov(__dword_ptr[TestGuest.ResultAt + 8], eax);
            a.mov(eax, 0xaabbccdd);
            a.@out(0x80, al);
            a.@out(dx, ax);
            a.@out(dx, eax);
            a.cli();
        }).RunToDone();

        (_guest.Result(0), _guest.Result(1), _guest.Result(2)).ShouldBe((0x11111121u, 0x11114321u, 0x87654321u));
        Asked.Take(6).ShouldBe(["in cf8 1", "in 64 2", "in cf8 4", "out 80 1 dd", "out cf8 2 ccdd", "out cf8 4 aabbccdd"]);
    }

    [Fact]
    public void A_write_that_the_devices_refuse_is_a_general_protection_fault_at_the_instruction()
    {
        _guest.Gate(Vectors.GeneralProtection).Assemble(TestGuest.HandlerAt, a =>
        {
            a.pop(eax);
            a.pop(eax);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            _guest.Done(a);
        });
        _guest.Boot(a =>
        {
            a.mov(edx, FakeDevices.RefusedPort);
            a.jmp(IretAt);
        }).Assemble(IretAt, a => a.@out(dx, eax)).RunToDone();

        _guest.Result().ShouldBe(IretAt);
    }

    [Theory]
    [InlineData("load")]
    [InlineData("store")]
    [InlineData("output")]
    public void A_driver_that_is_not_forgiven_ends_its_guest_at_the_next_block_end(string access)
    {
        _guest.Slot.Interrupts.Raise(5);
        var end = _guest.Gate((int)Irq5).Boot(a =>
        {
            var next = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], Enabled);
            if (access == "load")
                a.mov(eax, __dword_ptr[FakeDevices.FatalAt]);
            else if (access == "store")
                a.mov(__dword_ptr[FakeDevices.FatalAt], 1);
            else
                a.@out((byte)FakeDevices.FatalPort, al);
            a.jmp(next);
            a.Label(ref next);
            a.inc(__dword_ptr[TestGuest.ResultAt]);
        }).RunToDeath();

        (end.Reason, end.Detail).ShouldBe((KillReason.BadDriver, $"{(access == "output" ? "an" : "a")} {access} that is not forgiven"));
        _guest.Result().ShouldBe(0u);
        _guest.Slot.Interrupts.Delivered.ShouldBe(0, "the dead take no interrupts");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(32)]
    public void There_are_32_lines(int irq) => Should.Throw<ArgumentOutOfRangeException>(() => _guest.Slot.RaiseInterrupt(irq));

    [Fact]
    public void A_device_that_calls_wakes_the_guest_and_is_attended_when_it_is_entered()
    {
        _guest.Gate((int)Irq5).Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            _guest.Call(a, Hypercall.Halt);
        });
        _guest.Run().ShouldBe(ExitReason.Halted);
        _guest.Slot.WouldWake.ShouldBeFalse();

        _guest.Devices.Attention!();

        _guest.Slot.WouldWake.ShouldBeTrue();
        Asked.ShouldNotContain("attend");
        _guest.Run().ShouldBe(ExitReason.Halted);
        Asked.ShouldContain("attend");
        _guest.Slot.WouldWake.ShouldBeFalse();
        _guest.Devices.Interrupt!(5);
        _guest.Slot.WouldWake.ShouldBeTrue("a line is pending");
    }

    [Fact]
    public void What_a_device_wants_of_a_guest_that_runs_is_seen_to_before_its_chunk_is_over()
    {
        _guest.Gate(0x27).Assemble(TestGuest.HandlerAt, a => _guest.Done(a)).Boot(a =>
        {
            var again = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], Enabled);
            a.Label(ref again);
            a.jmp(again);
        });
        _guest.Run(1);
        ulong before = _guest.Slot.Processor.Instructions;
        int looks = 0;
        _guest.Clock.Look = () =>
        {
            if (++looks == 2) // the last before it runs
                _guest.Slot.RaiseInterrupt(9);
        };
        _guest.Clock.Step = 1;
        _guest.Slot.Enter(new RunSettings(100, 100_000)).ShouldBeOfType<ExitReason.Notify>();
        (_guest.Slot.Processor.Instructions - before).ShouldBeLessThan(100ul);
    }

    [Fact]
    public void A_device_that_has_to_be_waited_for_brings_the_guest_out_and_it_goes_on_with_the_store()
    {
        _guest.Boot(a =>
        {
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            a.mov(__byte_ptr[FakeDevices.ResetAt], 0);
            a.inc(__dword_ptr[TestGuest.ResultAt + 4]);
        }).RunToDone();
        (_guest.Result(0), _guest.Result(1)).ShouldBe((1u, 0u));
        ulong instructions = _guest.Slot.Processor.Instructions;

        _guest.Devices.IsReset = true;
        _guest.RunToDone();

        (_guest.Result(0), _guest.Result(1)).ShouldBe((1u, 1u));
        (_guest.Slot.Processor.Instructions - instructions).ShouldBe(2u, "the store and what comes behind it");
    }

    [Theory]
    [InlineData(9, 0x27)]
    [InlineData(5, 0x25)]
    public void A_signal_goes_to_its_device_and_where_none_is_it_is_an_interrupt(int number, int vector)
    {
        _guest.Gate(vector).Assemble(TestGuest.HandlerAt, a =>
        {
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            _guest.Done(a);
        });
        _guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__byte_ptr[FakeDevices.ResetAt], 0);
            _guest.Call(a, Hypercall.Halt);
        }).RunToDone();
        _guest.Devices.IsReset = true;
        _guest.Run().ShouldBe(ExitReason.Halted);
        _guest.Slot.WouldWake.ShouldBeFalse();

        _guest.Slot.RaiseInterrupt(number);

        _guest.Slot.WouldWake.ShouldBeTrue();
        _guest.RunToDone();
        _guest.Result().ShouldBe(1u);
        Asked.ShouldContain($"signal {number}");
    }

    [Theory]
    [InlineData(Hypercall.Notify)]
    [InlineData(Hypercall.LoadGdt)]
    [InlineData(Hypercall.SetPageMiddleDirectory)]
    public void Calls_that_it_does_not_have_kill(Hypercall number)
    {
        var end = _guest.Boot(a => _guest.Call(a, number)).RunToDeath();

        end.Reason.ShouldBe(KillReason.UnknownHypercall);
    }

    [Fact]
    public void A_system_call_by_an_interrupt_gate_is_reflected_and_turns_interrupts_off()
    {
        _guest.UserSegments().Gate(GuestVectors.Syscall, dpl: 3).Assemble(TestGuest.UserAt, a =>
        {
            a.@int(GuestVectors.Syscall);
            a.hlt();
        });
        _guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(eax, __dword_ptr[TestGuest.DataAt]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.mov(eax, __dword_ptr[esp]);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
            _guest.Done(a);
        });

        _guest.Boot(a =>
        {
            _guest.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            a.mov(__dword_ptr[TestGuest.DataAt], Enabled);
            TestGuest.EnterUser(a);
        }).RunToDone();

        (_guest.Result(0), _guest.Result(1)).ShouldBe((0u, TestGuest.UserAt + 2));
    }
}
