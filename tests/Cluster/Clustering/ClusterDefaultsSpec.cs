// Every default of the cluster, as the configuration gives it and as the settings read it.

using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.SBR;
using Akka.Configuration;
using Lguest.Support;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class ClusterDefaultsSpec : PatientTestKit
{
    public ClusterDefaultsSpec()
        : base("akka { actor.provider = cluster, coordinated-shutdown.run-by-clr-shutdown-hook = off, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
    {
    }

    [Fact]
    public void Defaults_of_the_configuration()
    {
        (string Path, string Expected)[] defaults =
        [
            ("seed-node-timeout", "5s"),
            ("retry-unsuccessful-join-after", "10s"),
            ("shutdown-after-unsuccessful-join-seed-nodes", "off"),
            ("down-removal-margin", "off"),
            ("downing-provider-class", "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"),
            ("allow-weakly-up-members", "7s"),
            ("run-coordinated-shutdown-when-down", "on"),
            ("min-nr-of-members", "1"),
            ("log-info", "on"),
            ("log-info-verbose", "off"),
            ("periodic-tasks-initial-delay", "1s"),
            ("gossip-interval", "1s"),
            ("leader-actions-interval", "1s"),
            ("unreachable-nodes-reaper-interval", "1s"),
            ("use-dispatcher", ""),
            ("gossip-different-view-probability", "0.8"),
            ("reduce-gossip-different-view-probability", "400"),
            ("failure-detector.implementation-class", "Akka.Remote.PhiAccrualFailureDetector, Akka.Remote"),
            ("failure-detector.heartbeat-interval", "1 s"),
            ("failure-detector.threshold", "8.0"),
            ("failure-detector.max-sample-size", "1000"),
            ("failure-detector.min-std-deviation", "100 ms"),
            ("failure-detector.acceptable-heartbeat-pause", "3 s"),
            ("failure-detector.monitored-by-nr-of-members", "9"),
            ("failure-detector.expected-response-after", "1 s"),
            ("split-brain-resolver.active-strategy", "keep-majority"),
            ("split-brain-resolver.stable-after", "20s"),
            ("split-brain-resolver.down-all-when-unstable", "on"),
            ("split-brain-resolver.keep-majority.role", ""),
            ("debug.verbose-heartbeat-logging", "off"),
            ("debug.verbose-receive-gossip-logging", "off"),
        ];

        foreach (var (path, expected) in defaults) Sys.Settings.Config.GetString("akka.cluster." + path).ShouldBe(expected, path);
        Sys.Settings.Config.GetStringList("akka.cluster.seed-nodes").ShouldBeEmpty();
        Sys.Settings.Config.GetStringList("akka.cluster.roles").ShouldBeEmpty();
    }

    [Fact]
    public void Settings_read_them()
    {
        var settings = ClusterNode.Get(Sys).Settings;

        settings.SeedNodes.ShouldBeEmpty();
        settings.SeedNodeTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        settings.RetryUnsuccessfulJoinAfter.ShouldBe(TimeSpan.FromSeconds(10));
        settings.ShutdownAfterUnsuccessfulJoinSeedNodes.ShouldBeNull();
        settings.HeartbeatInterval.ShouldBe(TimeSpan.FromSeconds(1));
        settings.MonitoredByNrOfMembers.ShouldBe(9);
        settings.GossipInterval.ShouldBe(TimeSpan.FromSeconds(1));
        settings.MinNrOfMembers.ShouldBe(1);
        settings.MinNrOfMembersOfRole.ShouldBeEmpty();
        settings.WeaklyUpAfter.ShouldBe(TimeSpan.FromSeconds(7));
        settings.AllowWeaklyUpMembers.ShouldBeTrue();
        settings.RunCoordinatedShutdownWhenDown.ShouldBeTrue();
        settings.DowningProviderType.ShouldBe(typeof(SplitBrainResolverProvider));
        settings.UseDispatcher.ShouldBe("akka.actor.internal-dispatcher");
        ClusterNode.Get(Sys).DowningProvider.DownRemovalMargin.ShouldBe(TimeSpan.FromSeconds(20));
        var resolver = new SplitBrainResolverSettings(Sys.Settings.Config);
        resolver.DowningStableAfter.ShouldBe(TimeSpan.FromSeconds(20));
        resolver.DowningStrategy.ShouldBe("keep-majority");
        resolver.DownAllWhenUnstable.ShouldBe(TimeSpan.FromSeconds(15));
        resolver.KeepMajorityRole.ShouldBeNull();
    }

    [Theory]
    [InlineData("akka.cluster.split-brain-resolver.active-strategy = keep-nobody")]
    [InlineData("akka.cluster.split-brain-resolver.stable-after = 0s")]
    public void What_makes_no_sense_is_refused(string config) => Should.Throw<ConfigurationException>(() =>
        new SplitBrainResolverSettings(ConfigurationFactory.ParseString(config).WithFallback(Sys.Settings.Config)));

    [Fact]
    public void A_system_that_is_no_node_has_no_cluster()
    {
        using var local = ActorSystem.Create("local");

        Should.Throw<ConfigurationException>(() => ClusterNode.Get(local));
    }
}
