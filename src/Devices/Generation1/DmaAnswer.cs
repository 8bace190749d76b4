// A device's answer to something that its Guest has sent.

using Lguest.Net.Dma;

namespace Lguest.Devices.Generation1;

/// <summary>How a device took a SEND_DMA.</summary>
/// <param name="UsedLength">For the sender's used_len.</param>
/// <param name="Offence">What the Guest did wrong, in one line; null for nothing.</param>
internal readonly record struct DmaAnswer(uint UsedLength, string? Offence = null)
{
    public static DmaAnswer Bad(DmaSection section) => new(0, $"bad DMA entry: {section.Length}@0x{section.Address.Value:x}");
}
