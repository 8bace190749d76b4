// What a node says to its Trunk actor, and the Trunk actors of two nodes to each other.
//
// Life of a trunk: Peers from the node whenever membership changes; then, by remoting, Ask from the node that calls and Offer back; all
// else is on the connection. Only those two cross nodes as messages.

using System.Collections.Immutable;
using Akka.Actor;

namespace Lguest.Net.Trunks.Actors;

/// <summary>Messages of the Trunk actor.</summary>
public static class TrunkProtocol
{
    /// <summary>A message that stays on its node.</summary>
    public interface ILocal : INoSerializationVerificationNeeded;

    /// <summary>A message between the Trunk actors of two nodes (<see cref="TrunkSerializer"/>).</summary>
    public interface IBetweenNodes;

    /// <summary>The other nodes, whenever that changes. Who is missing is gone, and its trunk is closed.</summary>
    public sealed record Peers(IReadOnlyList<Address> Nodes) : ILocal;

    /// <summary>Where can I call you? Answered by <see cref="Offer"/>; by nothing if the sender is no peer yet, or this node cannot be
    /// called.</summary>
    /// <param name="Attempt">Comes back.</param>
    public sealed record Ask(long Attempt) : IBetweenNodes;

    /// <summary>Here, with these tokens, once and soon.</summary>
    /// <param name="Attempt">The question's.</param>
    /// <param name="Host">Name or address.</param>
    /// <param name="Port">TCP port.</param>
    /// <param name="Call">What the caller has to say.</param>
    /// <param name="Answer">What it will hear if it has reached the right node.</param>
    public sealed record Offer(long Attempt, string Host, int Port, ImmutableArray<byte> Call, ImmutableArray<byte> Answer) : IBetweenNodes;

    /// <summary>Answered by <see cref="Statistics"/>.</summary>
    public sealed record GetStatistics : ILocal
    {
        public static GetStatistics Instance { get; } = new();
    }

    /// <summary>The trunks that stand, by the other node's address, and how many calls have been refused.</summary>
    public sealed record Statistics(ImmutableDictionary<Address, TrunkCounters> Trunks, long Refused) : ILocal;

    /// <summary>What one trunk has carried.</summary>
    /// <param name="Sent">Messages from here, those that still wait included.</param>
    /// <param name="SentBytes">Their bytes.</param>
    /// <param name="Received">Messages from there.</param>
    /// <param name="Waiting">Bytes that are not written yet.</param>
    /// <param name="Dropped">Messages for which there was no room.</param>
    /// <param name="NotTaken">Messages from there whose receivers here were stuck.</param>
    public sealed record TrunkCounters(long Sent, long SentBytes, long Received, long Waiting, long Dropped, long NotTaken);
}
