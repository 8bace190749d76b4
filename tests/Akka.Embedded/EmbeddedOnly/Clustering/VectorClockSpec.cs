// Vector clocks: what comes before what, and that merging forgets nothing.

using Akka.Cluster.Membership;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class VectorClockSpec
{
    private static readonly VectorClock _one = VectorClock.Empty.Increment(A).Increment(B);

    [Fact]
    public void A_clock_that_was_counted_on_is_after_the_one_before()
    {
        _one.Increment(A).CompareTo(_one).ShouldBe(VectorClock.Ordering.After);
        _one.CompareTo(_one.Increment(C)).ShouldBe(VectorClock.Ordering.Before);
        _one.CompareTo(VectorClock.Empty.Increment(B).Increment(A)).ShouldBe(VectorClock.Ordering.Same);
    }

    [Fact]
    public void Two_that_were_counted_on_apart_are_concurrent_and_both_before_their_merge()
    {
        var left = _one.Increment(A);
        var right = _one.Increment(B);

        left.CompareTo(right).ShouldBe(VectorClock.Ordering.Concurrent);
        left.CompareTo(left.Merge(right)).ShouldBe(VectorClock.Ordering.Before);
        right.CompareTo(left.Merge(right)).ShouldBe(VectorClock.Ordering.Before);
        left.Merge(right).CompareTo(right.Merge(left)).ShouldBe(VectorClock.Ordering.Same);
    }

    [Fact]
    public void Pruning_forgets_one_node_only() =>
        _one.Prune(A).CompareTo(VectorClock.Empty.Increment(B)).ShouldBe(VectorClock.Ordering.Same);
}
