// The settings of an actor system about its peers, except their addresses. They are in two files, on top of Akka's own settings.

using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;

namespace Lguest.Topology.Peers.Actors;

/// <summary>Settings that keep a peer from making more than messages.</summary>
internal static class PeerSettings
{
    /// <summary>For every system: nothing is read as JSON.</summary>
    public static Config Local { get; } = Read("local.conf");

    /// <summary>For a system with remoting, beside <see cref="Local"/>: the serializers that a peer can name.</summary>
    public static Config Remote => Read("peers.conf");

    /// <summary>
    /// For a member of a cluster: the same. The singleton's own serializer is known from the start; Akka adds it only when the node has
    /// made its singleton, and until then there would be none for what other nodes may say already.
    /// </summary>
    public static Config Clustered => Remote.WithFallback(ClusterSingleton.DefaultConfig());

    private static Config Read(string name)
    {
        using var stream = typeof(PeerSettings).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
