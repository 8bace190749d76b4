// Two ways lead from one node to another, and one may overtake the other: no frame may come twice, none out of order, and what never came
// is counted.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Lans;

public sealed class PeerStreamSpec
{
    private readonly PeerStream _stream = new();
    private long _lost;

    [Fact]
    public void What_comes_in_order_is_taken_and_nothing_is_lost()
    {
        Accepts(1, last: 3, count: 3).ShouldBeTrue();
        Accepts(1, last: 4, count: 1).ShouldBeTrue();
        _lost.ShouldBe(0);
        _stream.Last.ShouldBe(4);
    }

    [Fact]
    public void What_was_overtaken_is_counted_as_lost_once_and_dropped_when_it_comes_after_all()
    {
        Accepts(1, last: 10, count: 10).ShouldBeTrue();
        Accepts(1, last: 30, count: 10).ShouldBeTrue();
        _lost.ShouldBe(10);

        Accepts(1, last: 20, count: 10).ShouldBeFalse();
        Accepts(1, last: 30, count: 10).ShouldBeFalse();
        Accepts(1, last: 31, count: 2).ShouldBeFalse("its first frame has been heard");
        Accepts(1, last: 31, count: 1).ShouldBeTrue();
        _lost.ShouldBe(10);
    }

    [Fact]
    public void A_new_stream_begins_anew_and_the_old_one_is_over()
    {
        Accepts(1, last: 1000, count: 1).ShouldBeTrue();
        _lost = 0;

        Accepts(2, last: 1, count: 1).ShouldBeTrue();
        Accepts(1, last: 1001, count: 1).ShouldBeFalse();

        _lost.ShouldBe(0);
        _stream.Number.ShouldBe(2);
    }

    [Theory]
    [InlineData(1, 0L, 1)]
    [InlineData(1, -5L, 1)]
    [InlineData(1, long.MinValue + 10, 1)]
    [InlineData(-1, 5L, 1)]
    [InlineData(1, 3L, 4)]
    public void Numbers_that_make_no_sense_change_nothing(int stream, long last, int count)
    {
        Accepts(stream, last, count).ShouldBeFalse();

        _stream.Last.ShouldBe(0);
        _lost.ShouldBe(0);
    }

    private bool Accepts(int stream, long last, int count)
    {
        bool accepted = _stream.TryAccept(stream, last, count, out long lost);
        _lost += lost;
        return accepted;
    }
}
