// Everything that only a generation 1 Guest has: its way to start, its number, its shared pages, and devices without rings.

using System.Collections.Immutable;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Lans;

namespace Lguest.Devices.Generation1;

/// <summary>The machine of a generation 1 Guest, in place.</summary>
/// <param name="PageTable">Root of its first page tables.</param>
/// <param name="PageOffset">Where its kernel's addresses begin.</param>
/// <param name="Number">Its number, from which it makes its network address.</param>
/// <param name="Windows">The pages that it shares.</param>
/// <param name="Devices">Each to be disposed by the actor that serves it.</param>
/// <param name="Ports">The network that each card among them is plugged into, and its cable (null for a perfect one), by the name of the
/// card.</param>
internal sealed record DmaBoard(
    GuestPhysical PageTable,
    GuestVirtual PageOffset,
    ushort Number,
    ImmutableArray<SharedWindow> Windows,
    ImmutableArray<DmaDevice> Devices,
    ImmutableDictionary<string, (string Lan, PortSettings? Port)> Ports);
