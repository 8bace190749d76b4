// The ports of a lan. They are separate from the actor, since they must survive it: after an exception in the switch the frames under way
// and the learned addresses are lost, but no card would connect again by itself.

using Akka.Actor;
using Lguest.Net.Capture.Actors;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans.Actors;

/// <summary>The ports and the other nodes of one Lan actor, through all its restarts. For that actor only.</summary>
public sealed class LanPlugs
{
    internal Dictionary<string, Port> Ports { get; } = [];

    internal Dictionary<ActorPath, Peer> Peers { get; } = [];

    /// <summary>What makes wall time of the lan's clock, once that has been read; the same in all that is written to one
    /// recording.</summary>
    internal long? WallOffset { get; set; }

    /// <summary>Streams to other nodes that have been begun.</summary>
    internal int Streams { get; set; }

    /// <summary>Of the lan itself; null if it is not recorded.</summary>
    internal Recorder? Recorder { get; set; }

    /// <summary>A Nic that is plugged in.</summary>
    internal sealed class Port(LanProtocol.Connect connect, FrameWindow transmit, FrameWindow deliver, Recorder? recorder)
    {
        public string Name => connect.Port;

        public MacAddress? Mac => connect.Mac;

        public PortSettings? Settings => connect.Settings;

        public IActorRef Nic => connect.Nic;

        /// <summary>From the Nic to the lan.</summary>
        public FrameWindow Transmit { get; } = transmit;

        /// <summary>From the lan to the Nic.</summary>
        public FrameWindow Deliver { get; } = deliver;

        public Recorder? Recorder { get; } = recorder;

        /// <summary>What the present switch knows it as.</summary>
        public Station Station { get; set; } = null!;
    }

    /// <summary>The Lan on another node.</summary>
    internal sealed class Peer(IActorRef lan, int stream, PeerWindow window, PeerWay way)
    {
        public IActorRef Lan => lan;

        /// <summary>The number of the stream that goes there.</summary>
        public int Stream => stream;

        public PeerWindow Window => window;

        public PeerWay Way => way;

        /// <summary>What waits until it may go by trunk.</summary>
        public Queue<FrameBatch> Held { get; } = new();

        /// <summary>Its bytes.</summary>
        public int HeldBytes { get; set; }

        /// <summary>The stream that comes from there.</summary>
        public PeerStream From { get; } = new();

        /// <summary>The last frame from there that it has not been told about; 0 for none.</summary>
        public long ToAcknowledge { get; set; }

        /// <summary>What the present switch knows it as.</summary>
        public Station Station { get; set; } = null!;
    }
}
