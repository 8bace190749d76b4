// The cluster's configuration, read once and typed. No default stands here: they are in Cluster.conf.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Cluster;

public sealed class ClusterSettings
{
    public ClusterSettings(Config config, string systemName)
    {
        var c = config.GetConfig("akka.cluster");
        if (c is null || c.IsEmpty) throw new ConfigurationException($"Failed to initiate {nameof(ClusterSettings)}: akka.cluster is missing in the configuration of [{systemName}]");
        LogInfoVerbose = c.GetBoolean("log-info-verbose");
        LogInfo = LogInfoVerbose || c.GetBoolean("log-info");
        FailureDetectorConfig = c.GetConfig("failure-detector");
        FailureDetectorImplementationClass = FailureDetectorConfig.GetString("implementation-class");
        HeartbeatInterval = FailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        HeartbeatExpectedResponseAfter = FailureDetectorConfig.GetTimeSpan("expected-response-after");
        MonitoredByNrOfMembers = FailureDetectorConfig.GetInt("monitored-by-nr-of-members");
        SeedNodes = [.. c.GetStringList("seed-nodes").Select(Address.Parse)];
        SeedNodeTimeout = c.GetTimeSpan("seed-node-timeout");
        RetryUnsuccessfulJoinAfter = TimeOrOff(c, "retry-unsuccessful-join-after");
        ShutdownAfterUnsuccessfulJoinSeedNodes = TimeOrOff(c, "shutdown-after-unsuccessful-join-seed-nodes");
        PeriodicTasksInitialDelay = c.GetTimeSpan("periodic-tasks-initial-delay");
        GossipInterval = c.GetTimeSpan("gossip-interval");
        LeaderActionsInterval = c.GetTimeSpan("leader-actions-interval");
        UnreachableNodesReaperInterval = c.GetTimeSpan("unreachable-nodes-reaper-interval");
        DownRemovalMargin = TimeOrOff(c, "down-removal-margin") ?? TimeSpan.Zero;
        Roles = [.. c.GetStringList("roles")];
        MinNrOfMembers = c.GetInt("min-nr-of-members");
        MinNrOfMembersOfRole = c.GetConfig("role") is { } roles
            ? roles.Root.GetObject().Items.ToImmutableDictionary(role => role.Key, role => role.Value.GetObject().GetKey("min-nr-of-members").GetInt())
            : ImmutableDictionary<string, int>.Empty;
        UseDispatcher = c.GetString("use-dispatcher") is { Length: > 0 } dispatcher ? dispatcher : Dispatchers.InternalDispatcherId;
        GossipDifferentViewProbability = c.GetDouble("gossip-different-view-probability");
        ReduceGossipDifferentViewProbability = c.GetInt("reduce-gossip-different-view-probability");
        DowningProviderType = ReadDowningProvider(c.GetString("downing-provider-class"));
        RunCoordinatedShutdownWhenDown = c.GetBoolean("run-coordinated-shutdown-when-down");
        WeaklyUpAfter = ReadWeaklyUp(c);
        VerboseHeartbeatLogging = c.GetBoolean("debug.verbose-heartbeat-logging");
        VerboseGossipReceivedLogging = c.GetBoolean("debug.verbose-receive-gossip-logging");
    }

    public bool LogInfoVerbose { get; }
    public bool LogInfo { get; }
    public Config FailureDetectorConfig { get; }
    public string FailureDetectorImplementationClass { get; }
    public TimeSpan HeartbeatInterval { get; }
    public TimeSpan HeartbeatExpectedResponseAfter { get; }
    public int MonitoredByNrOfMembers { get; }
    public ImmutableList<Address> SeedNodes { get; }
    public TimeSpan SeedNodeTimeout { get; }

    /// <summary>Null for never.</summary>
    public TimeSpan? RetryUnsuccessfulJoinAfter { get; }

    /// <summary>Null for never.</summary>
    public TimeSpan? ShutdownAfterUnsuccessfulJoinSeedNodes { get; }

    public TimeSpan PeriodicTasksInitialDelay { get; }
    public TimeSpan GossipInterval { get; }
    public TimeSpan LeaderActionsInterval { get; }
    public TimeSpan UnreachableNodesReaperInterval { get; }
    public ImmutableHashSet<string> Roles { get; }
    public int MinNrOfMembers { get; }
    public ImmutableDictionary<string, int> MinNrOfMembersOfRole { get; }
    public string UseDispatcher { get; }
    public double GossipDifferentViewProbability { get; }
    public int ReduceGossipDifferentViewProbability { get; }
    public Type DowningProviderType { get; }
    public bool RunCoordinatedShutdownWhenDown { get; }
    public bool AllowWeaklyUpMembers => WeaklyUpAfter != TimeSpan.Zero;

    /// <summary>Zero for never.</summary>
    public TimeSpan WeaklyUpAfter { get; }

    public bool VerboseHeartbeatLogging { get; }
    public bool VerboseGossipReceivedLogging { get; }
    internal TimeSpan DownRemovalMargin { get; }
    internal MinimumMembers MinimumMembers => new(MinNrOfMembers, MinNrOfMembersOfRole);

    /// <summary>How likely gossip should prefer those who have not seen it, in a cluster of this size.</summary>
    internal double PreferenceForOtherViews(int size)
    {
        var low = ReduceGossipDifferentViewProbability;
        var least = GossipDifferentViewProbability / 10;
        if (size <= low) return GossipDifferentViewProbability;
        if (size >= low * 3) return least;
        return GossipDifferentViewProbability + (size - low) * (least - GossipDifferentViewProbability) / (low * 2);
    }

    private static TimeSpan? TimeOrOff(Config config, string path) =>
        config.GetString(path)?.ToLowerInvariant() is "off" or "false" or "no" ? null : config.GetTimeSpan(path);

    private static TimeSpan ReadWeaklyUp(Config config)
    {
        const string Path = "allow-weakly-up-members";
        if (config.GetString(Path).Equals("on", StringComparison.OrdinalIgnoreCase)) return TimeSpan.FromSeconds(7);
        var time = TimeOrOff(config, Path);
        if (time <= TimeSpan.Zero)
            throw new ConfigurationException($"Valid settings for [akka.cluster.{Path}] are 'off', 'on', or a timespan greater than 0s. Received [{time}]");
        return time ?? TimeSpan.Zero;
    }

    private static Type ReadDowningProvider(string name)
    {
        if (string.IsNullOrEmpty(name)) return typeof(NoDowning);
        return TypeResolver.Find(name) is { } type && typeof(IDowningProvider).IsAssignableFrom(type)
            ? type
            : throw new ConfigurationException($"Could not resolve downing provider [{name}] (akka.cluster.downing-provider-class)");
    }
}
