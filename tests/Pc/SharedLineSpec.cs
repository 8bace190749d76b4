// A wire that several devices share is up while any of them holds it, and each can only let go of its own hold.
using Lguest.Machine;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests;

public sealed class SharedLineSpec
{
    private readonly TestLine _target = new();

    [Fact]
    public void The_joint_wire_is_up_while_any_input_is()
    {
        var shared = new SharedLine(_target);
        var (one, two) = (shared.NewInput(), shared.NewInput());

        one.Set(true);
        two.Set(true);
        _target.Level.ShouldBeTrue();
        one.Set(false);
        one.Set(false);
        _target.Level.ShouldBeTrue();
        two.Set(false);

        _target.Level.ShouldBeFalse();
        _target.Rises.ShouldBe(1);
    }

    [Fact]
    public void Two_devices_on_one_level_triggered_interrupt_are_both_served()
    {
        var bus = new TestBus();
        var pic = new InterruptController();
        pic.Attach(bus.Ports);
        foreach (int value in (int[])[0x30, 4, 1, 0])
        {
            bus.Out(value == 0x30 ? 0x20 : 0x80, 0x11);
            bus.Out(0x21, value);
        }

        foreach (int value in (int[])[0x38, 2, 1, 0])
        {
            bus.Out(value == 0x38 ? 0xA0 : 0x80, 0x11);
            bus.Out(0xA1, value);
        }

        bus.Out(0x4D1, 0x08); // IRQ 11
        var shared = new SharedLine(pic.Line(11));
        IInterruptLine[] devices = [shared.NewInput(), shared.NewInput()];
        foreach (var device in devices)
            device.Set(true);

        foreach (var device in devices)
        {
            pic.Acknowledge().ShouldBe((byte)0x3B);
            device.Set(false);
            bus.Out(0xA0, 0x63);
            bus.Out(0x20, 0x62);
        }

        pic.Pending.ShouldBeFalse();
    }
}
