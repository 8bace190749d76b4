// What nodes say to each other. Everything here crosses the network, through ClusterMessageSerializer; nothing else of the cluster does.
//
//J:Cluster:360 Joining
// A node that knows nobody asks the seed nodes, all at once, whether they are in a cluster (InitJoin). Those that are say yes (InitJoinAck),
// those that are not say no (InitJoinNack). The first yes wins: the node asks that one to take it in (Join) and gets the gossip in return
// (Welcome). From then on it is a joining member, known to all as soon as the gossip has gone round, and up when the leader says so. Only the
// first seed node of the list may found a cluster, and only after the others had their time to say that there is one already: so two seeds
// that start together do not found two.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster;

/// <summary>Marks what goes through the cluster's serializer.</summary>
public interface IClusterMessage
{
}

/// <summary>Are you in a cluster?</summary>
internal sealed record InitJoin : IClusterMessage, IDeadLetterSuppression;

/// <summary>Yes: join me at this address.</summary>
internal sealed record InitJoinAck(Address Address) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Not yet, or not any more.</summary>
internal sealed record InitJoinNack(Address Address) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Take me in.</summary>
internal sealed record Join(UniqueAddress Node, ImmutableHashSet<string> Roles) : IClusterMessage;

/// <summary>You are in; this is what we know.</summary>
internal sealed record Welcome(UniqueAddress From, Gossip Gossip) : IClusterMessage;

/// <summary>That member is to go in order.</summary>
internal sealed record Leave(Address Address) : IClusterMessage;

/// <summary>That member is dead.</summary>
internal sealed record Down(Address Address) : IClusterMessage;

/// <summary>To the leader: I have finished my last tasks, strike me out.</summary>
internal sealed record ExitingConfirmed(UniqueAddress Node) : IClusterMessage, IDeadLetterSuppression;

/// <summary>All that a node knows, for one other.</summary>
internal sealed record GossipEnvelope(UniqueAddress From, UniqueAddress To, Gossip Gossip) : IClusterMessage;

/// <summary>Only the version of it: enough when the other has most likely the same.</summary>
internal sealed record GossipStatus(UniqueAddress From, VectorClock Version) : IClusterMessage;

/// <summary>Are you alive? Times are nanoseconds of the sender's monotonic clock.</summary>
internal sealed record Heartbeat(Address From, long SequenceNr, long CreationTimeNanos) : IClusterMessage, IDeadLetterSuppression, Akka.Remote.IPriorityMessage;

/// <summary>I am.</summary>
internal sealed record HeartbeatRsp(UniqueAddress From, long SequenceNr, long CreationTimeNanos) : IClusterMessage, IDeadLetterSuppression, Akka.Remote.IPriorityMessage;
