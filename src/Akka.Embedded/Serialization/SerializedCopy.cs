// With serialize-messages, every message goes through its serializer even within one process, so that tests find what could not travel.

using Akka.Actor;

namespace Akka.Serialization;

internal static class SerializedCopy
{
    internal static object Of(object message, ActorSystemImpl system)
    {
        if (message is INoSerializationVerificationNeeded) return message;
        var inner = WrappedMessage.Unwrap(message);
        if (inner is INoSerializationVerificationNeeded) return message;
        var copy = RoundTrip(inner, system);
        // What is in a wrapper has proved that it can travel; the wrapper itself goes on as it is.
        return ReferenceEquals(inner, message) ? copy : message;
    }

    private static object RoundTrip(object message, ActorSystemImpl system)
    {
        var serialization = system.Serialization;
        var serializer = serialization.FindSerializerFor(message);
        return Serialization.WithTransport(system, () =>
        {
            var bytes = serializer.ToBinary(message);
            return serialization.Deserialize(
                bytes, serializer.Identifier, serializer is SerializerWithStringManifest || serializer.IncludeManifest ? Serialization.ManifestFor(serializer, message) : message.GetType().AssemblyQualifiedName);
        });
    }
}
