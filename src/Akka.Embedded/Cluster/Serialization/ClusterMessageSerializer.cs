// The cluster's words on the wire: a short manifest says which, the first byte which version of it, and the rest is read under strict rules.
// What is not understood is refused as a whole with a SerializationException, which remoting logs; membership never sees half a message.
//
//J:Cluster:370 Old peers and rubbish
// A cluster is updated node by node, so its nodes must not be led astray by a peer that speaks another version: it is not understood, which is
// logged there and here, and it does not get in. There is no guessing. The same holds for bytes that are no message at all: the reader knows
// how much is left, believes no count that the rest could not hold, allocates nothing on the word of a stranger, and accepts no gossip that
// contradicts itself.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Serialization;

namespace Akka.Cluster.Serialization;

public class ClusterMessageSerializer : SerializerWithStringManifest
{
    /// <summary>The version of every message here. One that is written differently has another version.</summary>
    internal const byte Version = 1;

    public ClusterMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override string Manifest(object o) => o switch
    {
        Heartbeat => "HB",
        HeartbeatRsp => "HBR",
        GossipEnvelope => "GE",
        GossipStatus => "GS",
        InitJoin => "IJ",
        InitJoinAck => "IJA",
        InitJoinNack => "IJN",
        Join => "J",
        Welcome => "W",
        Leave => "L",
        Down => "D",
        ExitingConfirmed => "EC",
        _ => throw new ArgumentException($"Can't serialize object of type [{o?.GetType()}] in [{GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        var to = new WireWriter();
        to.Byte(Version);
        switch (obj)
        {
            case Heartbeat beat:
                to.Address(beat.From);
                to.Long(beat.SequenceNr);
                to.Long(beat.CreationTimeNanos);
                break;
            case HeartbeatRsp answer:
                to.Node(answer.From);
                to.Long(answer.SequenceNr);
                to.Long(answer.CreationTimeNanos);
                break;
            case GossipEnvelope envelope:
                to.Node(envelope.From);
                to.Node(envelope.To);
                GossipFormat.Write(to, envelope.Gossip);
                break;
            case GossipStatus status:
                to.Node(status.From);
                GossipFormat.WriteVersion(to, status.Version);
                break;
            case Welcome welcome:
                to.Node(welcome.From);
                GossipFormat.Write(to, welcome.Gossip);
                break;
            case Join join:
                to.Node(join.Node);
                GossipFormat.WriteRoles(to, join.Roles);
                break;
            case InitJoin:
                break;
            case InitJoinAck ack:
                to.Address(ack.Address);
                break;
            case InitJoinNack nack:
                to.Address(nack.Address);
                break;
            case Leave leave:
                to.Address(leave.Address);
                break;
            case Down down:
                to.Address(down.Address);
                break;
            case ExitingConfirmed confirmed:
                to.Node(confirmed.Node);
                break;
            default:
                throw new ArgumentException($"Can't serialize object of type [{obj?.GetType()}] in [{GetType()}]", nameof(obj));
        }

        return to.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var from = new WireReader(bytes);
        try
        {
            var version = from.Byte();
            if (version != Version) throw new SerializationException($"it is of version {version}, and only {Version} is understood");
            var message = Read(ref from, manifest);
            from.End();
            return message;
        }
        catch (SerializationException refused)
        {
            throw new SerializationException($"Refused a cluster message with manifest [{manifest}]: {refused.Message}", refused);
        }
    }

    private static object Read(ref WireReader from, string manifest)
    {
        switch (manifest)
        {
            case "HB":
                return new Heartbeat(from.Address(), from.Long(), from.Long());
            case "HBR":
                return new HeartbeatRsp(from.Node(), from.Long(), from.Long());
            case "GE":
                return new GossipEnvelope(from.Node(), from.Node(), GossipFormat.Read(ref from));
            case "GS":
                return new GossipStatus(from.Node(), GossipFormat.ReadVersion(ref from));
            case "W":
                return ReadWelcome(ref from);
            case "J":
                return new Join(from.Node(), GossipFormat.ReadRoles(ref from));
            case "IJ":
                return new InitJoin();
            case "IJA":
                return new InitJoinAck(from.Address());
            case "IJN":
                return new InitJoinNack(from.Address());
            case "L":
                return new Leave(from.Address());
            case "D":
                return new Down(from.Address());
            case "EC":
                return new ExitingConfirmed(from.Node());
            default:
                throw new SerializationException("nobody here knows that manifest");
        }
    }

    private static Welcome ReadWelcome(ref WireReader from)
    {
        var welcome = new Welcome(from.Node(), GossipFormat.Read(ref from));
        return welcome.Gossip.Has(welcome.From) ? welcome : throw new SerializationException($"{welcome.From} welcomes to a cluster that it is not in");
    }
}
