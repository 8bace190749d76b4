// A device's registers are made with the board, its actor when the Guest is started: until then what is behind the registers is empty.

namespace Lguest.Devices.Virtio.Pci;

/// <summary>Passes on what the registers say.</summary>
internal sealed class RelayBackend : IVirtioBackend
{
    /// <summary>What serves the queues; null for nothing yet.</summary>
    public IVirtioBackend? Target { get; set; }

    /// <summary>Features that the driver accepted, bits 0 to 31. Any thread.</summary>
    public uint Accepted => Volatile.Read(ref _accepted);

    private uint _accepted;

    /// <inheritdoc/>
    public void Start(ulong features, IReadOnlyList<RingLayout?> rings)
    {
        Volatile.Write(ref _accepted, (uint)features);
        Target?.Start(features, rings);
    }

    /// <inheritdoc/>
    public void Kick(int queue) => Target?.Kick(queue);

    /// <inheritdoc/>
    public bool Reset() => Target?.Reset() ?? true;

    /// <inheritdoc/>
    public bool WriteConfig(int offset, int bytes, uint value) => Target?.WriteConfig(offset, bytes, value) ?? false;
}
