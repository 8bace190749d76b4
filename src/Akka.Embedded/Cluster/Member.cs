// One node as the cluster knows it: who it is, how far along, what it is for, and when it came up. Two members are equal when they are the
// same node, whatever their status: sets of members hold each node once.

using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

public class Member : IComparable<Member>, IComparable
{
    /// <summary>By host and port: how leaders and the survivors of an even split are found.</summary>
    public static readonly IComparer<Address> AddressOrdering = Comparer<Address>.Create(CompareAddresses);

    /// <summary>Oldest first: the member that came up first.</summary>
    public static readonly IComparer<Member> AgeOrdering = Comparer<Member>.Create(CompareAges);

    internal static readonly IComparer<Member> Ordering = Comparer<Member>.Create(CompareMembers);

    /// <summary>Who leads when nobody is up or leaving yet: those nearest to it first, the dying last.</summary>
    internal static readonly IComparer<Member> LeaderStatusOrdering = Comparer<Member>.Create(CompareForLeading);

    internal static readonly ImmutableSortedSet<Member> NoMembers = ImmutableSortedSet.Create(Ordering);

    internal Member(UniqueAddress uniqueAddress, int upNumber, MemberStatus status, ImmutableHashSet<string> roles)
    {
        UniqueAddress = uniqueAddress;
        UpNumber = upNumber;
        Status = status;
        Roles = roles;
    }

    public UniqueAddress UniqueAddress { get; }
    public Address Address => UniqueAddress.Address;
    public MemberStatus Status { get; }
    public ImmutableHashSet<string> Roles { get; }

    /// <summary>The place in the order of coming up; <see cref="int.MaxValue"/> before that.</summary>
    internal int UpNumber { get; }

    public bool HasRole(string role) => Roles.Contains(role);

    public bool IsOlderThan(Member other) =>
        UpNumber == other.UpNumber ? AddressOrdering.Compare(Address, other.Address) < 0 : UpNumber < other.UpNumber;

    /// <summary>The same member a station further; throws <see cref="InvalidOperationException"/> when no way leads there.</summary>
    public Member Copy(MemberStatus status)
    {
        if (status == Status) return this;
        if (!Status.MayBecome(status)) throw new InvalidOperationException($"Invalid member status transition {Status} -> {status}");
        return new Member(UniqueAddress, UpNumber, status, Roles);
    }

    public Member CopyUp(int upNumber) => new Member(UniqueAddress, upNumber, Status, Roles).Copy(MemberStatus.Up);

    public int CompareTo(Member other) => Ordering.Compare(this, other);

    int IComparable.CompareTo(object obj) => obj is Member member
        ? CompareTo(member)
        : throw new ArgumentException($"Cannot compare {nameof(Member)} to an instance of type '{obj?.GetType().FullName ?? "null"}'", nameof(obj));

    public override bool Equals(object obj) => obj is Member other && UniqueAddress.Equals(other.UniqueAddress);
    public override int GetHashCode() => UniqueAddress.GetHashCode();

    public override string ToString() =>
        $"Member(address = {Address}, Uid={UniqueAddress.Uid} status = {Status}, role=[{string.Join(",", Roles)}], upNumber={UpNumber})";

    /// <summary>A node that wants to join.</summary>
    internal static Member Create(UniqueAddress node, ImmutableHashSet<string> roles) => new(node, int.MaxValue, MemberStatus.Joining, roles);

    /// <summary>Stands for a node that is no member.</summary>
    internal static Member Removed(UniqueAddress node) => new(node, int.MaxValue, MemberStatus.Removed, []);

    /// <summary>Of two accounts of one member the one that is further along; of equals the older.</summary>
    internal static Member FurtherAlong(Member one, Member other)
    {
        var difference = one.Status.Rank() - other.Status.Rank();
        if (difference == 0) return other.IsOlderThan(one) ? other : one;
        return difference > 0 ? one : other;
    }

    private static int CompareAddresses(Address one, Address other)
    {
        var result = string.CompareOrdinal(one.Host ?? "", other.Host ?? "");
        return result == 0 ? Nullable.Compare(one.Port, other.Port) : result;
    }

    private static int CompareAges(Member one, Member other) => one.Equals(other) ? 0 : one.IsOlderThan(other) ? -1 : 1;

    private static int CompareMembers(Member one, Member other)
    {
        var result = CompareAddresses(one.Address, other.Address);
        return result == 0 ? one.UniqueAddress.Uid.CompareTo(other.UniqueAddress.Uid) : result;
    }

    private static int CompareForLeading(Member one, Member other)
    {
        var result = Reluctance(one.Status) - Reluctance(other.Status);
        return result == 0 ? CompareMembers(one, other) : result;
    }

    private static int Reluctance(MemberStatus status) => status switch
    {
        MemberStatus.WeaklyUp => 1,
        MemberStatus.Joining => 2,
        MemberStatus.Exiting => 3,
        MemberStatus.Down => 4,
        _ => 0,
    };
}
