// The four words of a hand-over on the wire. They carry nothing, so their manifests say everything, and bytes behind one are none of ours.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Singleton.Serialization;

public class ClusterSingletonMessageSerializer : SerializerWithStringManifest
{
    public ClusterSingletonMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override string Manifest(object o) => o switch
    {
        HandOverToMe => "A",
        HandOverInProgress => "B",
        HandOverDone => "C",
        TakeOverFromMe => "D",
        _ => throw new ArgumentException($"Cannot serialize object of type [{o?.GetType()}] in [{GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return [];
    }

    public override object FromBinary(byte[] bytes, string manifest) => bytes.Length > 0
        ? throw new SerializationException($"Refused a singleton message with manifest [{manifest}] and {bytes.Length} bytes")
        : manifest switch
        {
            "A" => new HandOverToMe(),
            "B" => new HandOverInProgress(),
            "C" => new HandOverDone(),
            "D" => new TakeOverFromMe(),
            _ => throw new SerializationException($"Refused a singleton message: nobody here knows manifest [{manifest}]"),
        };
}
