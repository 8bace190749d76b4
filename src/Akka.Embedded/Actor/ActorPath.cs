// Where an actor stands in its system's tree. A path outlives the actor that stood there; the uid tells incarnations apart.

using System.Globalization;
using System.Text;

namespace Akka.Actor;

/// <summary>
/// A node of the tree <c>akka://system/user/parent/child</c>. Equality looks at address and names only; two incarnations of a name are equal paths
/// but unequal references.
/// </summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>What an element may contain beside ASCII letters, digits and %XX escapes.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private string _text;
    private IReadOnlyList<string> _elements;

    protected ActorPath(Address address, string name)
    {
        Address = address;
        Parent = null;
        Name = name;
        Depth = 0;
    }

    protected ActorPath(ActorPath parentPath, string name, long uid)
    {
        Parent = parentPath;
        Address = parentPath.Address;
        Name = name;
        Uid = uid;
        Depth = parentPath.Depth + 1;
    }

    public Address Address { get; }
    public ActorPath Parent { get; }
    public string Name { get; }
    public long Uid { get; }
    public int Depth { get; }
    public ActorPath Root => ParentOf(0);

    /// <summary>The names from the root down, the root's own empty name left out.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            if (_elements is null)
            {
                var names = new string[Depth];
                for (var path = this; path.Depth > 0; path = path.Parent) names[path.Depth - 1] = path.Name;
                _elements = names;
            }

            return _elements;
        }
    }

    /// <summary>As <see cref="Elements"/>, the last with its "#uid" where there is one.</summary>
    public IReadOnlyList<string> ElementsWithUid =>
        Uid == 0 || Depth == 0 ? Elements : [.. Elements.Take(Depth - 1), $"{Name}#{Uid.ToString(CultureInfo.InvariantCulture)}"];

    /// <summary>The ancestor at an absolute depth, or (negative) so many steps up; 0 is the root.</summary>
    public ActorPath ParentOf(int depth)
    {
        var target = depth >= 0 ? depth : Math.Max(0, Depth + depth);
        var path = this;
        while (path.Depth > target) path = path.Parent;
        return path;
    }

    public ActorPath Child(string childName) => this / childName;

    public ActorPath WithUid(long uid) => uid == Uid || Depth == 0 ? this : new ChildActorPath(Parent, Name, uid);

    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$') return false;
        for (var i = 0; i < s.Length; i++)
        {
            var c = s[i];
            if (char.IsAsciiLetterOrDigit(c) || ValidSymbols.Contains(c, StringComparison.Ordinal)) continue;
            if (c == '%' && i + 2 < s.Length && char.IsAsciiHexDigit(s[i + 1]) && char.IsAsciiHexDigit(s[i + 2])) i += 2;
            else return false;
        }

        return true;
    }

    public static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join("/", pathElements);

    public static ActorPath Parse(string path) =>
        TryParse(path, out var result) ? result : throw new UriFormatException($"Can not parse an ActorPath: {path}");

    public static bool TryParse(string path, out ActorPath actorPath)
    {
        actorPath = null;
        if (!TryParseAddress(path, anyProtocol: false, out var address, out var rest)) return false;
        return TryParse(new RootActorPath(address), rest, out actorPath);
    }

    /// <summary>Walks a relative text such as <c>/user/a#12</c> down from a base.</summary>
    public static bool TryParse(ActorPath basePath, string absoluteUri, out ActorPath actorPath)
    {
        var uid = 0L;
        var hash = absoluteUri.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0)
        {
            if (!long.TryParse(absoluteUri.AsSpan(hash + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out uid))
            {
                actorPath = null;
                return false;
            }

            absoluteUri = absoluteUri[..hash];
        }

        actorPath = basePath;
        foreach (var name in absoluteUri.Split('/', StringSplitOptions.RemoveEmptyEntries)) actorPath /= name;
        actorPath = actorPath.WithUid(uid);
        return true;
    }

    public static bool TryParseAddress(string path, out Address address) => TryParseAddress(path, anyProtocol: false, out address, out _);

    internal static bool TryParseAddress(string path, bool anyProtocol, out Address address, out string rest)
    {
        address = null;
        rest = "";
        if (path is null) return false;
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0) return false;
        var protocol = path[..scheme];
        if (!anyProtocol && !protocol.StartsWith("akka", StringComparison.OrdinalIgnoreCase)) return false;
        var authority = path[(scheme + 3)..];
        var slash = authority.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            rest = authority[slash..];
            authority = authority[..slash];
        }

        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            if (authority.Length == 0) return false;
            address = new Address(protocol, authority);
            return true;
        }

        var colon = authority.LastIndexOf(':');
        if (colon < at || authority.EndsWith(']')) return false;
        if (!ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        address = new Address(protocol, authority[..at], authority[(at + 1)..colon], port);
        return true;
    }

    public string ToStringWithoutAddress() => Depth == 0 ? "/" : FormatPathElements(Elements);

    public override string ToString() => _text ??= Address + ToStringWithoutAddress();

    public string ToStringWithUid() => Uid == 0 ? ToString() : $"{ToString()}#{Uid.ToString(CultureInfo.InvariantCulture)}";

    public string ToStringWithAddress() => ToString();

    /// <summary>The text with the given address standing in for a local one; an address with a host of its own is kept.</summary>
    public string ToStringWithAddress(Address address) =>
        (Address.HasGlobalScope ? Address : address) + ToStringWithoutAddress();

    public string ToSerializationFormat() => ToStringWithUid();

    public string ToSerializationFormatWithAddress(Address address)
    {
        var text = new StringBuilder(ToStringWithAddress(address));
        if (Uid != 0) text.Append('#').Append(Uid.ToString(CultureInfo.InvariantCulture));
        return text.ToString();
    }

    public bool Equals(ActorPath other)
    {
        if (other is null || other.Depth != Depth || !Address.Equals(other.Address)) return false;
        ActorPath a = this, b = other;
        while (a.Depth > 0)
        {
            if (ReferenceEquals(a, b)) return true;
            if (a.Name != b.Name) return false;
            (a, b) = (a.Parent, b.Parent);
        }

        return true;
    }

    public override bool Equals(object obj) => Equals(obj as ActorPath);

    public override int GetHashCode()
    {
        var hash = Address.GetHashCode();
        for (var path = this; path.Depth > 0; path = path.Parent) hash = hash * 31 + path.Name.GetHashCode(StringComparison.Ordinal);
        return hash;
    }

    public int CompareTo(ActorPath other) =>
        other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public static bool operator ==(ActorPath left, ActorPath right) => Equals(left, right);
    public static bool operator !=(ActorPath left, ActorPath right) => !Equals(left, right);

    public static ActorPath operator /(ActorPath path, string name)
    {
        var hash = name.IndexOf('#', StringComparison.Ordinal);
        return hash < 0
            ? new ChildActorPath(path, name, 0)
            : new ChildActorPath(path, name[..hash], long.Parse(name.AsSpan(hash + 1), CultureInfo.InvariantCulture));
    }

    public static ActorPath operator /(ActorPath path, IEnumerable<string> name)
    {
        foreach (var element in name)
            if (element.Length > 0) path /= element;
        return path;
    }
}
