// What a node, its Switcher, a Guest's Launcher and the Dma actors of other nodes say to a node's Dma, and what it says to them.
//
// Life of a Guest here: Attach; Bind, Send, Find, Deliver in any order; Detach -> Detached, after which its memory is not touched any more.
// Between nodes: Peers from the node whenever membership changes; then State to each, whenever something in it changes; Transfer there and
// Transferred back. Only these three cross nodes.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Guest.Memory;

namespace Lguest.Net.Dma.Actors;

/// <summary>Messages of the Dma actor.</summary>
public static class DmaProtocol
{
    /// <summary>A message that stays on its node.</summary>
    public interface ILocal : INoSerializationVerificationNeeded;

    /// <summary>A message between the Dma actors of two nodes (<see cref="DmaSerializer"/>).</summary>
    public interface IBetweenNodes;

    /// <summary>Lets a Guest take part. No answer.</summary>
    /// <param name="Guest">Its name, unique on the node.</param>
    /// <param name="Memory">Its memory, in use until <see cref="Detached"/>.</param>
    /// <param name="Windows">The shared pages in it; none for a Guest that only talks to its Launcher.</param>
    /// <param name="Host">The way back to it.</param>
    public sealed record Attach(string Guest, GuestMemory Memory, ImmutableArray<SharedWindow> Windows, IDmaGuest Host) : ILocal;

    /// <summary>The Guest has ended. Answered by <see cref="Detached"/>, also for one that was never attached.</summary>
    public sealed record Detach(string Guest) : ILocal;

    /// <summary>Its memory is not touched any more.</summary>
    public sealed record Detached(string Guest) : ILocal
    {
        /// <summary>What it has sent and received by shared pages.</summary>
        public DmaTraffic Traffic { get; init; }
    }

    /// <summary>BIND_DMA. Answered by <see cref="IDmaGuest.Bound"/>.</summary>
    public sealed record Bind(string Guest, GuestPhysical Key, GuestPhysical Buffers, int Count, int Irq) : ILocal;

    /// <summary>SEND_DMA to a key in a shared page. Answered by <see cref="IDmaGuest.Sent"/>, or <see cref="IDmaGuest.Kill"/>.</summary>
    public sealed record Send(string Guest, GuestPhysical Key, GuestPhysical Descriptor) : ILocal;

    /// <summary>GETDMA. Answered by <see cref="IDmaGuest.Found"/>.</summary>
    public sealed record Find(string Guest, GuestPhysical Key) : ILocal;

    /// <summary>Bytes from the Guest's own Launcher for whatever it has bound to a key. Answered by <see cref="Delivered"/>.</summary>
    public sealed record Deliver(string Guest, GuestPhysical Key, ReadOnlyMemory<byte> Bytes) : ILocal;

    /// <summary>What became of them; the interrupt has been raised if one was due.</summary>
    public sealed record Delivered(string Guest, GuestPhysical Key, DmaOutcome Outcome, int Bytes) : ILocal;

    /// <summary>The Dma actors of all other nodes, whenever that changes. Who is missing is gone, and its Guests with it.</summary>
    public sealed record Peers(IReadOnlyList<IActorRef> Nodes) : ILocal;

    /// <summary>All that other nodes need to know of the Guests of one. Replaces what they knew.</summary>
    /// <param name="Pages">Each shared page that Guests of the node have.</param>
    public sealed record State(ImmutableArray<PageState> Pages) : IBetweenNodes;

    /// <summary>One page of <see cref="State"/>.</summary>
    /// <param name="Page">Its name.</param>
    /// <param name="Slots">The used slots of the node's Guests: number and six bytes, the first lowest.</param>
    /// <param name="Keys">Offsets in the page to which something is bound.</param>
    public sealed record PageState(string Page, ImmutableArray<(int Slot, ulong Address)> Slots, ImmutableArray<uint> Keys);

    /// <summary>What a Guest sends to a key that is bound on another node. Answered by <see cref="Transferred"/>.</summary>
    /// <param name="Number">The sender's, to know the answer by.</param>
    /// <param name="Page">Name of the shared page.</param>
    /// <param name="Offset">The key's offset in it.</param>
    /// <param name="Bytes">At most <see cref="DmaDescriptor.MostBytes"/>.</param>
    public sealed record Transfer(long Number, string Page, uint Offset, ReadOnlyMemory<byte> Bytes) : IBetweenNodes;

    /// <summary>How many of them have arrived in the receiver's buffer.</summary>
    public sealed record Transferred(long Number, int Bytes) : IBetweenNodes;
}
