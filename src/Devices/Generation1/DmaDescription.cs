// How a generation 1 device describes itself: one entry of the descriptor page.

namespace Lguest.Devices.Generation1;

/// <summary>A device of generation 1.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Features">Feature bits (ABI sheet 9.1).</param>
/// <param name="HasPage">Whether it has a page of memory.</param>
internal sealed record DmaDescription(DmaDeviceType Type, ushort Features, bool HasPage)
{
    /// <summary>LGUEST_NET_F_NOCSUM: packets need no checksums.</summary>
    public const ushort NoChecksum = 0x4000;

    /// <summary>LGUEST_DEVICE_F_RANDOMNESS: its interrupts are unpredictable.</summary>
    public const ushort Randomness = 0x8000;

    public static DmaDescription Console { get; } = new(DmaDeviceType.Console, 0, HasPage: false);

    public static DmaDescription Block { get; } = new(DmaDeviceType.Block, Randomness, HasPage: true);

    /// <summary>A network card.</summary>
    /// <param name="slot">The Guest's own slot in the page.</param>
    /// <param name="flag"><see cref="NoChecksum"/> or <see cref="Randomness"/>.</param>
    public static DmaDescription Net(int slot, ushort flag) => new(DmaDeviceType.Net, (ushort)(slot | flag), HasPage: true);
}
