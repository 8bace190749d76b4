// One Guest's Launcher against a probe that plays the Switcher: the order of its verbs, what it makes of a NOTIFY, and every way in which a
// Guest can end.

using Akka.Actor;
using Akka.TestKit;
using Lguest.Devices.Console;
using Lguest.Devices.Tests;
using Lguest.Devices.Tests.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;
using Lguest.Launcher.Actors;
using Lguest.Launcher.Boards;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Launcher.Tests.Actors;

public sealed class LauncherActorSpec : DeviceTestKit
{
    private const int Rng = 0;
    private const uint Text = 0x8000;
    private static readonly GuestStatistics _counters = new(7, 0, 0, 0, [], 0, 0, 0, 0, 0);
    private readonly Printed _screen = new();
    private readonly GuestPlan _plan = GuestPlan.Read(new LauncherOptions(16, EmbeddedKernel.Puppy, [], [new DeviceOption.Rng()]));
    private readonly BuiltGuest _first;
    private readonly TestProbe _dma;

    public LauncherActorSpec()
    {
        _first = _plan.Build(_screen);
        _dma = CreateTestProbe("dma");
    }

    private DevicePages Pages => ((VirtioParts)_first.Parts).Pages;

    [Fact]
    public void It_opens_initialises_attaches_each_queue_and_only_then_runs()
    {
        var launcher = Start();
        Switcher.ExpectMsg<SwitcherProtocol.Open>().Guest.ShouldBe(Guest);
        launcher.Tell(new SwitcherProtocol.Opened(Guest), Switcher);
        var initialize = Switcher.ExpectMsg<SwitcherProtocol.Initialize>();
        (initialize.Memory, initialize.Start, initialize.PageOffset).ShouldBe((_first.Memory, _first.Start, null));
        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);

