// The leader's book of leases to the tick: who may give one, when a promise is over, and what a new leader has to take for promised.

using Lguest.Topology.Leading;

namespace Lguest.Topology.Tests;

public sealed class LeaseBookSpec
{
    private static readonly TimeSpan _lease = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _start = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);
    private readonly LeaseBook _book = new(_lease, _start);

    [Fact]
    public void A_promise_is_good_for_a_lease_from_the_answer_to_the_tick()
    {
        var now = _start + TimeSpan.FromSeconds(10);
        _book.Answer("a", now - _tick, now, ["a"], "a").ShouldBeTrue();

        _book.PromisedUntil("a").ShouldBe(now + _lease);
    }

    [Fact]
    public void What_an_earlier_leader_may_have_promised_is_over_a_lease_after_the_beginning()
    {
        _book.UnknownUntil.ShouldBe(_start + _lease);
        _book.PromisedUntil("a").ShouldBe(_start + _lease, "nothing is known of it");
    }

    [Fact]
    public void A_promise_never_ends_before_what_an_earlier_leader_may_have_promised()
    {
        LeaseBook late = new(_lease, _start + TimeSpan.FromSeconds(1));
        late.Answer("a", _start, _start, ["a"], "a").ShouldBeTrue();

        late.PromisedUntil("a").ShouldBe(_start + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_refusal_promises_nothing()
    {
        var now = _start + TimeSpan.FromSeconds(10);
        _book.Answer("a", null, now, ["a"], "a").ShouldBeFalse();

        _book.PromisedUntil("a").ShouldBe(_book.UnknownUntil);
    }

    [Fact]
    public void A_reading_counts_as_long_as_it_is_younger_than_a_lease()
    {
        var reading = _start + TimeSpan.FromSeconds(10);
        _book.Answer("a", reading, reading + _lease - _tick, ["a"], "a").ShouldBeTrue();
        _book.Answer("a", reading, reading + _lease, ["a"], "a").ShouldBeFalse();
    }

    [Fact]
    public void A_reading_from_the_future_is_not_believed()
    {
        _book.Answer("a", _start + _tick, _start, ["a"], "a").ShouldBeFalse();
        _book.Answer("a", _start, _start, ["a"], "a").ShouldBeTrue("now itself is not the future");
    }

    [Fact]
    public void An_older_reading_does_not_replace_a_younger_one()
    {
        var now = _start + TimeSpan.FromSeconds(10);
        _book.Answer("a", now, now, ["a"], "a").ShouldBeTrue();
        _book.Answer("a", _start, now, ["a"], "a").ShouldBeTrue();
        _book.Answer("a", null, now + _lease - _tick, ["a"], "a").ShouldBeTrue();
    }

    [Fact]
    public void A_younger_reading_renews_the_right()
    {
        _book.Answer("a", _start, _start, ["a"], "a").ShouldBeTrue();
        var later = _start + TimeSpan.FromSeconds(2);
        _book.Answer("a", later, later, ["a"], "a").ShouldBeTrue();

        _book.Answer("a", null, later + _lease - _tick, ["a"], "a").ShouldBeTrue();
        _book.Answer("a", null, later + _lease, ["a"], "a").ShouldBeFalse();
    }

    [Fact]
    public void Who_is_no_member_gets_none_and_its_reading_counts_for_nobody()
    {
        _book.Answer("stranger", _start, _start, ["a", "b", "c"], "a").ShouldBeFalse();
        _book.Answer("b", _start, _start, ["a", "b", "c"], "a").ShouldBeFalse("one of three");
        _book.Answer("c", _start, _start, ["a", "b", "c"], "a").ShouldBeTrue("two of three");
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", null, false)]
    public void One_of_two_is_enough_only_if_it_has_the_lowest_address(string asks, string? lowest, bool granted) =>
        _book.Answer(asks, _start, _start, ["a", "b"], lowest).ShouldBe(granted);

    [Fact]
    public void A_node_that_comes_back_has_to_send_a_reading_of_its_own()
    {
        _book.Answer("a", _start, _start, ["a"], "a").ShouldBeTrue();
        _book.Forget("a");

        _book.Answer("a", null, _start, ["a"], "a").ShouldBeFalse();
        _book.PromisedUntil("a").ShouldBe(_start + _lease, "what was promised stays promised");
    }
}
