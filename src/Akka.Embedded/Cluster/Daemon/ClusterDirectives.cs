// What a node says to itself: requests of its users, ticks of its clock, and the changes that its publisher is to make known. None of it ever
// leaves the process.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster.Daemon;

/// <summary>Never serialized, not even to try.</summary>
internal interface IDirective : INoSerializationVerificationNeeded;

/// <summary>Something that comes by the clock, and comes again when it is missed.</summary>
internal interface ITick : IDirective;

/// <summary>For the publisher.</summary>
internal interface ISubscriptionDirective : IDirective;

/// <summary>Where is the daemon?</summary>
internal sealed record GetClusterCore : IDirective;

/// <summary>The Cluster is complete and may be used.</summary>
internal sealed record Begin : IDirective;

internal sealed record JoinTo(Address Address) : IDirective;

internal sealed record JoinSeedNodes(ImmutableList<Address> SeedNodes) : IDirective, IDeadLetterSuppression;

internal sealed record GossipTick : ITick;

/// <summary>An extra gossip between two ticks, when there is news that few have heard.</summary>
internal sealed record GossipSpeedupTick : ITick;

internal sealed record ReapUnreachableTick : ITick;

internal sealed record LeaderActionsTick : ITick;

/// <summary>The last tasks of this node are done: it may say so and go.</summary>
internal sealed record ExitingCompleted : IDirective;

internal sealed record Subscribe(IActorRef Subscriber, ClusterEvent.SubscriptionInitialStateMode Mode, ImmutableHashSet<Type> To) : ISubscriptionDirective;

/// <summary>From one type of event, or from all when it is null.</summary>
internal sealed record Unsubscribe(IActorRef Subscriber, Type To) : ISubscriptionDirective, IDeadLetterSuppression;

internal sealed record SendCurrentClusterState(IActorRef Receiver) : ISubscriptionDirective;

internal sealed record PublishChanges(MembershipState State) : IDirective;

internal sealed record AddOnMemberUpListener(Action Callback) : IDirective;

internal sealed record AddOnMemberRemovedListener(Action Callback) : IDirective;

/// <summary>Coordinated shutdown wants this node to leave.</summary>
internal sealed record LeaveRequest : IDirective;
