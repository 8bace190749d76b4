// The timers of the router's stack, which frees and sets them while they expire.

using Lguest.Net.Outside;

namespace Lguest.Net.Tests.Outside;

public sealed class NatTimersSpec
{
    private readonly NatTimers _timers = new();
    private readonly List<string> _expired = [];

    [Fact]
    public void A_timer_expires_once_when_its_moment_has_come()
    {
        _timers.Set(Add("one"), due: 100);

        _timers.Run(99);
        _expired.ShouldBeEmpty();
        _timers.Run(100);
        _timers.Run(200);
        _expired.ShouldBe(["one"]);
    }

    [Fact]
    public void A_timer_that_is_set_again_forgets_the_earlier_moment_and_may_expire_again()
    {
        nint timer = Add("one");
        _timers.Set(timer, due: 100);
        _timers.Set(timer, due: 300);
        _timers.Run(200);
        _expired.ShouldBeEmpty();
        _timers.Run(300);
        _timers.Set(timer, due: 400);
        _timers.Run(400);

        _expired.ShouldBe(["one", "one"]);
    }

    [Fact]
    public void A_timer_that_was_never_set_or_is_freed_never_expires()
    {
        Add("never set");
        nint freed = Add("freed");
        _timers.Set(freed, due: 100);
        _timers.Free(freed);
        _timers.Set(freed, due: 100);

        _timers.Run(long.MaxValue - 1);

        _expired.ShouldBeEmpty();
    }

    [Fact]
    public void Each_timer_has_a_number_of_its_own_and_none_has_0()
    {
        nint first = Add("first");
        _timers.Free(first);
        nint second = Add("second");

        first.ShouldNotBe(0);
        second.ShouldNotBe(0);
        second.ShouldNotBe(first, "somebody may still name the one that is freed");
    }

    [Fact]
    public void A_timer_that_another_one_frees_as_it_expires_does_not_expire()
    {
        nint other = 0;
        nint first = _timers.Add(() => _timers.Free(other));
        other = Add("freed");
        _timers.Set(first, due: 100);
        _timers.Set(other, due: 100);

        _timers.Run(100);

        _expired.ShouldBeEmpty();
    }

    [Fact]
    public void A_timer_that_another_one_puts_off_as_it_expires_waits_for_its_new_moment()
    {
        nint other = 0;
        nint first = _timers.Add(() => _timers.Set(other, due: 150));
        other = Add("later");
        _timers.Set(first, due: 100);
        _timers.Set(other, due: 100);

        _timers.Run(100);
        _expired.ShouldBeEmpty();
        _timers.Run(150);
        _expired.ShouldBe(["later"]);
    }

    [Fact]
    public void A_timer_may_set_itself_and_make_others_as_it_expires()
    {
        nint timer = 0;
        timer = _timers.Add(() =>
        {
            _expired.Add("tick");
            _timers.Set(timer, due: 100);
            _timers.Set(Add("new"), due: 100);
        });
        _timers.Set(timer, due: 100);

        _timers.Run(100);

        _expired.ShouldBe(["tick"], "what is set meanwhile has its turn the next time");
        _timers.Run(100);
        _expired.ShouldBe(["tick", "tick", "new"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(60, 40)]
    [InlineData(99, 1)]
    [InlineData(100, 0)]
    [InlineData(500, 0)]
    public void Nobody_sleeps_longer_than_until_the_next_timer(long now, uint wait)
    {
        Add("never set");
        _timers.Set(Add("late"), due: 700);
        _timers.Set(Add("next"), due: 100);

        _timers.Wait(now, most: 1000).ShouldBe(wait);
    }

    [Fact]
    public void Nobody_sleeps_longer_than_otherwise_asked_for()
    {
        _timers.Wait(0, most: 1000).ShouldBe(1000u);
        _timers.Set(Add("late"), due: 5000);
        _timers.Wait(0, most: 1000).ShouldBe(1000u);
    }

    private nint Add(string name) => _timers.Add(() => _expired.Add(name));
}
