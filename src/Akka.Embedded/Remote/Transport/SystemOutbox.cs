//J:Cluster:130 Messages that must arrive
// That an actor has ended is said once, and must be heard. So the runtime's own messages are numbered, kept until the peer has acknowledged
// them, and sent again, in their order, on every new connection to the same life of the peer. Another life knows nothing of what was said to
// the one before: its numbers begin anew, and what had already been sent is forgotten.

using System.Buffers.Binary;
using Akka.Dispatch.SysMsg;

namespace Akka.Remote.Transport;

/// <summary>What the peer has not yet acknowledged. Not thread-safe: the association has a lock.</summary>
internal sealed class SystemOutbox
{
    private readonly Queue<(long Sequence, byte[] Frame, ISystemMessage Message)> _unacknowledged = new();
    private long _next = 1;
    private long _sent;

    internal int Count => _unacknowledged.Count;

    internal long Next => _next;

    /// <summary>Adds a frame that carries the number <see cref="Next"/>.</summary>
    internal void Add(byte[] frame, ISystemMessage message, bool sent)
    {
        if (sent) _sent = _next;
        _unacknowledged.Enqueue((_next++, frame, message));
    }

    /// <summary>The peer has everything up to that number.</summary>
    internal void Acknowledge(long sequence)
    {
        while (_unacknowledged.TryPeek(out var oldest) && oldest.Sequence <= sequence) _unacknowledged.Dequeue();
    }

    /// <summary>The peer is there, and has everything up to that number. What was given up since has left a gap behind it, in which it would see a fault of
    /// ours: the rest is numbered so that there is none.</summary>
    internal void Resume(long acknowledged)
    {
        var delivered = Math.Min(acknowledged, _next - 1);
        Acknowledge(delivered);
        if (_next - _unacknowledged.Count != delivered + 1) NumberFrom(delivered + 1);
    }

    /// <summary>The peer is another one than before.</summary>
    internal void StartAnew()
    {
        Acknowledge(_sent);
        _sent = 0;
        NumberFrom(1);
    }

    /// <summary>All of it, to be sent now.</summary>
    internal IEnumerable<byte[]> SendAll()
    {
        _sent = _next - 1;
        return _unacknowledged.Select(one => one.Frame);
    }

    /// <summary>Gives up: what has not been acknowledged, to be treated as dead. The numbers go on.</summary>
    internal ISystemMessage[] Clear()
    {
        var dead = _unacknowledged.Select(one => one.Message).ToArray();
        _unacknowledged.Clear();
        return dead;
    }

    private void NumberFrom(long first)
    {
        var kept = _unacknowledged.ToArray();
        _unacknowledged.Clear();
        _next = first;
        foreach (var (_, frame, message) in kept)
        {
            BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(MessageFrame.SequenceOffset), _next);
            _unacknowledged.Enqueue((_next++, frame, message));
        }
    }
}
