// The devices that the classic launcher syntax can ask for, as a closed set.

using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Host.Launcher;

/// <summary>One device option of the command line.</summary>
internal abstract record DeviceOption
{
    private DeviceOption()
    {
    }

    /// <summary><c>--block=FILE</c>: a virtio disk whose bytes are those of the file; read-only where the file is.</summary>
    internal sealed record Block(string Path) : DeviceOption
    {
        /// <summary>The file that takes what the Guest writes, so that <see cref="Path"/> stays as it is; null for none.</summary>
        public string? Layer { get; init; }

        /// <summary>Whether the layer is gone on with at the next start, and not thrown away at the end of this one.</summary>
        public bool KeepLayer { get; init; }
    }

    /// <summary>A virtio network card on a virtual network.</summary>
    /// <param name="Lan">The network's name; who starts the Guest knows which networks there are.</param>
    /// <param name="Mac">Its address; null makes one out of the names of Guest and card.</param>
    internal sealed record Net(string Lan, MacAddress? Mac = null) : DeviceOption
    {
        /// <summary>The port that it is plugged into: its cable and its capture file; null for a perfect one.</summary>
        public PortSettings? Port { get; init; }

        /// <summary>Whether <see cref="Mac"/> is only what it has if nobody objects: a Guest of generation 1 makes one of its
        /// own.</summary>
        public bool IsMacMade { get; init; }
    }

    /// <summary>A card of generation 1 on a page that Guests share: its frames go from Guest to Guest by DMA, without a lan.</summary>
    /// <param name="Page">The page's name; Guests that name the same one share it, on whatever nodes they are.</param>
    /// <param name="Slot">The Guest's own slot in it, 0 to 681; no two Guests of a page may have the same.</param>
    internal sealed record SharedNet(string Page, int Slot) : DeviceOption
    {
        /// <summary>The slot is found out from the file that the page is named for, as the Guest starts.</summary>
        public const int AnySlot = -1;

        /// <summary>File that gets what the Guest sends and receives by the page; null for none.</summary>
        public string? Pcap { get; init; }

        /// <summary>File that gets everything that is sent by the page on this node; null for none.</summary>
        public string? PagePcap { get; init; }
    }

    /// <summary><c>--rng</c>: a virtio entropy source fed by the host's random numbers.</summary>
    internal sealed record Rng : DeviceOption
    {
        /// <summary>Whether a Guest whose kernel has no driver for it goes without; else it is refused.</summary>
        public bool IsOptional { get; init; }
    }
}
