// Which serializer is for which type, by configuration: the binding of the most specific type wins.

using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Util;

namespace Akka.Serialization;

public class Serialization
{
    [ThreadStatic]
    private static Information _transport;

    private readonly Dictionary<string, Serializer> _byName = [];
    private readonly ConcurrentDictionary<int, Serializer> _byIdentifier = new();
    private readonly ConcurrentDictionary<Type, Serializer> _bindings = new();
    private readonly ConcurrentDictionary<Type, Serializer> _found = new();
    private readonly NullSerializer _nullSerializer;

    public Serialization(ExtendedActorSystem system)
    {
        System = system;
        Peers = new PeerTypes(() => _bindings.Keys);
        _nullSerializer = new NullSerializer(system);
        AddSerializer(_nullSerializer);
        var config = system.Settings.Config;
        foreach (var (name, value) in config.GetConfig("akka.actor.serializers").AsEnumerable()) AddSerializer(name, Create(name, value.GetString(), system));
        foreach (var (typeName, value) in config.GetConfig("akka.actor.serialization-bindings").AsEnumerable())
        {
            var type = TypeResolver.Find(typeName);
            if (type is null)
            {
                system.Log.Warning("The type name for message/serializer binding '{0}' did not resolve to an actual Type: '{1}'", value.GetString(), typeName);
                continue;
            }

            if (!_byName.TryGetValue(value.GetString(), out var serializer))
            {
                system.Log.Warning("Serialization binding to non existing serializer: '{0}'", value.GetString());
                continue;
            }

            AddSerializationMap(type, serializer);
        }
    }

    public ExtendedActorSystem System { get; }

    /// <summary>The types that may be made because a peer says so.</summary>
    internal PeerTypes Peers { get; }

    public void AddSerializer(Serializer serializer) => _byIdentifier[serializer.Identifier] = serializer;

    public void AddSerializer(string name, Serializer serializer)
    {
        AddSerializer(serializer);
        _byName[name] = serializer;
    }

    public void AddSerializationMap(Type type, Serializer serializer)
    {
        _bindings[type] = serializer;
        _found.Clear();
    }

    public byte[] Serialize(object o) => FindSerializerFor(o).ToBinary(o);

    public object Deserialize(byte[] bytes, int serializerId, Type type) => ById(serializerId).FromBinary(bytes, type);

    /// <summary>Throws <see cref="SerializationException"/> when the number is unknown here, or the manifest no type and not the serializer's own.</summary>
    public object Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest named) return named.FromBinary(bytes, manifest);
        if (string.IsNullOrEmpty(manifest)) return serializer.FromBinary(bytes, null);
        return TypeResolver.Find(manifest) is { } type
            ? serializer.FromBinary(bytes, type)
            : throw new SerializationException($"Cannot find manifest class [{manifest}] for serializer with id [{serializerId}].");
    }

    /// <summary>As <see cref="Deserialize(byte[], int, string)"/>, for bytes of a stranger: a manifest that is a type must be one that peers may name.</summary>
    internal object DeserializeFromPeer(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest named) return named.FromBinary(bytes, manifest);
        if (string.IsNullOrEmpty(manifest)) return serializer.FromBinary(bytes, null);
        return Peers.TryFind(manifest, out var type)
            ? serializer.FromBinary(bytes, type)
            : throw new SerializationException($"[{manifest}] is no type that a peer may name.");
    }

    public Serializer FindSerializerFor(object obj, string defaultSerializerName = null) =>
        obj is null ? _nullSerializer : FindSerializerForType(obj.GetType(), defaultSerializerName);

    public Serializer FindSerializerForType(Type objectType, string defaultSerializerName = null)
    {
        if (_found.TryGetValue(objectType, out var known)) return known;
        Type best = null;
        foreach (var candidate in _bindings.Keys)
        {
            if (!candidate.IsAssignableFrom(objectType)) continue;
            // Nothing is less specific than object; of two that fit, the one that is an instance of the other is closer.
            if (best is null || best == typeof(object) || (candidate != typeof(object) && best.IsAssignableFrom(candidate))) best = candidate;
        }

        var serializer = best is null || (best == typeof(object) && defaultSerializerName is not null)
            ? defaultSerializerName is not null && _byName.TryGetValue(defaultSerializerName, out var byDefault)
                ? byDefault
                : throw new SerializationException($"Serializer not found for type {objectType.Name}")
            : _bindings[best];
        _found.TryAdd(objectType, serializer);
        return serializer;
    }

    public IActorRef DeserializeActorRef(string path) => System.Provider.ResolveActorRef(path);

    public static string ManifestFor(Serializer s, object msg) => s switch
    {
        SerializerWithStringManifest named => named.Manifest(msg),
        { IncludeManifest: true } => msg.GetType().TypeQualifiedName(),
        _ => string.Empty,
    };

    /// <summary>The reference as a text that is valid where the current transport goes, or in this process when there is none.</summary>
    public static string SerializedActorPath(IActorRef actorRef)
    {
        if (Equals(actorRef, ActorRefs.NoSender)) return string.Empty;
        var path = actorRef.Path;
        if (_transport is not { } transport || (path.Address.HasLocalScope && transport.Address.HasLocalScope)) return path.ToSerializationFormat();
        var provider = ((ExtendedActorSystem)transport.System).Provider;
        return path.ToSerializationFormatWithAddress(
            transport.Address == provider.DefaultAddress ? transport.Address : provider.GetExternalAddressFor(transport.Address) ?? provider.DefaultAddress);
    }

    public static T WithTransport<T>(ExtendedActorSystem system, Func<T> action) => WithTransport(system.Provider.SerializationInformation, action);

    public static T WithTransport<T>(ActorSystem system, Address address, Func<T> action) => WithTransport(new Information(address, system), action);

    public static Information GetCurrentTransportInformation() =>
        _transport ?? throw new InvalidOperationException("CurrentTransportInformation is not set. Use Serialization.WithTransport<T>.");

    /// <summary>Makes references be written for a transport on this thread, until <see cref="LeaveTransport"/> is given the result.</summary>
    internal static Information EnterTransport(Information transport)
    {
        var outer = _transport;
        _transport = transport;
        return outer;
    }

    internal static void LeaveTransport(Information outer) => _transport = outer;

    private static T WithTransport<T>(Information transport, Func<T> action)
    {
        var outer = EnterTransport(transport);
        try
        {
            return action();
        }
        finally
        {
            LeaveTransport(outer);
        }
    }

    private Serializer ById(int id) => _byIdentifier.TryGetValue(id, out var serializer)
        ? serializer
        : throw new SerializationException(
            $"Cannot find serializer with id [{id}]. The most probable reason is that the configuration entry 'akka.actor.serializers' is not in sync between the two systems.");

    private static Serializer Create(string name, string typeName, ExtendedActorSystem system)
    {
        var type = TypeResolver.Find(typeName);
        if (type is null || !typeof(Serializer).IsAssignableFrom(type))
            throw new ConfigurationException($"The type name for serializer '{name}' did not resolve to an actual Type: '{typeName}'");
        try
        {
            return (Serializer)Activator.CreateInstance(type, system);
        }
        catch (TargetInvocationException failure)
        {
            throw new ConfigurationException($"Could not create serializer '{name}' ({typeName}): {failure.InnerException.Message}", failure.InnerException);
        }
    }
}
