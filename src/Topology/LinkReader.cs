// The settings of a link, which a lan has for all its frames and a port for those of one Guest: the same words, and the same rules.

using System.Collections.Immutable;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Reads a link.</summary>
internal static class LinkReader
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    /// <summary>The words that a network without links cannot have.</summary>
    public static ImmutableArray<string> Words { get; } = ["delay", "jitter", "loss", "duplicate", "reorder", "corrupt", "rate"];

    /// <param name="reader">The section of a lan or a port.</param>
    /// <exception cref="MisconfiguredException">A value is wrong, or two do not go together.</exception>
    public static LinkModel Read(SectionReader reader)
    {
        var link = new LinkModel(
            reader.Time("delay", _longest),
            reader.Time("jitter", _longest),
            reader.Fraction("loss"),
            reader.Fraction("duplicate"),
            reader.Fraction("reorder"),
            reader.Fraction("corrupt"),
            reader.RateOrOff("rate"),
            reader.Whole("seed", 0, int.MaxValue));
        if (link.Jitter > link.Delay)
            throw reader.Wrong("jitter", "jitter is more than the delay; raise delay or lower jitter");
        if (link.Reorder > 0 && link.Delay == TimeSpan.Zero)
            throw reader.Wrong("reorder", "reorder needs a delay: a frame overtakes by skipping it; add for example delay = 1ms");
        return link;
    }
}
