// A successful BIND_DMA: the Guest, its buffers, and the interrupt for them.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>Buffers bound to a key.</summary>
internal sealed class DmaBinding(DmaPort owner, DmaKey key, GuestPhysical buffers, int count, int irq)
{
    private uint _next;

    public DmaPort Owner => owner;

    public DmaKey Key => key;

    /// <summary>The array of descriptors.</summary>
    public GuestPhysical Buffers => buffers;

    public int Irq => irq;

    /// <summary>A free buffer, looked for from where the last one was found. False, with a result that says why, if there is
    /// none.</summary>
    public bool TryFind(out GuestPhysical at, out DmaDescriptor descriptor, out DmaResult failure)
    {
        for (uint i = 0; i < count; i++)
        {
            if (!TryRead((_next + i) % (uint)count, out at, out descriptor, out failure))
                return false;
            if (descriptor.UsedLength == 0)
                return true;
        }

        at = default;
        descriptor = default;
        failure = new DmaResult(DmaOutcome.NoBuffer, 0, owner.Guest, irq);
        return false;
    }

    /// <summary>The first free buffer of the array; null if there is no such one, or the array does not lie in memory.</summary>
    public GuestPhysical? First()
    {
        for (uint i = 0; i < count; i++)
        {
            if (!TryRead(i, out var at, out var descriptor, out _))
                return null;
            if (descriptor.UsedLength == 0)
                return at;
        }

        return null;
    }

    /// <summary>A buffer was filled.</summary>
    public void Advance() => _next++;

    private bool TryRead(uint index, out GuestPhysical at, out DmaDescriptor descriptor, out DmaResult failure)
    {
        ulong address = buffers.Value + ((ulong)index * DmaDescriptor.Size);
        at = new GuestPhysical((uint)address);
        failure = default;
        descriptor = default;
        if (address <= uint.MaxValue && DmaDescriptor.Read(owner.Memory, at) is { } read)
        {
            descriptor = read;
            return true;
        }

        failure = new DmaResult(
            DmaOutcome.ReceiverOffended, 0, owner.Guest, irq, DmaOffence.BadAddress, $"bad address 0x{address:x} in registered DMA struct");
        return false;
    }
}
