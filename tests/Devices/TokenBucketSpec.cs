// A limit in bytes per second is kept on average, whatever the size of the portions.


namespace Lguest.Devices.Tests;

public sealed class TokenBucketSpec
{
    [Theory]
    [InlineData(1_000_000, 4096)]
    [InlineData(5_000_000, 500_000)]
    [InlineData(100_000, 512)]
    public void Whoever_rests_as_told_moves_as_much_as_allowed(long rate, int portion)
    {
        var bucket = new TokenBucket(rate);
        var start = TimeSpan.FromSeconds(100);
        var now = start;
        long moved = 0;

        while (now < start + TimeSpan.FromSeconds(20))
        {
            moved += portion;
            now += bucket.Spend(portion, now) + TimeSpan.FromTicks(10);
        }

        (moved / (now - start).TotalSeconds).ShouldBeInRange(rate * 0.95, rate * 1.05);
    }

    [Fact]
    public void A_long_pause_is_no_treasure()
    {
        var bucket = new TokenBucket(1_000_000);
        bucket.Spend(1, TimeSpan.FromSeconds(1));

        bucket.Spend(1_000_000, TimeSpan.FromHours(1)).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9));
    }
}
