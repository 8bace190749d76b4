// Where an actor finds the trunk to another node, if there is one, and where a trunk finds the actors that it may reach. The Lan and Dma
// actors use it in their turns; what a trunk does not carry goes by remoting.

using System.Collections.Concurrent;
using Akka.Actor;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Trunks.Actors;

/// <summary>The trunks of one actor system. Any thread.</summary>
internal sealed class Trunks : IExtension
{
    /// <summary>What remoting puts around a message, with room to spare: two paths, a manifest.</summary>
    private const int Envelope = 4096;

    /// <summary>What goes by trunk: one kind of message of each serializer that can do it.</summary>
    private static readonly Type[] _bulk = [typeof(LanProtocol.PeerFrames), typeof(DmaProtocol.Transfer)];

    private readonly ConcurrentDictionary<Address, TrunkLine> _lines = new();
    private readonly ConcurrentDictionary<string, IActorRef> _reachable = new(StringComparer.Ordinal);
    private readonly ExtendedActorSystem _system;
    private readonly IBulkSerializer[] _serializers;

    private Trunks(ExtendedActorSystem system)
    {
        _system = system;
        Clock = HostClock.Of(system);
        _serializers = [.. _bulk.Select(type => (IBulkSerializer)system.Serialization.FindSerializerForType(type))];

        // Without remoting nobody is too far away for anything.
        RemotingBytes = system.Settings.Config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size", null) is { } most
            ? (int)Math.Clamp(most - Envelope, 1, int.MaxValue)
            : int.MaxValue;
    }

    /// <summary>The system's clock.</summary>
    public IHostClock Clock { get; }

    /// <summary>The largest message that remoting takes, in bytes of the message alone.</summary>
    public int RemotingBytes { get; }

    /// <summary>The trunks of a system, whether or not it has any.</summary>
    public static Trunks Of(ActorSystem system) => system.WithExtension<Trunks, Provider>();

    /// <summary>The trunk to an actor's node; null if there is none just now.</summary>
    public TrunkLine? LineTo(IActorRef actor) => _lines.TryGetValue(actor.Path.Address, out var line) ? line : null;

    /// <summary>Lets other nodes' messages come to an actor by trunk.</summary>
    public void Admit(IActorRef actor) => _reachable[TrunkLine.PathOf(actor)] = actor;

    /// <summary>The actor ends.</summary>
    public void Dismiss(IActorRef actor) => _reachable.TryRemove(TrunkLine.PathOf(actor), out _);

    /// <summary>Tells an actor of another node something for which order does not matter: by trunk if there is one, else by
    /// remoting.</summary>
    /// <returns>False if there is no way that takes it just now.</returns>
    public bool Tell(IActorRef to, object message, IActorRef from)
    {
        switch (LineTo(to)?.TrySend(to, from, message) ?? TrunkResult.NoTrunk)
        {
            case TrunkResult.Sent:
                return true;
            case TrunkResult.NoRoom:
                return false;
            default:
                if (SerializerOf(message).SizeOf(message) > RemotingBytes)
                    return false;
                to.Tell(message, from);
                return true;
        }
    }

    internal void Open(TrunkLine line)
    {
        if (_lines.TryGetValue(line.Node, out var old))
            old.Close("another connection has taken its place");
        _lines[line.Node] = line;
        if (line.IsClosed)
            Closed(line);
    }

    internal void Closed(TrunkLine line) => _lines.TryRemove(new KeyValuePair<Address, TrunkLine>(line.Node, line));

    internal IEnumerable<TrunkLine> Lines => _lines.Values;

    internal IActorRef? Reachable(string path) => _reachable.GetValueOrDefault(path);

    internal IActorRef ActorAt(Address node, string path) => _system.Provider.ResolveActorRef(node + path);

    /// <exception cref="InvalidOperationException">A message that is not for trunks.</exception>
    internal IBulkSerializer SerializerOf(object message)
    {
        foreach (var serializer in _serializers)
            if (serializer.Serializes(message))
                return serializer;
        throw new InvalidOperationException($"{message.GetType()} does not go by trunk");
    }

    /// <summary>The serializer with a number that came from outside; null if it is not one for trunks.</summary>
    internal IBulkSerializer? SerializerOf(int number) => Array.Find(_serializers, known => known.Identifier == number);

    private sealed class Provider : ExtensionIdProvider<Trunks>
    {
        public override Trunks CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
