// The envelope of what comes by trunk: its receiver says by opening it that it is out of the mailbox.

using Akka.Actor;

namespace Lguest.Net.Trunks.Actors;

/// <summary>A message from another node, to be opened once and first of all: whatever comes of the message, its room must not be lost.
/// </summary>
/// <param name="message">What the other node's actor has said.</param>
/// <param name="inbox">Where it counts.</param>
/// <param name="bytes">For so much.</param>
internal sealed class Arrived(object message, TrunkInbox inbox, int bytes) : INoSerializationVerificationNeeded
{
    /// <summary>Gives back the room; any message that is not in an envelope stays what it is.</summary>
    public static object Open(object received) => received is Arrived arrived ? arrived.Open() : received;

    private object Open()
    {
        inbox.Give(bytes);
        return message;
    }
}
