// The table of who misses whom: each row is its observer's own, the newer account of a row holds, and the terminated never come back.

using Akka.Cluster.Membership;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class ReachabilitySpec
{
    [Fact]
    public void A_node_is_reachable_when_nobody_misses_it()
    {
        var missed = Reachability.Empty.Unreachable(A, C).Unreachable(B, C);

        missed.IsReachable(C).ShouldBeFalse();
        missed.Reachable(A, C).IsReachable(C).ShouldBeFalse();
        missed.Reachable(A, C).IsReachable(A, C).ShouldBeTrue();
        missed.Reachable(A, C).Reachable(B, C).IsReachable(C).ShouldBeTrue();
        missed.Reachable(A, C).Reachable(B, C).IsAllReachable.ShouldBeTrue();
    }

    [Fact]
    public void The_terminated_never_come_back()
    {
        var gone = Reachability.Empty.Terminated(A, B).Reachable(A, B).Unreachable(A, B);

        gone.Status(A, B).ShouldBe(ReachabilityStatus.Terminated);
        gone.AllUnreachable.ShouldBeEmpty();
        gone.AllUnreachableOrTerminated.ShouldBe([B]);
        gone.AllUnreachableFrom(A).ShouldBeEmpty();
    }

    [Fact]
    public void Of_two_accounts_of_a_row_the_newer_holds_even_when_it_says_that_all_is_well()
    {
        var missed = Reachability.Empty.Unreachable(A, C);
        var found = missed.Reachable(A, C);
        HashSet<Akka.Cluster.UniqueAddress> all = [A, B, C];

        missed.Merge(all, found).IsReachable(C).ShouldBeTrue();
        found.Merge(all, missed).IsReachable(C).ShouldBeTrue();
        missed.Merge(all, found.Unreachable(A, B)).AllUnreachableOrTerminated.ShouldBe([B]);
    }

    [Fact]
    public void Merging_keeps_members_only()
    {
        var table = Reachability.Empty.Unreachable(A, C).Unreachable(C, B).Unreachable(A, B);

        var merged = table.Merge(new HashSet<Akka.Cluster.UniqueAddress> { A, B }, Reachability.Empty);

        merged.Records.ShouldBe([(A, B)]);
        table.Remove([C]).Records.ShouldBe([(A, B)]);
        table.RemoveObservers([A]).Records.ShouldBe([(C, B)]);
    }
}
