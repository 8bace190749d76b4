// A stream that changes from remoting to a trunk must not overtake itself, and must not wait for ever for a word that was lost.

using Lguest.Net.Lans;
using static Lguest.Net.Lans.PeerWay.Choice;

namespace Lguest.Net.Tests.Lans;

public sealed class PeerWaySpec
{
    private readonly PeerWay _way = new(patience: 1000);

    [Fact]
    public void Without_a_trunk_remoting_carries_everything() => _way.Choose(hasTrunk: false, received: 0, now: 0).ShouldBe(Remoting);

    [Fact]
    public void With_a_trunk_from_the_beginning_nothing_waits() => _way.Choose(hasTrunk: true, received: 0, now: 0).ShouldBe(Trunk);

    [Fact]
    public void What_went_by_remoting_is_waited_for()
    {
        _way.SentByRemoting(7, now: 0);

        _way.Choose(hasTrunk: true, received: 6, now: 10).ShouldBe(Hold);
        _way.Choose(hasTrunk: true, received: 7, now: 20).ShouldBe(Trunk);
    }

    [Fact]
    public void But_not_for_ever()
    {
        _way.SentByRemoting(7, now: 0);

        _way.Choose(hasTrunk: true, received: 0, now: 1000).ShouldBe(Hold);
        _way.Choose(hasTrunk: true, received: 0, now: 1001).ShouldBe(Trunk);
    }

    [Fact]
    public void Patience_counts_from_when_they_went()
    {
        _way.SentByRemoting(7, now: 5000);

        _way.Choose(hasTrunk: true, received: 0, now: 6000).ShouldBe(Hold);
        _way.Choose(hasTrunk: true, received: 0, now: 6001).ShouldBe(Trunk);
    }

    [Fact]
    public void A_trunk_that_breaks_makes_way_at_once_and_the_next_one_waits_again()
    {
        _way.Choose(hasTrunk: true, received: 0, now: 0).ShouldBe(Trunk);
        _way.Choose(hasTrunk: false, received: 0, now: 1).ShouldBe(Remoting);
        _way.SentByRemoting(9, now: 1);

        _way.Choose(hasTrunk: true, received: 8, now: 2).ShouldBe(Hold);
        _way.Choose(hasTrunk: false, received: 8, now: 3).ShouldBe(Remoting);
    }
}
