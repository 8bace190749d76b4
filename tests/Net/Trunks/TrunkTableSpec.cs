// Of two nodes one calls the other, once; what fails is tried again after a pause, and an answer that comes too late is no answer.

using Lguest.Net.Trunks;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkTableSpec
{
    private static readonly TrunkPace _pace = new(
        Handshake: Seconds(5), RetryFirst: Seconds(1), RetryLongest: Seconds(4), Pulse: Seconds(1), Silence: Seconds(5));

    private readonly TrunkTable _table = new("b", _pace);

    [Fact]
    public void The_node_whose_address_comes_first_calls_and_the_other_may_be_asked()
    {
        _table.SetPeers(["a", "b", "c"], Seconds(0)).ShouldBeEmpty();

        _table.Advance(Seconds(0)).ShouldBe([("c", 1)]);
        _table.MayAsk("a").ShouldBeTrue();
        _table.MayAsk("c").ShouldBeFalse();
        _table.MayAsk("b").ShouldBeFalse();
        _table.MayAsk("stranger").ShouldBeFalse();
    }

    [Fact]
    public void A_trunk_that_stands_is_left_alone_until_it_is_lost()
    {
        Opens("c", at: 0);
        _table.NextDue.ShouldBeNull();
        _table.Advance(Seconds(100)).ShouldBeEmpty();

        _table.Lost("c", Seconds(100));

        _table.Advance(Seconds(100.5)).ShouldBeEmpty();
        _table.NextDue.ShouldBe(Seconds(101));
        _table.Advance(Seconds(101)).ShouldBe([("c", 2)]);
    }

    [Fact]
    public void A_question_without_an_answer_is_asked_again_after_longer_and_longer_pauses()
    {
        _table.SetPeers(["c"], Seconds(0));
        var asked = new List<double>();
        for (double now = 0.0; now < 30; now += 0.5)
            asked.AddRange(_table.Advance(Seconds(now)).Select(_ => now));

        asked.ShouldBe([0, 1, 3, 7, 11, 15, 19, 23, 27]);
    }

    [Fact]
    public void An_answer_to_an_older_question_or_to_none_is_not_heard()
    {
        _table.Offered("c", 0, Seconds(0)).ShouldBeFalse();
        _table.SetPeers(["c"], Seconds(0));
        _table.Offered("c", 0, Seconds(0)).ShouldBeFalse();
        _table.Advance(Seconds(0));

        _table.Offered("c", 2, Seconds(1)).ShouldBeFalse();
        _table.Offered("c", 1, Seconds(1)).ShouldBeTrue();
        _table.Offered("c", 1, Seconds(1)).ShouldBeFalse("it is being called");
        _table.Answered("c", 2, Seconds(1)).ShouldBeFalse();
        _table.Answered("c", 1, Seconds(1)).ShouldBeTrue();
    }

    [Fact]
    public void A_call_that_fails_or_takes_too_long_is_given_up()
    {
        _table.SetPeers(["c"], Seconds(0));
        _table.Advance(Seconds(0));
        _table.Offered("c", 1, Seconds(0));
        _table.Failed("c", 7, Seconds(0));
        _table.Failed("c", 1, Seconds(0));
        _table.Answered("c", 1, Seconds(0)).ShouldBeFalse();

        _table.Advance(Seconds(1)).ShouldBe([("c", 2)]);
        _table.Offered("c", 2, Seconds(1));
        _table.Advance(Seconds(6)).ShouldBeEmpty();
        _table.Answered("c", 2, Seconds(6)).ShouldBeFalse("it was given up");
        _table.Advance(Seconds(8)).ShouldBe([("c", 3)]);
    }

    [Fact]
    public void A_failure_of_another_attempt_or_after_the_answer_ends_nothing()
    {
        _table.SetPeers(["c"], Seconds(0));
        _table.Advance(Seconds(0));
        _table.Failed("c", 1, Seconds(0));
        _table.Offered("c", 1, Seconds(0)).ShouldBeTrue("it was asked, and nobody was called yet");
        _table.Failed("c", 7, Seconds(0));
        _table.Failed("d", 1, Seconds(0));
        _table.Answered("c", 1, Seconds(0)).ShouldBeTrue();

        _table.Failed("c", 1, Seconds(1));

        _table.NextDue.ShouldBeNull("the trunk stands");
        _table.Advance(Seconds(100)).ShouldBeEmpty();
    }

    [Fact]
    public void Of_several_nodes_the_first_that_is_due_counts()
    {
        _table.SetPeers(["c"], Seconds(100));
        _table.SetPeers(["c", "d", "e"], Seconds(200));
        _table.NextDue.ShouldBe(Seconds(100));
        _table.Advance(Seconds(100)).ShouldBe([("c", 1)]);
        _table.NextDue.ShouldBe(Seconds(101));
    }

    [Fact]
    public void Who_is_gone_is_named_and_forgotten()
    {
        Opens("c", at: 0);

        _table.SetPeers(["d"], Seconds(1)).ShouldBe(["c"]);

        _table.Lost("c", Seconds(1));
        _table.Advance(Seconds(1)).ShouldBe([("d", 1)]);
        _table.Advance(Seconds(2)).ShouldBe([("d", 2)], "c is not asked any more");
    }

    [Fact]
    public void Something_is_due_from_when_a_node_is_there_that_this_one_calls()
    {
        _table.SetPeers(["a"], Seconds(100));
        _table.NextDue.ShouldBeNull("the other one calls");
        _table.SetPeers(["a", "c"], Seconds(100));
        _table.NextDue.ShouldBe(Seconds(100));
        _table.SetPeers(["c"], Seconds(200));
        _table.NextDue.ShouldBe(Seconds(100), "nothing is new of it");
    }

    [Fact]
    public void A_call_has_the_time_of_a_handshake_and_after_it_questions_are_frequent_again()
    {
        _table.SetPeers(["c"], Seconds(0));
        foreach (double now in (double[])[0, 1, 3])
            _table.Advance(Seconds(now)).Count.ShouldBe(1);
        _table.Offered("c", 3, Seconds(3.5)).ShouldBeTrue();
        _table.NextDue.ShouldBe(Seconds(8.5));
        _table.Advance(Seconds(8)).ShouldBeEmpty();
        _table.Advance(Seconds(8.5)).ShouldBeEmpty("it is given up now");

        _table.Advance(Seconds(9.5)).ShouldBe([("c", 4)]);
        _table.NextDue.ShouldBe(Seconds(10.5));
    }

    [Fact]
    public void A_trunk_that_stood_for_a_moment_only_does_not_shorten_the_pauses()
    {
        Opens("c", at: 100);
        _table.Lost("c", Seconds(101));
        _table.NextDue.ShouldBe(Seconds(102));
        Opens("c", at: 102);
        _table.Lost("c", Seconds(106));
        _table.NextDue.ShouldBe(Seconds(108));
        Opens("c", at: 108);
        _table.Lost("c", Seconds(113));
        _table.NextDue.ShouldBe(Seconds(114), "it stood for longer than the longest pause");
    }

    private void Opens(string node, double at)
    {
        _table.SetPeers([node], Seconds(at));
        long attempt = _table.Advance(Seconds(at)).ShouldHaveSingleItem().Attempt;
        _table.Offered(node, attempt, Seconds(at)).ShouldBeTrue();
        _table.Answered(node, attempt, Seconds(at)).ShouldBeTrue();
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
