// Turns a message into what a frame carries. It runs on the sender's thread, so that senders share the work and a message is written as it was
// when it was sent.

using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote.Transport;

internal sealed class OutboundCodec(ExtendedActorSystem system)
{
    private const int Slots = 256;
    private const int MostManifests = 4096;

    private readonly ConcurrentDictionary<string, byte[]> _manifests = new();
    private readonly KnownSender[] _senders = new KnownSender[Slots];

    /// <summary>The bytes of one message. Throws whatever its serializer throws.</summary>
    internal (int SerializerId, byte[] Manifest, byte[] Payload) Serialize(object message)
    {
        var outer = Akka.Serialization.Serialization.EnterTransport(system.Provider.SerializationInformation);
        try
        {
            var serializer = system.Serialization.FindSerializerFor(message);
            var payload = serializer.ToBinary(message);
            return (serializer.Identifier, Manifest(serializer, message), payload);
        }
        finally
        {
            Akka.Serialization.Serialization.LeaveTransport(outer);
        }
    }

    /// <summary>A reference's path in UTF-8, as a peer must write it to reach the actor; empty for nobody.</summary>
    internal byte[] PathOf(IActorRef reference)
    {
        if (reference is null) return [];
        var slot = (int)((uint)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(reference) % Slots);
        if (_senders[slot] is { } known && ReferenceEquals(known.Reference, reference)) return known.Path;
        var path = Encoding.UTF8.GetBytes(reference.Path.ToSerializationFormatWithAddress(system.Provider.DefaultAddress));
        // Asks send once and are gone: let them not drive out those who stay.
        if (reference is not MinimalActorRef) _senders[slot] = new KnownSender(reference, path);
        return path;
    }

    private byte[] Manifest(Serializer serializer, object message)
    {
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, message);
        if (manifest.Length == 0) return [];
        if (_manifests.TryGetValue(manifest, out var known)) return known;
        var bytes = Encoding.UTF8.GetBytes(manifest);
        if (_manifests.Count < MostManifests) _manifests.TryAdd(manifest, bytes);
        return bytes;
    }

    private sealed record KnownSender(IActorRef Reference, byte[] Path);
}
