// What two managers say to each other when the singleton moves, and what a manager says to itself.
//
//J:Cluster:400 One of a kind
// There is a manager on every node, and the singleton lives below that of the oldest member. When the oldest goes, the next one may not start
// another before the first has ended: it asks for hand-over (HandOverToMe); the old one stops its singleton, says so at the beginning
// (HandOverInProgress) and at the end (HandOverDone). If the old one notices first that it is not the oldest any more, it asks to be asked
// (TakeOverFromMe). All of it is repeated until it is answered. A node that has died cannot hand over: then its removal has to be enough, and
// because a node that was cut off needs its time to see that it has lost, the start waits for a margin after the removal.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Marks what goes through the singleton's serializer.</summary>
public interface IClusterSingletonMessage
{
}

/// <summary>From the new oldest: stop yours, I start mine.</summary>
internal sealed record HandOverToMe : IClusterSingletonMessage, IDeadLetterSuppression;

/// <summary>From the old one: it is stopping.</summary>
internal sealed record HandOverInProgress : IClusterSingletonMessage;

/// <summary>From the old one: it has stopped, or there never was one here.</summary>
internal sealed record HandOverDone : IClusterSingletonMessage;

/// <summary>From the old one: I am not the oldest any more, ask me.</summary>
internal sealed record TakeOverFromMe : IClusterSingletonMessage, IDeadLetterSuppression;

/// <summary>The node is up: time to see who is the oldest.</summary>
internal sealed record StartOldestChangedBuffer : INoSerializationVerificationNeeded;

internal sealed record HandOverRetry(int Count) : INoSerializationVerificationNeeded;

internal sealed record TakeOverRetry(int Count) : INoSerializationVerificationNeeded;

/// <summary>Removed so long ago that it certainly knows.</summary>
internal sealed record DelayedMemberRemoved(Member Member) : INoSerializationVerificationNeeded;

/// <summary>Coordinated shutdown says that this node is exiting.</summary>
internal sealed record SelfExiting : INoSerializationVerificationNeeded;

/// <summary>To the buffer: the next change, please.</summary>
internal sealed record GetNext : INoSerializationVerificationNeeded;

/// <summary>Those that are at least as old as this node, the oldest first, and whether they are all well.</summary>
internal sealed record InitialOldestState(ImmutableList<UniqueAddress> Oldest, bool SafeToBeOldest) : INoSerializationVerificationNeeded;

/// <summary>Null where there is nobody.</summary>
internal sealed record OldestChanged(UniqueAddress NewOldest, UniqueAddress PreviousOldest) : INoSerializationVerificationNeeded;
