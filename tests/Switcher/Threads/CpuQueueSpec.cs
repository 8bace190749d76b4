// Which thread runs, which one watches the clock, and that nobody is woken who can be left alone.
using Lguest.Switcher.Threads;
using Shouldly;
using Xunit;

namespace Lguest.Switcher.Tests.Threads;

public sealed class CpuQueueSpec
{
    private const long Never = long.MaxValue;
    private readonly CpuQueue<string, string> _queue = new(most: 2);

    [Fact]
    public void Work_starts_threads_up_to_their_number_and_then_waits_for_one_of_them()
    {
        _queue.Add("a", isFree: false).ShouldBe(new(null, Start: true));
        _queue.Add("b", isFree: false).ShouldBe(new(null, Start: true));
        _queue.Add("c", isFree: false).ShouldBe(default);
        _queue.HasReady.ShouldBeTrue();

        string?[] run = [_queue.Next("one", Never).Run, _queue.Next("two", Never).Run, _queue.Next("one", Never).Run];
        run.ShouldBe(["a", "b", "c"]);
        _queue.HasReady.ShouldBeFalse();
    }

    [Fact]
    public void What_has_time_left_comes_before_what_waits_and_the_rest_in_its_order()
    {
        _queue.Add("a", isFree: false);
        _queue.Add("b", isFree: false);
        _queue.Next("one", Never).Run.ShouldBe("a");

        _queue.Add("a", isFree: true, goesOn: true);
        _queue.Next("one", Never).Run.ShouldBe("a");
        _queue.Add("a", isFree: true, goesOn: false);
        _queue.Next("one", Never).Run.ShouldBe("b");
        _queue.Next("one", Never).Run.ShouldBe("a");
    }

    [Fact]
    public void A_thread_that_is_free_wakes_nobody_for_what_it_runs_next_itself()
    {
        Start(2);
        Rest("one", Never);
        Rest("two", 100);
        _queue.Wakes("two").ShouldBeTrue("the alarm woke it");

        _queue.Add("tick", isFree: true).ShouldBe(default);

        _queue.Next("two", Never).Run.ShouldBe("tick");
    }

    [Fact]
    public void Of_those_that_rest_one_watches_the_clock_and_another_is_woken_for_work()
    {
        Start(2);
        Rest("one", 100).ShouldBe(100);
        Rest("two", 100).ShouldBe(Never, "it is watched already");

        _queue.Add("a", isFree: false).ShouldBe(new("two", Start: false));
        _queue.Wakes("two").ShouldBeFalse("somebody woke it");
        _queue.Add("b", isFree: false).Wake.ShouldBe("one", "nobody else rests");
    }

    [Fact]
    public void An_earlier_moment_is_watched_by_the_next_that_rests()
    {
        Start(2);
        Rest("one", 100).ShouldBe(100);
        Rest("two", 50).ShouldBe(50);
    }

    [Fact]
    public void A_moment_wakes_a_thread_only_if_all_rest_and_none_that_early()
    {
        Start(1);
        Rest("one", 100);
        _queue.Watch(100, isFree: false).ShouldBe(default);
        _queue.Watch(200, isFree: false).ShouldBe(default);
        _queue.Watch(Never, isFree: false).ShouldBe(default);
        _queue.Watch(50, isFree: true).ShouldBe(default);

        _queue.Watch(50, isFree: false).Wake.ShouldBe("one");
        _queue.Watch(40, isFree: false).ShouldBe(default, "it is awake now and looks");
    }

    [Fact]
    public void Without_any_thread_a_moment_starts_one_and_never_does_not()
    {
        _queue.Watch(Never, isFree: false).ShouldBe(default);
        _queue.Watch(50, isFree: false).ShouldBe(new(null, Start: true));
    }

    [Fact]
    public void At_the_end_what_is_left_is_run_and_work_that_comes_later_starts_a_thread_again()
    {
        Start(1);
        Rest("one", 100);
        _queue.End().ShouldBe(["one"]);
        _queue.Next("one", Never).IsOver.ShouldBeTrue();

        _queue.Add("a", isFree: false).Start.ShouldBeTrue();
        _queue.Next("new", Never).Run.ShouldBe("a");
        _queue.Next("new", 100).ShouldBe(new(IsOver: false, null, 100), "it is no longer the end");
    }

    [Fact]
    public void A_thread_that_has_ended_counts_no_more()
    {
        Start(2);
        _queue.End().ShouldBeEmpty();
        _queue.Next("one", Never).IsOver.ShouldBeTrue();
        _queue.Next("two", Never).IsOver.ShouldBeTrue();
        Start(2);
    }

    /// <summary>A thread that has been started finds nothing and rests.</summary>
    private long Rest(string thread, long alarm) => _queue.Next(thread, alarm).Until;

    /// <summary>Threads are started and have run what they were started for.</summary>
    private void Start(int threads)
    {
        for (int i = 0; i < threads; i++)
            _queue.Add("start", isFree: false).Start.ShouldBeTrue();
        for (int i = 0; i < threads; i++)
            _queue.Next("any", Never).Run.ShouldBe("start");
    }
}
