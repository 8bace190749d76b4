// What a split brain resolver can decide: which part of the cluster goes, so that what is left is one cluster.

namespace Akka.Cluster.SBR;

internal enum Decision
{
    /// <summary>We are the part that stays.</summary>
    DownUnreachable,

    /// <summary>We are the part that goes, this node included.</summary>
    DownReachable,

    /// <summary>Nothing safe can be said: everybody goes.</summary>
    DownAll,

    /// <summary>Those go whose links work only in part.</summary>
    DownIndirectlyConnected,
}
