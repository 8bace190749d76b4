// The cluster's defaults, as text that a user can read. They come below everything that a system is configured with.

using Akka.Configuration;

namespace Akka.Cluster.Configuration;

internal static class ClusterConfigFactory
{
    private static readonly Lazy<Config> _reference =
        new(() => ConfigurationFactory.FromResource("Akka.Cluster.Configuration.Cluster.conf", typeof(ClusterConfigFactory).Assembly));

    internal static Config Default() => _reference.Value;
}
