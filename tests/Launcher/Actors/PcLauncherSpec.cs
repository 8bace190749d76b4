// A PC Guest's Launcher against a probe that plays the Switcher: what becomes of a driver that breaks a queue.

using Akka.Actor;
using Lguest.Devices.Console;
using Lguest.Devices.Tests;
using Lguest.Devices.Tests.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Launcher.Actors;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Tests.Images;
using Lguest.Pc;
using Lguest.Switcher.Actors;

namespace Lguest.Launcher.Tests.Actors;

public sealed class PcLauncherSpec : DeviceTestKit
{
    private readonly string _kernel = Path.GetTempFileName();
    private readonly BuiltGuest _guest;
    private readonly GuestPlan _plan;

    public PcLauncherSpec()
    {
        File.WriteAllBytes(_kernel, Files.Elf(Files.Linux("6.1.176", lguest: false), 0x1000000, memoryBytes: 0x5000));
        _plan = GuestPlan.Read(new LauncherOptions(64, _kernel, [], [new DeviceOption.Rng()]));
        _guest = _plan.Build(new Printed());
    }

    [Fact]
    public void A_queue_that_is_broken_asks_its_driver_for_a_reset_and_the_Guest_runs_on()
    {
        Boot();
        var pc = _guest.Parts.ShouldBeOfType<PcParts>();
        var registers = pc.Devices[0].Registers;
        var ring = Start(registers);

        ring.SetAvailable(5000);
        registers.Write(VirtioRegisters.NotifyAt, 2, 0, 0);

        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>().ShouldBe(new SwitcherProtocol.Interrupt(Guest, PcBoard.WakeUp));
        pc.Board.Attend(0);
        Status(registers).HasFlag(DeviceStatus.NeedsReset).ShouldBeTrue();
        registers.Read(VirtioRegisters.IsrAt, 1, 0).ShouldBe(2u, "the configuration has changed");

        // Nothing is served until the driver has reset the device; then it is as new.
        registers.Write(VirtioRegisters.NotifyAt, 2, 0, 0);
        Switcher.ExpectNoMsg(Silence);
        Put(registers, 20, 1, 0);
        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>();
        pc.Board.Attend(0);
        Status(registers).ShouldBe(DeviceStatus.Reset);
        ring = Start(registers);
        ring.Offer((0x8000, 16, true));
        registers.Write(VirtioRegisters.NotifyAt, 2, 0, 0);
        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>().Irq.ShouldNotBe(PcBoard.WakeUp);
        ring.Reap().ShouldNotBeNull().Written.ShouldBe(16u);
    }

    [Fact]
    public void A_Guest_that_is_ended_waits_for_its_terminal_no_longer()
    {
        bool isLetGo = false;
        var launcher = Boot(_guest with { Parts = _guest.Parts with { LetGo = () => isLetGo = true } });

        launcher.Tell(new LauncherProtocol.Stop("a test", 130));

        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        isLetGo.ShouldBeTrue("before the Switcher is asked for what only a CPU that has come out can tell");
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        File.Delete(_kernel);
    }

    private IActorRef Boot(BuiltGuest? guest = null)
    {
        var launcher = StartChild(
            LauncherActor.Props(
                Guest, _plan, guest ?? _guest, Switcher, TerminalInput.Open(), new Printed(), null, CreateTestProbe("dma")));
        Switcher.ExpectMsg<SwitcherProtocol.Open>();
        launcher.Tell(new SwitcherProtocol.Opened(Guest), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Initialize>();
        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Run>();
        return launcher;
    }

    /// <summary>As a driver does it: acknowledge, features, one queue of 16, ready.</summary>
    private DriverSide Start(VirtioRegisters registers)
    {
        var ring = RingLayout.Modern(new(0x10000), new(0x10400), new(0x10800), 16, 0);
        _guest.Memory.Span(ring.Base, 0x1000).Clear();
        Put(registers, 20, 1, 1);
        Put(registers, 20, 1, 3);
        Put(registers, 8, 4, 1);
        Put(registers, 12, 4, 1);
        Put(registers, 20, 1, 11);
        Status(registers).HasFlag(DeviceStatus.FeaturesOk).ShouldBeTrue();
        Put(registers, 24, 2, ring.Size);
        Put(registers, 32, 4, ring.Base.Value);
        Put(registers, 40, 4, ring.Available.Value);
        Put(registers, 48, 4, ring.Used.Value);
        Put(registers, 28, 2, 1);
        Put(registers, 20, 1, 15);
        return new DriverSide(_guest.Memory, ring);
    }

    private static void Put(VirtioRegisters registers, uint at, int bytes, uint value) => registers.Write(at, bytes, value, 0);

    private static DeviceStatus Status(VirtioRegisters registers) => (DeviceStatus)registers.Read(20, 1, 0);
}
