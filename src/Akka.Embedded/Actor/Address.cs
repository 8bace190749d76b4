// An actor system's place: how remoting names a system on the network, and how a purely local one names itself.

using System.Globalization;

namespace Akka.Actor;

/// <summary>Protocol, system name and, for systems reachable from outside, host and port. Local systems read <c>akka://name</c>.</summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, ICloneable
{
    /// <summary>Stands for every system at once; used by the next layers as a wildcard, never as a destination.</summary>
    public static readonly Address AllSystems = new("akka", "all-systems");

    private string _text;

    public Address(string protocol, string system, string host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
    }

    public string Protocol { get; }
    public string System { get; }
    public string Host { get; }
    public int? Port { get; }

    /// <summary>True when only this process can mean anything by the address.</summary>
    public bool HasLocalScope => string.IsNullOrEmpty(Host);

    public bool HasGlobalScope => !HasLocalScope;

    /// <summary>Reads <c>protocol://system[@host:port]</c>; throws <see cref="UriFormatException"/> when the text is something else.</summary>
    public static Address Parse(string remoteAddress) =>
        ActorPath.TryParseAddress(remoteAddress, anyProtocol: true, out var address, out _) ? address : throw new UriFormatException($"Cannot parse address [{remoteAddress}]");

    public static bool TryParse(string remoteAddress, out Address address) => ActorPath.TryParseAddress(remoteAddress, out address);

    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);
    public Address WithSystem(string system) => new(Protocol, system, Host, Port);
    public Address WithHost(string host = null) => new(Protocol, System, host, Port);
    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    /// <summary>The address without its protocol: <c>system[@host:port]</c>.</summary>
    public string HostPort() => ToString()[(Protocol.Length + 3)..];

    public object Clone() => new Address(Protocol, System, Host, Port);

    public bool Equals(Address other) =>
        ReferenceEquals(this, other)
        || (other is not null && Port == other.Port && Host == other.Host && System == other.System && Protocol == other.Protocol);

    public override bool Equals(object obj) => Equals(obj as Address);
    public override int GetHashCode() => HashCode.Combine(Protocol, System, Host, Port);

    public int CompareTo(Address other)
    {
        if (other is null) return 1;
        var result = string.CompareOrdinal(Protocol, other.Protocol);
        if (result == 0) result = string.CompareOrdinal(System, other.System);
        if (result == 0) result = string.CompareOrdinal(Host ?? "", other.Host ?? "");
        return result == 0 ? (Port ?? 0).CompareTo(other.Port ?? 0) : result;
    }

    public override string ToString()
    {
        if (_text is null)
        {
            var text = $"{Protocol}://{System}";
            if (!HasLocalScope)
                text += Port is { } port ? $"@{Host}:{port.ToString(CultureInfo.InvariantCulture)}" : $"@{Host}";
            _text = text;
        }

        return _text;
    }

    public static bool operator ==(Address left, Address right) => Equals(left, right);
    public static bool operator !=(Address left, Address right) => !Equals(left, right);
}
