// The serializer for every type that has none of its own. Akka would use JSON with the type's name, and the receiver would create any type
// that a message names. This one refuses both to write and to read.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lguest.Topology.Peers.Actors;

/// <summary>Stands in the place of a serializer of Akka's, under its number, and refuses.</summary>
/// <param name="system">The system.</param>
/// <param name="settings"><c>identifier</c>: the number.</param>
internal sealed class RefusingSerializer(ExtendedActorSystem system, Config settings) : SerializerWithStringManifest(system)
{
    public override int Identifier { get; } = settings.GetInt("identifier");

    public override string Manifest(object o) => throw NotSent(o);

    /// <exception cref="SerializationException">Always; the message names the type.</exception>
    public override byte[] ToBinary(object obj) => throw NotSent(obj);

    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        throw new SerializationException($"a message of serializer {Identifier} is not taken from another node");

    private static SerializationException NotSent(object message) =>
        new($"{message.GetType()} does not cross nodes: it has no serializer of its own");
}
