// The settings of a link, as given in a topology.

using System.Globalization;

namespace Lguest.Net.Lans;

/// <summary>A link model. The default is a perfect cable: nothing is lost, nothing takes time.</summary>
public sealed record LinkSettings
{
    /// <summary>A cable that does nothing.</summary>
    public static LinkSettings Perfect { get; } = new();

    /// <summary>How long each frame is under way, besides what <see cref="Rate"/> costs; at most an hour.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>A random time, evenly spread over plus and minus this much, added to <see cref="Delay"/>; at most <see cref="Delay"/>.
    /// Frames keep their
    /// order.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of frames that get lost, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Bits per second; 0 is no limit.</summary>
    public long Rate { get; init; }

    /// <summary>With <see cref="Rate"/>: bytes that may pass at once after a pause, before the rate is felt.</summary>
    public int Burst { get; init; }

    /// <summary>With <see cref="Rate"/>: bytes that may wait for their turn; a frame beyond that is dropped.</summary>
    public int Queue { get; init; } = 256 * 1024;

    /// <summary>The share of frames that arrive twice, 0 to 1.</summary>
    public double Duplicate { get; init; }

    /// <summary>The share of frames that overtake: they pass without <see cref="Delay"/>, 0 to 1. Needs a delay.</summary>
    public double Reorder { get; init; }

    /// <summary>The share of frames that arrive with one bit turned over, 0 to 1.</summary>
    public double Corrupt { get; init; }

    /// <summary>Where chance begins: the same seed on the same port of the same lan treats the same frames in the same way.</summary>
    public long Seed { get; init; }

    /// <summary>True if frames pass at once and unharmed.</summary>
    public bool IsPerfect =>
        Delay == TimeSpan.Zero && Jitter == TimeSpan.Zero && Loss == 0 && Rate == 0 && Duplicate == 0 && Reorder == 0 && Corrupt == 0;

    /// <summary>What is wrong with these settings and what would be right, as half a sentence ("loss must be ..."); null if nothing
    /// is.</summary>
    public string? Problem()
    {
        if (Delay < TimeSpan.Zero || Delay > TimeSpan.FromHours(1))
            return "delay must be between 0 and 1 hour";
        if (Jitter < TimeSpan.Zero || Jitter > Delay)
            return "jitter must be between 0 and the delay";
        if (Rate < 0)
            return "rate must be 0 (no limit) or bits per second";
        if (Burst < 0)
            return "burst must not be negative";
        if (Queue < Frames.Frame.OrdinaryLength)
            return string.Create(CultureInfo.InvariantCulture, $"queue must be at least {Frames.Frame.OrdinaryLength} bytes, one frame");
        if (Reorder > 0 && Delay == TimeSpan.Zero)
            return "reorder needs a delay: a frame overtakes by skipping it";
        return ShareProblem("loss", Loss) ?? ShareProblem("duplicate", Duplicate) ?? ShareProblem("reorder", Reorder)
            ?? ShareProblem("corrupt", Corrupt);
    }

    private static string? ShareProblem(string name, double share) => share is >= 0 and <= 1 ? null
        : $"{name} must be between 0 and 1 (0 % and 100 %)";
}
