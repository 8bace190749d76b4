// The window to another node is bounded, opens with each acknowledgement, and does not stay shut for ever because one was lost.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Lans;

public sealed class PeerWindowSpec
{
    private readonly PeerWindow _window = new(capacity: 100, patience: 1000);

    [Fact]
    public void What_is_not_acknowledged_fills_it()
    {
        TryTake(60, 0).ShouldBeTrue();
        TryTake(40, 0).ShouldBeTrue();
        TryTake(1, 0).ShouldBeFalse();
        _window.Sequence.ShouldBe(2);

        _window.Received(1, 1);

        _window.Used.ShouldBe(40);
        TryTake(60, 1).ShouldBeTrue();
        _window.Sequence.ShouldBe(3);
    }

    [Fact]
    public void One_acknowledgement_serves_for_all_before_it()
    {
        for (int i = 0; i < 10; i++)
            TryTake(10, 0).ShouldBeTrue();

        _window.Received(10, 0);

        _window.Used.ShouldBe(0);
    }

    [Fact]
    public void A_message_larger_than_the_window_passes_when_nothing_else_is_under_way()
    {
        TryTake(500, 0).ShouldBeTrue();
        TryTake(1, 0).ShouldBeFalse();
    }

    [Fact]
    public void Lost_acknowledgements_shut_it_only_for_a_time()
    {
        TryTake(100, 0).ShouldBeTrue();
        TryTake(100, 1000).ShouldBeFalse();
        TryTake(100, 1001).ShouldBeTrue();
        TryTake(100, 1002).ShouldBeFalse();
        _window.Used.ShouldBe(100);
    }

    [Fact]
    public void An_acknowledgement_renews_the_patience()
    {
        TryTake(60, 0).ShouldBeTrue();
        TryTake(40, 0).ShouldBeTrue();
        _window.Received(1, 800);

        TryTake(61, 1800).ShouldBeFalse("something came back a thousand ago, not more");
        TryTake(61, 1801).ShouldBeTrue();
    }

    [Fact]
    public void What_acknowledges_nothing_new_renews_no_patience()
    {
        TryTake(60, 0).ShouldBeTrue();
        TryTake(40, 0).ShouldBeTrue();
        _window.Received(0, 800);

        TryTake(1, 1000).ShouldBeFalse();
        TryTake(1, 1001).ShouldBeTrue();
    }

    [Fact]
    public void Patience_counts_from_when_an_empty_window_was_filled_and_not_from_each_message()
    {
        TryTake(10, 5000).ShouldBeTrue();
        TryTake(90, 5900).ShouldBeTrue();

        TryTake(1, 6000).ShouldBeFalse();
        TryTake(1, 6001).ShouldBeTrue();
        _window.Sequence.ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Acknowledgements_that_make_no_sense_do_no_harm(long sequence)
    {
        TryTake(50, 0);
        _window.Received(sequence, 0);

        _window.Used.ShouldBeInRange(0, 50);
        TryTake(50, 0).ShouldBeTrue();
    }

    [Fact]
    public void Frames_are_counted_and_not_messages()
    {
        TryTake(10, 0, frames: 3).ShouldBeTrue();
        TryTake(10, 0, frames: 5).ShouldBeTrue();
        _window.Sequence.ShouldBe(8);

        _window.Received(7, 0);

        _window.Used.ShouldBe(10);
        _window.Acknowledged.ShouldBe(7);
    }

    [Fact]
    public void An_acknowledgement_is_asked_for_with_each_sixteenth_of_the_window()
    {
        var window = new PeerWindow(capacity: 1600, patience: 1000);
        var asked = new List<bool>();
        for (int i = 0; i < 6; i++)
        {
            asked.Add(window.Asks(40));
            window.Take(40, 1);
        }

        asked.ShouldBe([false, false, true, false, false, true]);
    }

    [Fact]
    public void The_sixteenth_counts_to_the_byte_and_anew_after_each_question()
    {
        var window = new PeerWindow(capacity: 1600, patience: 1000);
        window.Asks(99).ShouldBeFalse();
        window.Asks(100).ShouldBeTrue();
        window.Take(100, 1);
        window.Asks(99).ShouldBeFalse();
        window.Take(99, 1);
        window.Asks(1).ShouldBeTrue();
    }

    [Fact]
    public void What_was_given_up_frees_nothing_when_it_is_acknowledged_after_all()
    {
        TryTake(100, 0).ShouldBeTrue();
        TryTake(100, 1001).ShouldBeTrue();
        _window.Received(1, 1002);

        _window.Used.ShouldBe(100);
        TryTake(1, 1003).ShouldBeFalse();
    }

    private bool TryTake(int bytes, long now, int frames = 1)
    {
        if (!_window.HasRoom(bytes, now))
            return false;
        _window.Take(bytes, frames);
        return true;
    }
}
