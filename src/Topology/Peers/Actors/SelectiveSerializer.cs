// Wraps a serializer of Akka's that knows both messages that nodes need and messages that carry types or commands. It passes the needed
// ones, by manifest, and refuses the rest unread.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lguest.Topology.Peers.Actors;

/// <summary>Stands in front of another serializer, under its number.</summary>
internal sealed class SelectiveSerializer : SerializerWithStringManifest
{
    private readonly Serializer _kept;
    private readonly Dictionary<string, Type?> _manifests;

    /// <param name="system">The system.</param>
    /// <param name="settings">
    /// <c>keeps</c>: the serializer's class; <c>manifests</c>: what may pass, for a serializer without manifests of its own the names
    /// of types.
    /// </param>
    public SelectiveSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
        var kept = Type.GetType(settings.GetString("keeps"), throwOnError: true)!;
        _kept = (Serializer)Activator.CreateInstance(kept, system)!;
        _manifests = settings.GetStringList("manifests").ToDictionary(manifest => manifest, TypeOf);
    }

    public override int Identifier => _kept.Identifier;

    public override string Manifest(object o)
    {
        string manifest = Akka.Serialization.Serialization.ManifestFor(_kept, o);
        return _manifests.ContainsKey(manifest) ? manifest : throw new SerializationException($"{o.GetType()} does not cross nodes");
    }

    /// <exception cref="SerializationException">It is none of the messages that may pass.</exception>
    public override byte[] ToBinary(object obj)
    {
        _ = Manifest(obj);
        return _kept.ToBinary(obj);
    }

    /// <exception cref="SerializationException">It is none of the messages that may pass, or cannot be read as one.</exception>
    public override object FromBinary(byte[] bytes, string? manifest) =>
        !_manifests.TryGetValue(manifest ?? "", out var type)
            ? throw new SerializationException($"a message '{manifest}' of serializer {Identifier} is not taken from another node")
        : _kept is SerializerWithStringManifest named ? named.FromBinary(bytes, manifest!)
        : _kept.FromBinary(bytes, type);

    /// <summary>Only names of this program's own settings are looked up.</summary>
    private Type? TypeOf(string manifest) =>
        _kept is SerializerWithStringManifest || manifest.Length == 0 ? null : Type.GetType(manifest, throwOnError: true);
}
