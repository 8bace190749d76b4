// The network card of generation 1 on an ethernet lan instead of a shared page. Its page has two slots, the Host's and the Guest's, as with
// lguest's tap devices. The Host's slot is marked as promiscuous, so the driver sends it every frame.

using Lguest.Devices.Net;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Devices.Generation1;

/// <summary>A card between a Guest and a lan (ABI sheet 9.8, --tunnet).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="page">Its page, the key of the Host's slot.</param>
/// <param name="irq">Its interrupt.</param>
/// <param name="name">What it is called.</param>
internal sealed class DmaNic(GuestMemory memory, GuestPhysical page, int irq, string name) : DmaDevice(memory, page, irq, name)
{
    /// <summary>The Guest's slot.</summary>
    public const int GuestSlot = 1;

    private const int KeyBytes = 4;
    private const byte Everything = 1;

    private NetMetrics _metrics;

    /// <summary>What went through the card. A frame that the lan had no room for, or the Guest no buffer, counts as dropped.</summary>
    public NetMetrics Metrics => _metrics with { DroppedByLan = Drops?.Total ?? 0 };

    /// <summary>What the lan drops at the card's port; null while it is not plugged in.</summary>
    public PortDrops? Drops { get; set; }

    /// <summary>Where the Guest binds its buffers.</summary>
    public GuestPhysical GuestKey => Key + (GuestSlot * KeyBytes);

    /// <summary>Puts the Host into its slot.</summary>
    public void WriteSlot()
    {
        Span<byte> slot = stackalloc byte[SharedPage.SlotBytes];
        MacAddress.ForName($"{Name}/host").Write(slot);
        slot[0] |= Everything;
        Memory.TryWrite(Key, slot);
    }

    /// <summary>Takes a frame that the Guest sent.</summary>
    public DmaAnswer Take(in DmaDescriptor sent, FrameBatchWriter into)
    {
        if (sent.FirstBad(Memory) is { } bad)
            return DmaAnswer.Bad(bad);
        int length = sent.Length;
        if (length is < Frame.HeaderLength or > Frame.OrdinaryLength)
        {
            _metrics = _metrics with { DroppedOut = _metrics.DroppedOut + 1 };
            return new DmaAnswer((uint)length);
        }

        DmaCopy.Gather(Memory, sent, into.Add(length));
        _metrics = _metrics with { FramesOut = _metrics.FramesOut + 1, BytesOut = _metrics.BytesOut + length };
        return new DmaAnswer((uint)length);
    }

    /// <summary>Nobody is there to take what the Guest sent.</summary>
    /// <returns>used_len 0, by which its driver notices.</returns>
    public DmaAnswer Refuse()
    {
        _metrics = _metrics with { DroppedOut = _metrics.DroppedOut + 1 };
        return default;
    }

    /// <summary>Counts a frame for the Guest.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="isThere">Whether it has got into a buffer.</param>
    public void Count(int bytes, bool isThere) => _metrics = isThere
        ? _metrics with { FramesIn = _metrics.FramesIn + 1, BytesIn = _metrics.BytesIn + bytes }
        : _metrics with { DroppedIn = _metrics.DroppedIn + 1 };
}
