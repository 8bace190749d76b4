// Frames that did not get through a port. The lan counts them, the card on the port shows them with its own counters: both at any time, and
// neither waits for the other.

namespace Lguest.Net.Lans;

/// <summary>Dropped frames of one port by reason. Any thread.</summary>
public sealed class PortDrops
{
    private readonly long[] _frames = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>All of them.</summary>
    public long Total => Enum.GetValues<DropReason>().Sum(Of);

    /// <summary>The reasons that occurred.</summary>
    public IReadOnlyDictionary<DropReason, long> ByReason =>
        Enum.GetValues<DropReason>().Where(reason => Of(reason) > 0).ToDictionary(reason => reason, Of);

    /// <summary>Frames were dropped.</summary>
    public void Count(DropReason reason, long frames) => Interlocked.Add(ref _frames[(int)reason], frames);

    /// <summary>As in "Loss 12, QueueFull 3"; empty if there are none.</summary>
    public override string ToString() =>
        string.Join(", ", ByReason.Select(dropped => FormattableString.Invariant($"{dropped.Key} {dropped.Value}")));

    private long Of(DropReason reason) => Interlocked.Read(ref _frames[(int)reason]);
}
