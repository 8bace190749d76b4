// Remoting takes messages up to a size that a user may choose: a batch beyond it becomes several, in order, with every frame that fits.

using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Frames;

public sealed class FrameSplitSpec
{
    [Fact]
    public void A_batch_that_fits_is_not_copied()
    {
        var batch = Ether.Batch(1, 2, 3);

        FrameSplit.Into(batch, batch.RecordBytes, out int tooLong).ShouldHaveSingleItem().ShouldBeSameAs(batch);

        tooLong.ShouldBe(0);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1_000)]
    [InlineData(32_000)]
    public void What_does_not_fit_is_cut_between_frames(int most)
    {
        var batch = Ether.Batch(Enumerable.Range(0, 40).Select(i => Ether.Bytes(1, 2, i, length: 60 + (i % 5 * 20))));

        var parts = FrameSplit.Into(batch, most, out int tooLong);

        parts.ShouldAllBe(part => part.RecordBytes <= most);
        parts.SelectMany(Ether.Numbers).ShouldBe(Enumerable.Range(0, 40));
        tooLong.ShouldBe(0);
        parts.Count.ShouldBeGreaterThanOrEqualTo(batch.RecordBytes / most);
    }

    [Theory]
    [InlineData(0, 2, 2, 1)] // two fit exactly
    [InlineData(-1, 1, 1, 1, 1, 1)]
    [InlineData(1, 2, 2, 1)]
    public void Each_part_has_as_many_frames_as_fit(int more, params int[] counts)
    {
        var batch = Ether.Batch(Enumerable.Range(0, 5).Select(i => Ether.Bytes(1, 2, i, length: 100)));

        var parts = FrameSplit.Into(batch, (2 * (FrameBatch.RecordHeader + 100)) + more, out _);

        parts.Select(part => part.Count).ShouldBe(counts);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 1)]
    public void A_frame_may_be_as_long_as_a_message(int more, int left)
    {
        var batch = Ether.Batch(Ether.Bytes(1, 2, 1), Ether.Bytes(1, 2, 2, length: 5000));

        var parts = FrameSplit.Into(batch, FrameBatch.RecordHeader + 5000 + more, out int tooLong);

        tooLong.ShouldBe(left);
        parts.SelectMany(Ether.Numbers).ShouldBe(left == 0 ? [1, 2] : [1]);
    }

    [Fact]
    public void A_frame_that_is_too_long_by_itself_is_left_out_and_counted()
    {
        var batch = Ether.Batch(Ether.Bytes(1, 2, 1), Ether.Bytes(1, 2, 2, length: 5000), Ether.Bytes(1, 2, 3));

        var parts = FrameSplit.Into(batch, 1000, out int tooLong);

        parts.SelectMany(Ether.Numbers).ShouldBe([1, 3]);
        tooLong.ShouldBe(1);
    }
}
