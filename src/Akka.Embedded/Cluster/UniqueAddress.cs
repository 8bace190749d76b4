// A node is more than its address: one that is restarted comes back at the same address and is another node. The uid, drawn at random when
// a system starts, tells them apart.

using Akka.Actor;

namespace Akka.Cluster;

/// <summary>An address and the uid of the system that lived there when the member joined.</summary>
public class UniqueAddress : IComparable<UniqueAddress>, IEquatable<UniqueAddress>, IComparable
{
    public UniqueAddress(Address address, int uid)
    {
        Address = address;
        Uid = uid;
    }

    public Address Address { get; }
    public int Uid { get; }

    public bool Equals(UniqueAddress other) => other is not null && (ReferenceEquals(this, other) || (Uid == other.Uid && Address.Equals(other.Address)));

    public override bool Equals(object obj) => Equals(obj as UniqueAddress);
    public override int GetHashCode() => Uid;

    public int CompareTo(UniqueAddress uniqueAddress)
    {
        ArgumentNullException.ThrowIfNull(uniqueAddress);
        var result = Address.CompareTo(uniqueAddress.Address);
        return result == 0 ? Uid.CompareTo(uniqueAddress.Uid) : result;
    }

    int IComparable.CompareTo(object obj) => obj is UniqueAddress other
        ? CompareTo(other)
        : throw new ArgumentException($"Cannot compare {nameof(UniqueAddress)} with instance of type '{obj?.GetType().FullName ?? "null"}'.", nameof(obj));

    public override string ToString() => $"UniqueAddress: ({Address}, {Uid})";

    public static bool operator ==(UniqueAddress left, UniqueAddress right) => Equals(left, right);
    public static bool operator !=(UniqueAddress left, UniqueAddress right) => !Equals(left, right);
}
