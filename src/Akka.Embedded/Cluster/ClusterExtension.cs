// How Cluster.Get finds the one Cluster of a system, and how the configuration can ask for it.

using Akka.Actor;

namespace Akka.Cluster;

public class ClusterExtension : ExtensionIdProvider<Cluster>
{
    public override Cluster CreateExtension(ExtendedActorSystem system) => new((ActorSystemImpl)system);
}

/// <summary>Joining was given up.</summary>
public class ClusterJoinFailedException(string message) : AkkaException(message);
