// A virtual network of a topology: its kind, its addresses, and what its links do to frames.

using Lguest.Net.Frames;

namespace Lguest.Topology;

/// <summary>What a network carries.</summary>
internal enum LanKind
{
    /// <summary>Ethernet frames between virtio devices.</summary>
    Ethernet,

    /// <summary>A shared page and its DMA keys, of the first lguest generation.</summary>
    Dma,
}

/// <summary>One network, as its file describes it.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Kind">What it carries.</param>
/// <param name="Subnet">Addresses of its Guests.</param>
/// <param name="Link">What each link does.</param>
/// <param name="Pcap">Capture file, or null.</param>
/// <param name="Nat">Whether Guests reach the outside through the host's sockets.</param>
/// <param name="Tap">Tap device of the host, or null.</param>
internal sealed record LanDefinition(string Name, LanKind Kind, Subnet Subnet, LinkModel Link, string? Pcap, bool Nat, string? Tap)
{
    /// <summary>How many Guests can have an address. A way out has two: the gateway, which no subnet gives away, and the name server below
    /// it.</summary>
    public int Room => Subnet.Room - (Nat ? 1 : 0);

    /// <summary>The most bytes that a frame carries behind its header.</summary>
    public int Mtu { get; init; } = Frame.OrdinaryMtu;
}

/// <summary>What a link does to the frames that pass.</summary>
/// <param name="Delay">On its way.</param>
/// <param name="Jitter">Most that the delay differs, up or down.</param>
/// <param name="Loss">Part of frames that is lost, 0 to 1; likewise the next three.</param>
/// <param name="Duplicate">Doubled.</param>
/// <param name="Reorder">Overtaken by the follower.</param>
/// <param name="Corrupt">A bit turned over.</param>
/// <param name="BytesPerSecond">Null: no limit.</param>
/// <param name="Seed">Of the dice.</param>
internal sealed record LinkModel(
    TimeSpan Delay, TimeSpan Jitter, double Loss, double Duplicate, double Reorder, double Corrupt, long? BytesPerSecond, int Seed)
{
    /// <summary>A wire that does nothing.</summary>
    public static LinkModel Plain { get; } = new(TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0, 0, null, 1);

    /// <summary>In the words of the file, without what is as if there were no link: "delay 20ms ±5ms, loss 5%"; empty for a plain
    /// wire.</summary>
    public override string ToString()
    {
        var words = new List<string>();
        if (Delay > TimeSpan.Zero || Jitter > TimeSpan.Zero)
            words.Add(FormattableString.Invariant($"delay {Delay.TotalMilliseconds:0.###} ms")
                + (Jitter > TimeSpan.Zero ? FormattableString.Invariant($" ±{Jitter.TotalMilliseconds:0.###} ms") : ""));
        Add("loss", Loss);
        Add("duplicate", Duplicate);
        Add("reorder", Reorder);
        Add("corrupt", Corrupt);
        if (BytesPerSecond is { } rate)
            words.Add(FormattableString.Invariant($"rate {rate * 8 / 1e6:0.###} Mbit/s"));
        return string.Join(", ", words);

        void Add(string word, double part)
        {
            if (part > 0)
                words.Add(FormattableString.Invariant($"{word} {part * 100:0.###}%"));
        }
    }
}
