// Actors rely on their scheduler for heartbeats, leases and restarts: it must be on time, and it must let an idle node sleep.
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Lguest.Switcher.Actors;
using Shouldly;
using Xunit;

namespace Lguest.Switcher.Tests.Actors;

public sealed class AlarmSchedulerSpec() : TestKit(SwitcherSettings.Reference(2))
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan _later = TimeSpan.FromMilliseconds(90);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private AlarmScheduler Scheduler => (AlarmScheduler)Sys.Scheduler;

    [Fact]
    public void Messages_arrive_in_the_order_of_their_times_and_never_early()
    {
        var before = Scheduler.HighResMonotonicClock;
        Sys.Scheduler.ScheduleTellOnce(_later, TestActor, "later", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(_soon, TestActor, "soon", ActorRefs.NoSender);

        ExpectMsg("soon", _patience);
        (Scheduler.HighResMonotonicClock - before).ShouldBeGreaterThanOrEqualTo(_soon);
        ExpectMsg("later", _patience);
        (Scheduler.HighResMonotonicClock - before).ShouldBeGreaterThanOrEqualTo(_later);
    }

    [Fact]
    public void Messages_for_the_same_moment_arrive_in_the_order_in_which_they_were_scheduled()
    {
        var moment = TimeSpan.FromMilliseconds(50);
        for (int i = 0; i < 20; i++)
            Sys.Scheduler.ScheduleTellOnce(moment, TestActor, i, ActorRefs.NoSender);

        for (int i = 0; i < 20; i++)
            ExpectMsg(i, _patience);
    }

    [Fact]
    public void A_cancelled_message_does_not_arrive()
    {
        var cancelled = Sys.Scheduler.ScheduleTellOnceCancelable(_soon, TestActor, "cancelled", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(_later, TestActor, "after it", ActorRefs.NoSender);
        cancelled.Cancel();

        ExpectMsg("after it", _patience);
    }

    [Fact]
    public void A_repeated_message_comes_until_it_is_cancelled()
    {
        var repeated = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.Zero, _soon, TestActor, "again", ActorRefs.NoSender);
        ExpectMsg("again", _patience);
        ExpectMsg("again", _patience);
        ExpectMsg("again", _patience);
        repeated.Cancel();

        Sys.Scheduler.ScheduleTellOnce(_later, TestActor, "end", ActorRefs.NoSender);
        FishForMessage<string>(message => message == "end", _patience);
        Scheduler.Waiting.ShouldBe(0);
    }

    [Fact]
    public void An_action_that_fails_disturbs_no_other()
    {
        Sys.Scheduler.Advanced.ScheduleOnce(_soon, () => throw new InvalidOperationException("on purpose"));
        Sys.Scheduler.ScheduleTellOnce(_later, TestActor, "after it", ActorRefs.NoSender);

        ExpectMsg("after it", _patience);
    }

    [Fact]
    public void It_wakes_a_thread_only_when_something_is_due()
    {
        int before = Scheduler.Rings;
        Sys.Scheduler.ScheduleTellOnce(_later + _later, TestActor, "due", ActorRefs.NoSender);
        ExpectMsg("due", _patience);

        // It is woken to hear of the order, and when that is due; a wheel of 10 ms would have turned eighteen times.
        (Scheduler.Rings - before).ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public void Orders_are_carried_out_on_a_thread_that_is_none_of_the_process_s_pool()
    {
        using CountdownEvent done = new(3);
        int onPool = 0;
        for (int i = 0; i < 2; i++)
            Sys.Scheduler.Advanced.ScheduleOnce(i * _soon, Note);
        var repeated = Sys.Scheduler.Advanced.ScheduleRepeatedlyCancelable(TimeSpan.Zero, TimeSpan.FromHours(1), Note);

        done.Wait(_patience).ShouldBeTrue();
        repeated.Cancel();
        onPool.ShouldBe(0);

        void Note()
        {
            if (Thread.CurrentThread.IsThreadPoolThread)
                Interlocked.Increment(ref onPool);
            done.Signal();
        }
    }

    [Fact]
    public void Orders_that_are_cancelled_all_the_time_do_not_pile_up()
    {
        for (int i = 0; i < 10_000; i++)
            Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromHours(1), TestActor, "never", ActorRefs.NoSender).Cancel();

        Scheduler.Waiting.ShouldBeLessThan(200);
    }

    [Fact]
    public void What_still_waits_when_its_system_ends_is_carried_out_then_and_later_orders_are_refused()
    {
        using AlarmScheduler stopping = new(Sys.Settings.Config, Sys.Log);
        IActionScheduler scheduler = stopping;
        int done = 0;
        scheduler.ScheduleOnce(TimeSpan.FromHours(1), () => done++);

        stopping.Dispose();

        done.ShouldBe(1);
        Should.Throw<SchedulerException>(() => scheduler.ScheduleOnce(TimeSpan.Zero, () => done++));
    }
}
