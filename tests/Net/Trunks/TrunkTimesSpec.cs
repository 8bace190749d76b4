// Who may come in, how much may wait, and how long until the next attempt: the small accounts of a trunk.

using Lguest.Net.Trunks;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkTimesSpec
{
    private static readonly byte[] _call = [.. Enumerable.Repeat((byte)1, TrunkFormat.TokenBytes)];
    private static readonly byte[] _answer = [.. Enumerable.Repeat((byte)2, TrunkFormat.TokenBytes)];

    [Fact]
    public void A_token_opens_one_connection_for_the_node_that_it_was_made_for()
    {
        var tokens = new TrunkTokens(Seconds(5));
        tokens.Issue("a", _call, _answer, Seconds(0));

        tokens.Redeem("b", _call, Seconds(1)).ShouldBeNull();
        tokens.Redeem("a", _answer, Seconds(1)).ShouldBeNull("a wrong one does not use up the right one");
        tokens.Redeem("a", _call.AsSpan(1), Seconds(1)).ShouldBeNull();
        tokens.Redeem("a", _call, Seconds(1)).ShouldBe(_answer);
        tokens.Redeem("a", _call, Seconds(1)).ShouldBeNull("it is used");
    }

    [Fact]
    public void A_token_is_good_for_a_while_and_until_the_next_one()
    {
        var tokens = new TrunkTokens(Seconds(5));
        tokens.Issue("a", _call, _answer, Seconds(0));
        tokens.Redeem("a", _call, Seconds(5.001)).ShouldBeNull();
        tokens.Redeem("a", _call, Seconds(5)).ShouldBe(_answer);

        tokens.Issue("a", _call, _answer, Seconds(10));
        tokens.Issue("a", _answer, _call, Seconds(10));
        tokens.Redeem("a", _call, Seconds(11)).ShouldBeNull();
        tokens.Redeem("a", _answer, Seconds(11)).ShouldBe(_call);

        tokens.Issue("a", _call, _answer, Seconds(20));
        tokens.Forget("a");
        tokens.Redeem("a", _call, Seconds(20)).ShouldBeNull();
    }

    [Fact]
    public void What_waits_is_bounded_and_what_finds_no_room_is_counted()
    {
        var queue = new TrunkQueue(100);
        queue.TryTake(500).ShouldBeTrue("one passes when nothing waits");
        queue.TryTake(1).ShouldBeFalse();
        queue.Give(450);
        queue.TryTake(50).ShouldBeTrue();
        queue.TryTake(1).ShouldBeFalse();

        (queue.Used, queue.Messages, queue.Bytes, queue.Dropped).ShouldBe((100, 2, 550, 2));
    }

    [Fact]
    public void Pauses_double_up_to_the_longest_and_begin_anew_when_a_trunk_has_lasted()
    {
        var backoff = new TrunkBackoff(Seconds(1), Seconds(5));

        Enumerable.Range(0, 6).Select(_ => backoff.Failed(TimeSpan.Zero).TotalSeconds).ShouldBe([1, 2, 4, 5, 5, 5]);
        backoff.Failed(Seconds(5)).ShouldBe(Seconds(5));
        backoff.Failed(Seconds(6)).ShouldBe(Seconds(1));
        backoff.Failed(TimeSpan.Zero).ShouldBe(Seconds(2));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
