// Peers repeat themselves: the same recipients, senders and manifests in every message. A few hundred slots remember what each stood for, and
// a newcomer takes the slot of whoever hashes to the same place, so that no peer can make this grow.

namespace Akka.Remote.Transport;

/// <summary>From UTF-8 bytes to what they mean. Not thread-safe.</summary>
internal sealed class Utf8Cache<T>
    where T : class
{
    private const int Slots = 1024;

    private readonly (byte[] Key, T Value)[] _slots = new (byte[] Key, T Value)[Slots];

    internal bool TryGet(ReadOnlySpan<byte> key, out T value)
    {
        ref var slot = ref _slots[SlotOf(key)];
        value = slot.Value;
        return slot.Key is { } known && key.SequenceEqual(known);
    }

    internal void Set(ReadOnlySpan<byte> key, T value) => _slots[SlotOf(key)] = (key.ToArray(), value);

    private static int SlotOf(ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode() & (Slots - 1);
    }
}
