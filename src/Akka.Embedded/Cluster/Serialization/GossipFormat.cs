// Gossip in bytes, and back under the rules that hold for every gossip: members are named once, none is removed, only members sign, miss and are
// missed. What breaks a rule is refused here, so that nothing behind has to ask again.
//
// gossip  = n member* | n node* (seen) | n row* | n (node, count)* (version)
// member  = node, status byte, up number (0 for none), n role-text*
// row     = observer node, version, n (subject node, status byte)*

using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Cluster.Membership;

namespace Akka.Cluster.Serialization;

internal static class GossipFormat
{
    /// <summary>Far above any honest number and far below where counting on would run over.</summary>
    private const int HighestUpNumber = int.MaxValue / 2;

    internal static void Write(WireWriter to, Gossip gossip)
    {
        to.Count(gossip.Members.Count);
        foreach (var member in gossip.Members)
        {
            to.Node(member.UniqueAddress);
            to.Byte((byte)member.Status);
            to.Count(member.UpNumber == int.MaxValue ? 0 : member.UpNumber);
            WriteRoles(to, member.Roles);
        }

        to.Count(gossip.Seen.Count);
        foreach (var node in gossip.Seen) to.Node(node);
        to.Count(gossip.Reachability.Rows.Count);
        foreach (var (observer, row) in gossip.Reachability.Rows)
        {
            to.Node(observer);
            to.Number((ulong)row.Version);
            to.Count(row.Subjects.Count);
            foreach (var (subject, status) in row.Subjects)
            {
                to.Node(subject);
                to.Byte((byte)status);
            }
        }

        WriteVersion(to, gossip.Version);
    }

    internal static Gossip Read(ref WireReader from)
    {
        var members = Member.NoMembers.ToBuilder();
        var names = new HashSet<UniqueAddress>();
        for (var left = from.Count(smallest: 4); left > 0; left--)
        {
            var member = ReadMember(ref from);
            if (!names.Add(member.UniqueAddress) || !members.Add(member)) throw new SerializationException($"{member.UniqueAddress} is a member twice");
        }

        var seen = ImmutableHashSet.CreateBuilder<UniqueAddress>();
        for (var left = from.Count(smallest: 1); left > 0; left--)
            if (!seen.Add(Known(names, from.Node(), "has seen the gossip"))) throw new SerializationException("a member has signed twice");

        var rows = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, Reachability.Row>();
        for (var left = from.Count(smallest: 3); left > 0; left--)
        {
            var observer = Known(names, from.Node(), "observes");
            if (!rows.TryAdd(observer, ReadRow(ref from, names, observer))) throw new SerializationException($"{observer} observes twice");
        }

        return new Gossip(members.ToImmutable(), seen.ToImmutable(), new Reachability(rows.ToImmutable()), ReadVersion(ref from));
    }

    internal static void WriteRoles(WireWriter to, ImmutableHashSet<string> roles)
    {
        to.Count(roles.Count);
        foreach (var role in roles) to.Text(role);
    }

    internal static ImmutableHashSet<string> ReadRoles(ref WireReader from)
    {
        var roles = ImmutableHashSet.CreateBuilder<string>();
        for (var left = from.Count(smallest: 1); left > 0; left--)
            if (!roles.Add(from.Text())) throw new SerializationException("a role is named twice");
        return roles.ToImmutable();
    }

    internal static void WriteVersion(WireWriter to, VectorClock version)
    {
        to.Count(version.Versions.Count);
        foreach (var (node, count) in version.Versions)
        {
            to.Node(node);
            to.Number((ulong)count);
        }
    }

    internal static VectorClock ReadVersion(ref WireReader from)
    {
        var versions = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, long>();
        for (var left = from.Count(smallest: 2); left > 0; left--)
        {
            var node = from.Node();
            if (!versions.TryAdd(node, Positive(ref from))) throw new SerializationException($"{node} counts twice");
        }

        return new VectorClock(versions.ToImmutable());
    }

    private static Member ReadMember(ref WireReader from)
    {
        var node = from.Node();
        var status = (MemberStatus)from.Byte();
        if (!Enum.IsDefined(status) || status == MemberStatus.Removed) throw new SerializationException($"{node} has status {status}");
        var upNumber = from.Int();
        if (upNumber > HighestUpNumber) throw new SerializationException($"{node} has come up as number {upNumber}");
        var roles = ReadRoles(ref from);
        return new Member(node, upNumber == 0 ? int.MaxValue : upNumber, status, roles);
    }

    private static Reachability.Row ReadRow(ref WireReader from, HashSet<UniqueAddress> names, UniqueAddress observer)
    {
        var version = Positive(ref from);
        var subjects = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, ReachabilityStatus>();
        for (var left = from.Count(smallest: 2); left > 0; left--)
        {
            var subject = Known(names, from.Node(), "is observed");
            var status = (ReachabilityStatus)from.Byte();
            if (status is not (ReachabilityStatus.Unreachable or ReachabilityStatus.Terminated) || subject.Equals(observer) || !subjects.TryAdd(subject, status))
                throw new SerializationException($"{observer} cannot say that {subject} is {status}");
        }

        return new Reachability.Row(version, subjects.ToImmutable());
    }

    private static long Positive(ref WireReader from)
    {
        var count = from.Number();
        // Half the range: a count that could run over by being counted on is nobody's honest count.
        return count is > 0 and <= long.MaxValue / 2 ? (long)count : throw new SerializationException($"{count} is no version");
    }

    private static UniqueAddress Known(HashSet<UniqueAddress> names, UniqueAddress node, string what) =>
        names.Contains(node) ? node : throw new SerializationException($"{node} {what} and is no member");
}
