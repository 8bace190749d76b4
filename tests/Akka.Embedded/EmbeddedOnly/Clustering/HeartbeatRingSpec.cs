// The ring of heartbeats: everybody is watched by as many as asked for, also when some are missed, and by all in a small cluster.

using Akka.Cluster;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class HeartbeatRingSpec
{
    private static readonly UniqueAddress[] _twenty = [.. Enumerable.Range(0, 20).Select(i => Nodes.Node((char)('a' + i), uid: 1000 + i))];

    [Fact]
    public void In_a_small_cluster_everybody_watches_everybody() =>
        HeartbeatRing.Of(_twenty[0], _twenty[..5], [], monitoredBy: 9).Receivers.ShouldBe(_twenty[1..5], ignoreOrder: true);

    [Fact]
    public void In_a_large_one_each_is_watched_by_as_many_as_asked_for() =>
        _twenty.SelectMany(self => HeartbeatRing.Of(self, _twenty, [], monitoredBy: 5).Receivers)
            .GroupBy(node => node).ShouldAllBe(watched => watched.Count() == 5);

    [Fact]
    public void The_missed_are_watched_but_not_counted()
    {
        var ring = HeartbeatRing.Of(_twenty[3], _twenty, [], monitoredBy: 5);
        var missed = ring.Receivers.First();

        var wider = ring.Miss(missed);

        wider.Receivers.ShouldContain(missed);
        wider.Receivers.Count.ShouldBe(6);
        wider.Find(missed).Receivers.ShouldBe(ring.Receivers, ignoreOrder: true);
        wider.Remove(missed).Receivers.Count.ShouldBe(5);
        wider.Remove(missed).Receivers.ShouldNotContain(missed);
    }

    [Fact]
    public void Nobody_watches_itself()
    {
        foreach (var self in _twenty) HeartbeatRing.Of(self, _twenty, _twenty[..10], monitoredBy: 9).Receivers.ShouldNotContain(self);
    }
}
