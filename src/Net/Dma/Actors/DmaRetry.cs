// A transfer that has to wait: its receiver has buffers, but all of them were full.

using Akka.Actor;

namespace Lguest.Net.Dma.Actors;

/// <summary>A transfer that met a receiver without a free buffer: a Guest's send, one from another node, or its Launcher's.</summary>
internal sealed record DmaRetry(DmaProtocol.Send? Send, DmaProtocol.Transfer? Transfer, DmaProtocol.Deliver? Deliver, IActorRef? From)
{
    /// <summary>How often the receiver's buffers have been found full since.</summary>
    public int Looks { get; init; }
}