        GuestPhysical[] queues = [.. Pages.Devices.SelectMany(device => device.Rings).Select(ring => ring.Base)];
        queues.Length.ShouldBe(3);
        var attached = queues.Select(_ => Switcher.ExpectMsg<SwitcherProtocol.AttachEvent>()).ToList();
        attached.Select(attach => attach.Address).ShouldBe(queues);
        attached.ShouldAllBe(attach => attach.Target != null);
        attached[1].Target.ShouldBe(attached[2].Target, "both queues are the console's");

        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        Switcher.ExpectNoMsg(Silence);
        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Run>();
    }

    [Fact]
    public void A_NOTIFY_of_text_is_printed_up_to_its_end_and_the_Guest_goes_on()
    {
        var launcher = Boot();
        _first.Memory.TryWrite(new GuestPhysical(Text), (ReadOnlySpan<byte>)"early\0rubbish"u8).ShouldBeTrue();

        Notify(launcher, new GuestPhysical(Text));

        Switcher.ExpectMsg<SwitcherProtocol.Run>();
        AwaitAssert(() => _screen.Text.ShouldBe("early"));
    }

    [Fact]
    public void A_driver_that_got_further_has_its_buffers_looked_at_and_goes_on()
    {
        var launcher = Boot();
        var driver = OfferToRng();
        SetStatus(Rng, DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.DriverOk);

        Notify(launcher, Pages.Devices[Rng].Record);

        ExpectRunAndInterrupt();
        driver.Reap().ShouldNotBeNull().Written.ShouldBe(16u);
    }

    [Fact]
    public void A_reset_is_over_before_the_Guest_goes_on()
    {
        var launcher = Boot();
        OfferToRng();
        SetStatus(Rng, DeviceStatus.Reset);

        Notify(launcher, Pages.Devices[Rng].Record);

        Switcher.ExpectMsg<SwitcherProtocol.Run>();
        var ring = Pages.Devices[Rng].Rings[0];
        _first.Memory.Span(ring.Base, (uint)ring.Pages * GuestMemory.PageSize).ContainsAnyExcept((byte)0)
            .ShouldBeFalse("the ring is as new");
    }

    [Fact]
    public void A_kick_that_nobody_was_attached_for_reaches_the_device_all_the_same()
    {
        var launcher = Boot();
        var driver = OfferToRng();

        Notify(launcher, driver.Ring.Base);

        ExpectRunAndInterrupt();
    }

    [Fact]
    public void A_NOTIFY_outside_of_memory_ends_the_Guest_with_the_address()
    {
        var launcher = Boot();

        Notify(launcher, new GuestPhysical(0xf000_0000));

        var died = Finish(launcher).ShouldBeOfType<GuestOutcome.Died>();
        died.Reason.ShouldStartWith("bad NOTIFY address 0xf0000000");
        died.Statistics.ShouldBe(_counters);
    }

    [Fact]
    public void A_Guest_that_breaks_a_queue_ends_with_what_it_did()
    {
        var launcher = Boot();
        new DriverSide(_first.Memory, Pages.Devices[Rng].Rings[0]).SetAvailable(5000);

        Notify(launcher, Pages.Devices[Rng].Rings[0].Base);

        Switcher.FishForMessage(message => message is SwitcherProtocol.GetStatistics);
        launcher.Tell(new SwitcherProtocol.Statistics(Guest, _counters), Switcher);
        Closed(launcher).ShouldBeOfType<GuestOutcome.Died>().Reason.ShouldBe(
            "rng-0, queue 0: the available index jumped from 0 to 5000, with 256 descriptors");
    }

    [Fact]
    public void A_power_off_closes_the_handle_and_is_told_last()
    {
        var launcher = Boot();

        launcher.Tell(new SwitcherProtocol.Died(Guest, new GuestEnd.PowerOff()), Switcher);

        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        launcher.Tell(new SwitcherProtocol.Statistics(Guest, _counters), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Close>();
        ExpectNoMsg(Silence);
        launcher.Tell(new SwitcherProtocol.Closed(Guest), Switcher);
        ExpectMsg<LauncherProtocol.GuestEnded>().Outcome.ShouldBe(new GuestOutcome.PoweredOff(_counters));
        Watch(launcher);
        ExpectTerminated(launcher);
    }

    [Fact]
    public void A_crash_is_told_with_the_Guests_last_words()
    {
        var launcher = Boot();

        launcher.Tell(new SwitcherProtocol.Died(Guest, new GuestEnd.Crash("Attempted to kill init!")), Switcher);

        Finish(launcher).ShouldBeOfType<GuestOutcome.Died>().Reason.ShouldContain("Attempted to kill init!");
    }

    [Fact]
    public void A_restart_builds_the_Guest_anew_in_fresh_memory()
    {
        var launcher = Boot();
        launcher.Tell(new SwitcherProtocol.Died(Guest, new GuestEnd.Restart()), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        launcher.Tell(new SwitcherProtocol.Statistics(Guest, _counters), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Close>();
        launcher.Tell(new SwitcherProtocol.Closed(Guest), Switcher);

        Switcher.ExpectMsg<SwitcherProtocol.Open>();
        launcher.Tell(new SwitcherProtocol.Opened(Guest), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Initialize>().Memory.ShouldNotBeSameAs(_first.Memory);

        launcher.Tell(new LauncherProtocol.Stop("the test", 3), TestActor);
        Finish(launcher).ShouldBe(new GuestOutcome.Ended("the test", 3, _counters));
    }

    [Fact]
    public void A_stop_while_a_restart_is_under_way_is_the_end()
    {
        var launcher = Boot();
        launcher.Tell(new SwitcherProtocol.Died(Guest, new GuestEnd.Restart()), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        launcher.Tell(new LauncherProtocol.Stop("the test", 3), TestActor);
        launcher.Tell(new SwitcherProtocol.Statistics(Guest, _counters), Switcher);

        Closed(launcher);

        Switcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_stop_from_outside_ends_a_running_Guest_with_its_exit_code()
    {
        var launcher = Boot();

        launcher.Tell(new LauncherProtocol.Stop("SIGTERM", 143), TestActor);
        launcher.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.TryAgain), Switcher);

        Finish(launcher).ShouldBe(new GuestOutcome.Ended("SIGTERM", 143, _counters));
    }

    [Fact]
    public void A_Switcher_without_room_is_named_as_the_reason()
    {
        var launcher = Start();
        Switcher.ExpectMsg<SwitcherProtocol.Open>();

        launcher.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.NoSpace), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        launcher.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.Invalid), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Close>();
        launcher.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.Invalid), Switcher);

        ExpectMsg<LauncherProtocol.GuestEnded>().Outcome.ShouldBe(new GuestOutcome.Died("the Switcher refused: NoSpace", null));
    }

    private IActorRef Start() => StartChild(LauncherActor.Props(Guest, _plan, _first, Switcher, TerminalInput.Open(), _screen, null, _dma));

    /// <summary>Up to the first Run.</summary>
    private IActorRef Boot()
    {
        var launcher = Start();
        Switcher.ExpectMsg<SwitcherProtocol.Open>();
        launcher.Tell(new SwitcherProtocol.Opened(Guest), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Initialize>();
        launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        for (int i = 0; i < 3; i++)
        {
            Switcher.ExpectMsg<SwitcherProtocol.AttachEvent>();
            launcher.Tell(new SwitcherProtocol.Done(Guest), Switcher);
        }

        Switcher.ExpectMsg<SwitcherProtocol.Run>();
        return launcher;
    }

    private void Notify(IActorRef launcher, GuestPhysical address) =>
        launcher.Tell(new SwitcherProtocol.Notified(Guest, address), Switcher);

    /// <summary>Plays the Switcher's part of an end.</summary>
    private GuestOutcome Finish(IActorRef launcher)
    {
        Switcher.ExpectMsg<SwitcherProtocol.GetStatistics>();
        launcher.Tell(new SwitcherProtocol.Statistics(Guest, _counters), Switcher);
        return Closed(launcher);
    }

    private GuestOutcome Closed(IActorRef launcher)
    {
        Switcher.ExpectMsg<SwitcherProtocol.Close>();
        launcher.Tell(new SwitcherProtocol.Closed(Guest), Switcher);
        return ExpectMsg<LauncherProtocol.GuestEnded>().Outcome;
    }

    private DriverSide OfferToRng()
    {
        DriverSide driver = new(_first.Memory, Pages.Devices[Rng].Rings[0]);
        driver.Offer((Text, 16, true));
        return driver;
    }

    private void SetStatus(int device, DeviceStatus status) =>
        _first.Memory.TryWrite(Pages.Devices[device].Record + 4, (byte)status).ShouldBeTrue();

    /// <summary>The Launcher lets the Guest go on and the device answers it: neither has to be the first.</summary>
    private void ExpectRunAndInterrupt()
    {
        object[] both = [Switcher.ReceiveOne(TimeSpan.FromSeconds(20)), Switcher.ReceiveOne(TimeSpan.FromSeconds(20))];
        both.ShouldContain(message => message is SwitcherProtocol.Run);
        both.ShouldContain(message => message is SwitcherProtocol.Interrupt);
    }
}
