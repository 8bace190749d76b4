// What a Nic, a node and the Lans of other nodes say to a Lan, and what it says to them.
//
// Life of a port: Connect -> Connected; Transmit ... and Deliver ... in any order; Disconnect, or the Nic's death. A Nic that wants to send
// while the window of Connected is full leaves the frames in its ring and gets a Resume when there is room. Between nodes: Peers from the
// node whenever membership changes; then PeerFrames there and PeerReceived back, by trunk or by remoting. Only those two cross nodes.

using Akka.Actor;
using Lguest.Machine;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans.Actors;

/// <summary>Messages of the Lan actor.</summary>
public static class LanProtocol
{
    /// <summary>A message that stays on its node.</summary>
    public interface ILocal : INoSerializationVerificationNeeded;

    /// <summary>A message between the Lan actors of one lan on two nodes (<see cref="LanSerializer"/>).</summary>
    public interface IBetweenNodes;

    /// <summary>Plugs a Nic in. Answered by <see cref="Connected"/> or <see cref="Refused"/>. A port of that name that is already there is
    /// replaced: a Guest
    /// that is started again may be quicker than the news of its end.</summary>
    /// <param name="Port">Unique on this node's part of the lan, such as the name of the Guest.</param>
    /// <param name="Mac">Whose frames go there before the Guest has sent any; null if not known.</param>
    /// <param name="Nic">Gets <see cref="Deliver"/> and <see cref="Resume"/>. Its death disconnects the port.</param>
    /// <param name="Settings">The port's own cable; null for a perfect one.</param>
    public sealed record Connect(string Port, MacAddress? Mac, IActorRef Nic, PortSettings? Settings = null) : ILocal;

    /// <summary>The port is up.</summary>
    /// <param name="Port">Its name.</param>
    /// <param name="Lan">The lan's name.</param>
    /// <param name="Transmit">Room for frames on their way to the Lan: to be taken (<see cref="FrameBatch.RecordBytes"/>) before each
    /// <see cref="Lans.Actors.LanProtocol.Transmit"/>; the Lan gives it back.</param>
    public sealed record Connected(string Port, string Lan, FrameWindow Transmit) : ILocal
    {
        /// <summary>Counts the frames that do not get through the port.</summary>
        public PortDrops? Drops { get; init; }
    }

    /// <summary>The port cannot be had; the reason is one line.</summary>
    public sealed record Refused(string Port, string Reason) : ILocal;

    /// <summary>Pulls the plug, if the sender is the port's Nic. Frames on their way to this port are dropped. No answer.</summary>
    public sealed record Disconnect(string Port) : ILocal;

    /// <summary>Frames from a Guest. The Lan takes over the sender's hold of the batch.</summary>
    /// <param name="Port">Where they come in.</param>
    /// <param name="Frames">One or more; what is wrong with them is the Lan's business.</param>
    /// <param name="Sent">When they left the ring, by <see cref="IHostClock.Monotonic"/>; 0 for now. Delays count from here.</param>
    public sealed record Transmit(string Port, FrameBatch Frames, long Sent = 0) : ILocal;

    /// <summary>Frames for a Guest. The Nic calls <see cref="Done"/> exactly once, after it has put the frames into the ring or has dropped
    /// them; until
    /// then they count against what may be under way to this port.</summary>
    public sealed record Deliver(FrameBatch Frames, FrameWindow Window) : ILocal
    {
        /// <summary>The frames are dealt with: the batch is released.</summary>
        public void Done()
        {
            int bytes = Frames.RecordBytes;
            Frames.Release();
            Window.Give(bytes);
        }
    }

    /// <summary>There is room again for <see cref="Transmit"/>; said once after the window had none.</summary>
    public sealed record Resume(string Port) : ILocal;

    /// <summary>The Lan actors of the same lan on all other nodes that have one, whenever that changes. Who is missing is gone: its
    /// addresses are
    /// forgotten. The lan does not care how the actors were found.</summary>
    public sealed record Peers(IReadOnlyList<IActorRef> Lans) : ILocal;

    /// <summary>Answered by <see cref="Statistics"/>.</summary>
    public sealed record GetStatistics : ILocal
    {
        public static GetStatistics Instance { get; } = new();
    }

    /// <summary>Counters per port and per other node, in the order of their names.</summary>
    public sealed record Statistics(string Lan, IReadOnlyList<PortStatistics> Ports, IReadOnlyList<PortStatistics> Peers) : ILocal;

    /// <summary>Frames from another node. They go to local ports only, never to a third node.</summary>
    /// <param name="Lan">The lan's name: a mistake in addressing must not join two networks.</param>
    /// <param name="Sequence">The number of the last of them: frames to this peer are counted from 1.</param>
    /// <param name="Frames">The frames.</param>
    public sealed record PeerFrames(string Lan, long Sequence, FrameBatch Frames) : IBetweenNodes
    {
        /// <summary>Which stream this is; the sender begins a new one, with a higher number, each time it is told of this peer.</summary>
        public int Stream { get; init; } = 1;

        /// <summary>Whether the sender wants a <see cref="PeerReceived"/>.</summary>
        public bool Asks { get; init; } = true;
    }

    /// <summary>Asked for: everything up to this <see cref="PeerFrames.Sequence"/> has been dealt with or is lost: there is room for
    /// more.</summary>
    public sealed record PeerReceived(string Lan, long Sequence) : IBetweenNodes
    {
        /// <summary>Of which stream.</summary>
        public int Stream { get; init; } = 1;
    }
}
