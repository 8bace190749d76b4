// With serialize-messages, every message goes through its serializer even within one process, so that tests find what could not travel.

using Akka.Actor;

namespace Akka.Serialization;

internal static class SerializedCopy
{
    internal static object Of(object message, ActorSystemImpl system)
    {
        // A dead letter or a selection is only the envelope: what counts is what is in it.
        var inner = message is Event.DeadLetter letter ? letter.Message : message;
        if (inner is INoSerializationVerificationNeeded or ActorSelectionMessage { Message: INoSerializationVerificationNeeded }) return message;
        if (message is Event.DeadLetter) return message;
        if (message is ActorSelectionMessage selection)
            return new ActorSelectionMessage(RoundTrip(selection.Message, system), selection.Elements, selection.WildCardFanOut);
        return RoundTrip(message, system);
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
