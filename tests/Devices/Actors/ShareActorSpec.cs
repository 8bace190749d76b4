// The actor of a shared folder: what is asked goes to workers and comes back, and who waits for one file does not keep the others waiting.

using System.Reflection;
using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Actors;
using Lguest.Devices.Share;
using Lguest.Devices.Share.Actors;
using Lguest.Devices.Tests.Share;
using Lguest.Devices.Tests.Virtio;

namespace Lguest.Devices.Tests.Actors;

public sealed class ShareActorSpec : DeviceTestKit
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-share-").FullName;

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Requests_of_one_kick_are_all_answered_and_the_Guest_is_interrupted()
    {
        var driver = First;
        var actor = StartChild(ShareActor.Props(Guest, Switcher, Device(driver), "share"));
        Offer(driver, 0x1000, Request.Version());
        Kick(actor, driver);
        ExpectInterrupt(FirstIrq);
        Reap(driver).ShouldBe(1);
        for (ushort tag = 0; tag < 5; tag++)
            Offer(driver, (uint)(0x1000 + (tag * 0x400)), new Request(MessageType.Attach, tag).Word(tag).Word(uint.MaxValue).Text("")
                .Text("").Word(0));
        Kick(actor, driver);
        int answered = 0;
        AwaitAssert(() => (answered += Reap(driver)).ShouldBe(5));
        ExpectInterrupt(FirstIrq);
    }

    [Fact]
    public void A_message_that_is_none_breaks_the_queue_and_says_so_by_name()
    {
        var driver = First;
        var actor = StartChild(ShareActor.Props(Guest, Switcher, Device(driver), "share"));
        driver.Offer((0x1000, 3, false), (0x2000, 100, true));
        Kick(actor, driver);
        ExpectMsg<DeviceProtocol.QueueBroken>().Reason.ShouldBe("share, queue 0: a message of 3 bytes is shorter than its header");
    }

    [Fact]
    public void Workers_are_bounded_begin_when_there_is_work_and_go_on_beside_one_that_waits()
    {
        using var folder = HostFolder.Open(_folder);
        using ManualResetEventSlim stuck = new(), go = new();
        using CountdownEvent done = new(20);
        using ShareWorkers workers = new(folder, _ => done.Signal());
        workers.Threads.ShouldBe(0);
        workers.Add(Work(() =>
        {
            stuck.Set();
            go.Wait();
        }));
        stuck.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        for (int i = 0; i < 19; i++)
            workers.Add(Work(() => { }));
        AwaitAssert(() => done.CurrentCount.ShouldBe(1));
        workers.Threads.ShouldBeInRange(2, ShareWorkers.Most);
        go.Set();
        done.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    [Fact]
    public void Work_that_throws_has_failed_and_its_worker_goes_on()
    {
        using var folder = HostFolder.Open(_folder);
        using CountdownEvent done = new(2);
        using ShareWorkers workers = new(folder, _ => done.Signal());
        var bad = Work(() => throw new InvalidOperationException("found by a Guest"));
        workers.Add(bad);
        workers.Add(Work(() => { }));
        done.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        bad.Error.ShouldBe(Errno.InputOutput);
    }

    [Fact]
    public void What_throws_is_answered_with_an_error_and_told_once()
    {
        var driver = First;
        var folder = DispatchProxy.Create<ISharedFolder, Broken>();
        ShareDevice device = new(Memory, Queue(driver), folder, isReadOnly: false);
        var actor = StartChild(ShareActor.Props(Guest, Switcher, device, "share"));
        Offer(driver, 0x1000, Request.Version());
        Kick(actor, driver);
        ExpectInterrupt(FirstIrq);
        Reap(driver).ShouldBe(1);
        var log = CreateTestProbe("log");
        Sys.EventStream.Subscribe(log, typeof(Warning));
        for (uint i = 0; i < 2; i++)
        {
            Offer(driver, 0x1000, Request.Attach(i));
            Kick(actor, driver);
            ExpectInterrupt(FirstIrq);
            Reap(driver).ShouldBe(1);
            new Answer(driver.Get(0x1200, 11)).Error.ShouldBe(Errno.InputOutput);
        }

        log.ExpectMsg<Warning>().ToString().ShouldContain("share of guest: a request, Attach, has failed here");
        log.ExpectNoMsg(Silence);
    }

    private ShareDevice Device(DriverSide driver) => new(Memory, Queue(driver), HostFolder.Open(_folder), isReadOnly: false);

    private static ShareWork Work(Action act) => new(MessageType.Attributes, 1)
    {
        Chain = new ShareChain(0, [], [], []),
        Act = (_, _) =>
        {
            act();
            return 0;
        },
    };

    private static void Offer(DriverSide driver, uint at, Request request)
    {
        byte[] message = request.ToArray();
        driver.Put(at, message);
        driver.Offer((at, (uint)message.Length, false), (at + 0x200, 0x200, true));
    }

    /// <summary>A folder of which nothing can be had.</summary>
    internal class Broken : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? method, object?[]? arguments) =>
            method?.Name == nameof(IDisposable.Dispose) ? null : throw new InvalidOperationException("found by a Guest");
    }

    private static int Reap(DriverSide driver)
    {
        int count = 0;
        while (driver.Reap() is not null)
            count++;
        return count;
    }
}
