// The window to another node is bounded, opens with each acknowledgement, and does not stay shut for ever because one was lost.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Lans;

public sealed class PeerWindowSpec
{
    private readonly PeerWindow _window = new(capacity: 100, patience: 1000);

    [Fact]
    public void What_is_not_acknowledged_fills_it()
    {
        _window.TryTake(60, 0).ShouldBeTrue();
        _window.TryTake(40, 0).ShouldBeTrue();
        _window.TryTake(1, 0).ShouldBeFalse();
        _window.Sequence.ShouldBe(2);

        _window.Received(1, 1);

        _window.Used.ShouldBe(40);
        _window.TryTake(60, 1).ShouldBeTrue();
        _window.Sequence.ShouldBe(3);
    }

    [Fact]
    public void One_acknowledgement_serves_for_all_before_it()
    {
        for (var i = 0; i < 10; i++)
            _window.TryTake(10, 0).ShouldBeTrue();

        _window.Received(10, 0);

        _window.Used.ShouldBe(0);
    }

    [Fact]
    public void A_message_larger_than_the_window_passes_when_nothing_else_is_under_way()
    {
        _window.TryTake(500, 0).ShouldBeTrue();
        _window.TryTake(1, 0).ShouldBeFalse();
    }

    [Fact]
    public void Lost_acknowledgements_shut_it_only_for_a_time()
    {
        _window.TryTake(100, 0).ShouldBeTrue();
        _window.TryTake(100, 1000).ShouldBeFalse();
        _window.TryTake(100, 1001).ShouldBeTrue();
        _window.TryTake(100, 1002).ShouldBeFalse();
        _window.Used.ShouldBe(100);
    }

    [Fact]
    public void An_acknowledgement_renews_the_patience()
    {
        _window.TryTake(60, 0).ShouldBeTrue();
        _window.TryTake(40, 0).ShouldBeTrue();
        _window.Received(1, 800);

        _window.TryTake(61, 1800).ShouldBeFalse("something came back a thousand ago, not more");
        _window.TryTake(61, 1801).ShouldBeTrue();
    }

    [Fact]
    public void What_acknowledges_nothing_new_renews_no_patience()
    {
        _window.TryTake(60, 0).ShouldBeTrue();
        _window.TryTake(40, 0).ShouldBeTrue();
        _window.Received(0, 800);

        _window.TryTake(1, 1000).ShouldBeFalse();
        _window.TryTake(1, 1001).ShouldBeTrue();
    }

    [Fact]
    public void Patience_counts_from_when_an_empty_window_was_filled_and_not_from_each_message()
    {
        _window.TryTake(10, 5000).ShouldBeTrue();
        _window.TryTake(90, 5900).ShouldBeTrue();

        _window.TryTake(1, 6000).ShouldBeFalse();
        _window.TryTake(1, 6001).ShouldBeTrue();
        _window.Sequence.ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Acknowledgements_that_make_no_sense_do_no_harm(long sequence)
    {
        _window.TryTake(50, 0);
        _window.Received(sequence, 0);

        _window.Used.ShouldBeInRange(0, 50);
        _window.TryTake(50, 0).ShouldBeTrue();
    }
}
