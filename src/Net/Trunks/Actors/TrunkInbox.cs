// What has come by a trunk and lies in an actor's mailbox is counted, since a mailbox has no limit of its own: who sends faster than the
// actor takes would otherwise fill this node's memory.

using Akka.Actor;
using Lguest.Net.Lans;

namespace Lguest.Net.Trunks.Actors;

/// <summary>One receiver of one trunk. The trunk's reader takes room, the receiver gives it back.</summary>
/// <param name="receiver">The actor. It opens what it gets (<see cref="Arrived.Open"/>).</param>
/// <param name="capacity">Bytes; one message passes even if it is larger, when nothing else is under way.</param>
internal sealed class TrunkInbox(IActorRef receiver, int capacity)
{
    /// <summary>What a message costs beside its bytes, roughly.</summary>
    private const int PerMessage = 256;

    private readonly FrameWindow _window = new(capacity);
    private TaskCompletionSource? _room;

    /// <summary>Whether it has taken too little for too long; until there is room again, nobody waits for it.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Takes room for a message, if there is any.</summary>
    public bool TryTake(int bytes)
    {
        if (!_window.TryTake(bytes + PerMessage))
            return false;
        IsStuck = false;
        return true;
    }

    /// <summary>Waits for room as long as the receiver gets on.</summary>
    /// <param name="bytes">Of the message.</param>
    /// <param name="patience">In this time it takes half of what it has.</param>
    /// <returns>False if it does not: then it is stuck.</returns>
    public async Task<bool> TakeWithin(int bytes, TimeSpan patience)
    {
        while (true)
        {
            // First said, then looked: room that is made from now on is announced.
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            if (TryTake(bytes))
                return true;
            try
            {
                await room.Task.WaitAsync(patience).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                IsStuck = !TryTake(bytes);
                return !IsStuck;
            }
        }
    }

    /// <summary>Hands over a message for which room was taken.</summary>
    public void Tell(object message, int bytes, IActorRef from) => receiver.Tell(new Arrived(message, this, bytes), from);

    /// <summary>The receiver has a message out of its mailbox.</summary>
    internal void Give(int bytes)
    {
        if (_window.Give(bytes + PerMessage))
            Volatile.Read(ref _room)?.TrySetResult();
    }
}
