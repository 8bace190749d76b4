// Who cannot reach whom. Each observer keeps a row of those it finds unreachable, with a version of its own: only the observer changes it, so
// of two accounts of a row the one with the higher version holds. A node is reachable when no row names it.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

internal enum ReachabilityStatus
{
    Reachable,

    /// <summary>Heartbeats are missing; it may come back.</summary>
    Unreachable,

    /// <summary>Known to be gone for ever: quarantined, or replaced by a new incarnation.</summary>
    Terminated,
}

internal sealed class Reachability
{
    internal static readonly Reachability Empty = new(ImmutableSortedDictionary<UniqueAddress, Row>.Empty);

    private readonly Lazy<ImmutableHashSet<UniqueAddress>> _unreachable;
    private readonly Lazy<ImmutableHashSet<UniqueAddress>> _terminated;

    internal Reachability(ImmutableSortedDictionary<UniqueAddress, Row> rows)
    {
        Rows = rows;
        _unreachable = new(() => WithStatus(ReachabilityStatus.Unreachable).Except(_terminated.Value));
        _terminated = new(() => WithStatus(ReachabilityStatus.Terminated));
    }

    /// <summary>What each observer says; a row without subjects says that its observer reaches everybody again.</summary>
    internal ImmutableSortedDictionary<UniqueAddress, Row> Rows { get; }

    internal bool IsAllReachable => Rows.Values.All(row => row.Subjects.IsEmpty);

    /// <summary>The unreachable that may come back.</summary>
    internal ImmutableHashSet<UniqueAddress> AllUnreachable => _unreachable.Value;

    internal ImmutableHashSet<UniqueAddress> AllUnreachableOrTerminated => _unreachable.Value.Union(_terminated.Value);

    /// <summary>Those who find anybody unreachable.</summary>
    internal ImmutableHashSet<UniqueAddress> AllObservers => [.. Rows.Where(row => !row.Value.Subjects.IsEmpty).Select(row => row.Key)];

    /// <summary>Every pair of an observer and somebody it cannot reach.</summary>
    internal IEnumerable<(UniqueAddress Observer, UniqueAddress Subject)> Records =>
        Rows.SelectMany(row => row.Value.Subjects.Keys.Select(subject => (row.Key, subject)));

    internal Reachability Unreachable(UniqueAddress observer, UniqueAddress subject) => Change(observer, subject, ReachabilityStatus.Unreachable);

    internal Reachability Reachable(UniqueAddress observer, UniqueAddress subject) => Change(observer, subject, ReachabilityStatus.Reachable);

    internal Reachability Terminated(UniqueAddress observer, UniqueAddress subject) => Change(observer, subject, ReachabilityStatus.Terminated);

    internal ReachabilityStatus Status(UniqueAddress observer, UniqueAddress subject) =>
        Rows.TryGetValue(observer, out var row) ? row.Subjects.GetValueOrDefault(subject) : ReachabilityStatus.Reachable;

    internal bool IsReachable(UniqueAddress subject) => !_unreachable.Value.Contains(subject) && !_terminated.Value.Contains(subject);

    internal bool IsReachable(UniqueAddress observer, UniqueAddress subject) => Status(observer, subject) == ReachabilityStatus.Reachable;

    /// <summary>Those this observer misses and may find again.</summary>
    internal IEnumerable<UniqueAddress> AllUnreachableFrom(UniqueAddress observer) => Rows.TryGetValue(observer, out var row)
        ? row.Subjects.Where(subject => subject.Value == ReachabilityStatus.Unreachable).Select(subject => subject.Key)
        : [];

    /// <summary>The newer row of each observer, as far as observers and subjects are among the members.</summary>
    internal Reachability Merge(IReadOnlySet<UniqueAddress> members, Reachability that)
    {
        var rows = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, Row>();
        foreach (var observer in Rows.Keys.Union(that.Rows.Keys).Where(members.Contains))
        {
            var ours = Rows.GetValueOrDefault(observer, Row.Empty);
            var theirs = that.Rows.GetValueOrDefault(observer, Row.Empty);
            var newer = theirs.Version > ours.Version ? theirs : ours;
            rows[observer] = newer with { Subjects = newer.Subjects.RemoveRange(newer.Subjects.Keys.Where(subject => !members.Contains(subject))) };
        }

        return new Reachability(rows.ToImmutable());
    }

    /// <summary>Without these nodes, as observers and as subjects.</summary>
    internal Reachability Remove(IReadOnlyCollection<UniqueAddress> nodes) => nodes.Count == 0
        ? this
        : new Reachability(Rows.RemoveRange(nodes).ToImmutableSortedDictionary(
            row => row.Key, row => row.Value with { Subjects = row.Value.Subjects.RemoveRange(nodes) }));

    internal Reachability RemoveObservers(IReadOnlyCollection<UniqueAddress> nodes) => nodes.Count == 0 ? this : new Reachability(Rows.RemoveRange(nodes));

    /// <summary>Only the pairs that are asked for.</summary>
    internal Reachability Where(Func<UniqueAddress, UniqueAddress, bool> wanted) => new(Rows.ToImmutableSortedDictionary(
        row => row.Key, row => row.Value with { Subjects = row.Value.Subjects.RemoveRange(row.Value.Subjects.Keys.Where(subject => !wanted(row.Key, subject))) }));

    internal bool SameAs(Reachability that) => ReferenceEquals(this, that)
        || (Rows.Count == that.Rows.Count && Rows.All(row => that.Rows.TryGetValue(row.Key, out var other) && other.SameAs(row.Value)));

    public override string ToString() =>
        $"Reachability({string.Join(", ", Rows.SelectMany(row => row.Value.Subjects.Select(s => $"{row.Key.Address} -> {s.Key.Address}: {s.Value} ({row.Value.Version})")))})";

    private Reachability Change(UniqueAddress observer, UniqueAddress subject, ReachabilityStatus status)
    {
        var row = Rows.GetValueOrDefault(observer, Row.Empty);
        var before = row.Subjects.GetValueOrDefault(subject);
        if (before == status || before == ReachabilityStatus.Terminated) return this;
        var subjects = status == ReachabilityStatus.Reachable ? row.Subjects.Remove(subject) : row.Subjects.SetItem(subject, status);
        return new Reachability(Rows.SetItem(observer, new Row(row.Version + 1, subjects)));
    }

    private ImmutableHashSet<UniqueAddress> WithStatus(ReachabilityStatus status) =>
        [.. Rows.Values.SelectMany(row => row.Subjects).Where(subject => subject.Value == status).Select(subject => subject.Key)];

    /// <summary>What one observer says: how often it has changed its mind, and whom it misses.</summary>
    internal sealed record Row(long Version, ImmutableSortedDictionary<UniqueAddress, ReachabilityStatus> Subjects)
    {
        internal static readonly Row Empty = new(0, ImmutableSortedDictionary<UniqueAddress, ReachabilityStatus>.Empty);

        internal bool SameAs(Row that) => Version == that.Version && Subjects.Count == that.Subjects.Count
            && Subjects.All(subject => that.Subjects.TryGetValue(subject.Key, out var status) && status == subject.Value);
    }
}
