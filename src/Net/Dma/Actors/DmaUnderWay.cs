// A transfer to another node whose answer has not come yet; its sender waits.

using Akka.Actor;
using Lguest.Guest.Memory;

namespace Lguest.Net.Dma.Actors;

/// <summary>A transfer to another node: whose, and since when (nanoseconds of the machine's clock).</summary>
internal sealed record DmaUnderWay(string Guest, GuestPhysical Descriptor, IActorRef Peer, long Since);
