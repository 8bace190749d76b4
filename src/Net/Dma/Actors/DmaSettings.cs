// DMA's part of the configuration, read once and typed. The defaults are in net.conf and nowhere else.

using Akka.Configuration;

namespace Lguest.Net.Dma.Actors;

/// <summary>What <c>lguest.net.dma</c> says.</summary>
/// <param name="Restock">The pause before each look at a receiver without a free buffer; after the fifth, or as soon as one is free, comes
/// the one further attempt.</param>
/// <param name="Look">How often the slots of shared pages are looked at when nobody calls.</param>
/// <param name="PeerPatience">How long a sender waits for another node; then nothing has arrived.</param>
/// <param name="MostWaiting">Transfers from other nodes that may wait for a buffer at one time; what comes beyond that gets no second
/// attempt.</param>
public sealed record DmaSettings(TimeSpan Restock, TimeSpan Look, TimeSpan PeerPatience, int MostWaiting)
{
    /// <summary>Reads the settings of a running system, whose configuration has net.conf as a fallback.</summary>
    public static DmaSettings From(Config config)
    {
        var section = config.GetConfig("lguest.net.dma");
        return new DmaSettings(
            section.GetTimeSpan("restock"), section.GetTimeSpan("look"), section.GetTimeSpan("peer-patience"),
                section.GetInt("most-waiting"));
    }
}
