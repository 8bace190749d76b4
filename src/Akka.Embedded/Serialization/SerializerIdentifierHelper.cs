// Reads a serializer's number from the configuration.

using Akka.Actor;
using Akka.Util;

namespace Akka.Serialization;

public static class SerializerIdentifierHelper
{
    public static int GetSerializerIdentifierFromConfig(Type type, ExtendedActorSystem system)
    {
        var identifiers = system.Settings.Config.GetConfig("akka.actor.serialization-identifiers");
        foreach (var (name, value) in identifiers.AsEnumerable())
            if (TypeResolver.Find(name) == type) return value.GetInt();
        throw new ArgumentException(
            $"Couldn't find serializer identifier for [{type.TypeQualifiedName()}] under [akka.actor.serialization-identifiers] HOCON path");
    }
}
