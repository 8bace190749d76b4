// The resolver's configuration, read once and checked.

using Akka.Configuration;

namespace Akka.Cluster.SBR;

public sealed class SplitBrainResolverSettings
{
    public const string KeepMajorityName = "keep-majority";

    public SplitBrainResolverSettings(Config config)
    {
        var c = config.GetConfig("akka.cluster.split-brain-resolver");
        DowningStableAfter = c.GetTimeSpan("stable-after");
        if (DowningStableAfter <= TimeSpan.Zero) throw new ConfigurationException("'split-brain-resolver.stable-after' must be > 0s");
        DowningStrategy = c.GetString("active-strategy").ToLowerInvariant();
        if (DowningStrategy != KeepMajorityName)
            throw new ConfigurationException($"Unknown downing strategy 'split-brain-resolver.active-strategy'=[{DowningStrategy}]. Select one of [{KeepMajorityName}]");
        KeepMajorityRole = c.GetString("keep-majority.role") is { Length: > 0 } role ? role : null;
        DownAllWhenUnstable = c.GetString("down-all-when-unstable").ToLowerInvariant() switch
        {
            "on" or "true" or "yes" => Max(TimeSpan.FromSeconds(4), DowningStableAfter * 0.75),
            "off" or "false" or "no" => TimeSpan.Zero,
            _ => c.GetTimeSpan("down-all-when-unstable"),
        };
    }

    public TimeSpan DowningStableAfter { get; }
    public string DowningStrategy { get; }

    /// <summary>Zero for never.</summary>
    public TimeSpan DownAllWhenUnstable { get; }

    public string KeepMajorityRole { get; }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
