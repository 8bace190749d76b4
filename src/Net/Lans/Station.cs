// A station of a switch: a port or another node, where frames come from and go to. Two differences remain: frames from another node never
// go to a third node, and only a port has a link.

using Lguest.Net.Capture;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>A port of this node, or the part of the lan on another node.</summary>
internal sealed class Station(string name, bool isPeer)
{
    public string Name { get; } = name;

    /// <summary>Another node.</summary>
    public bool IsPeer { get; } = isPeer;

    /// <summary>The port's cable, from the Guest; null for a perfect one.</summary>
    public Link? In { get; init; }

    /// <summary>The port's cable, to the Guest; null for a perfect one.</summary>
    public Link? Out { get; init; }

    /// <summary>The lan's own cable for what comes in here; null for a perfect one.</summary>
    public Link? Lan { get; init; }

    /// <summary>Records both directions; null for nobody.</summary>
    public PcapBuffer? Capture { get; init; }

    /// <summary>Frames on their way out, collected.</summary>
    public FrameBatchWriter Writer { get; } = new();

    /// <summary>True while the switch has it on its list of those with collected frames.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>True once it is unplugged: frames that were under way to it vanish.</summary>
    public bool IsGone { get; set; }

    /// <summary>This station's addresses, the one seen longest ago first.</summary>
    public LinkedList<AddressTable.Entry> Addresses { get; } = new();

    public long FramesIn { get; private set; }

    public long BytesIn { get; private set; }

    public long FramesOut { get; private set; }

    public long BytesOut { get; private set; }

    public void CountIn(FrameBatch frames)
    {
        FramesIn += frames.Count;
        BytesIn += frames.Bytes;
    }

    public void CountOut(FrameBatch frames)
    {
        FramesOut += frames.Count;
        BytesOut += frames.Bytes;
    }

    /// <summary>Frames that came in here or should have gone out here and did not.</summary>
    public PortDrops Drops { get; init; } = new();

    public void CountDrop(DropReason reason, long frames = 1) => Drops.Count(reason, frames);

    /// <summary>The counters as they are now.</summary>
    public PortStatistics Statistics() => new(
        Name,
        FramesIn,
        BytesIn,
        FramesOut,
        BytesOut,
        Drops.ByReason);
}
