// What the runtime says to actors of other nodes: watch, do not watch, it has ended, stop.

using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

public sealed class SystemMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string WatchManifest = "W";
    private const string UnwatchManifest = "UW";
    private const string DeathWatchManifest = "DW";
    private const string TerminateManifest = "T";

    public override string Manifest(object o) => o switch
    {
        Watch => WatchManifest,
        Unwatch => UnwatchManifest,
        DeathWatchNotification => DeathWatchManifest,
        Terminate => TerminateManifest,
        _ => throw new ArgumentException($"[{o.GetType()}] does not leave its node", nameof(o)),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        Watch watch => Pair(watch.Watchee, watch.Watcher),
        Unwatch unwatch => Pair(unwatch.Watchee, unwatch.Watcher),
        DeathWatchNotification death => PayloadSupport.Build(writer =>
        {
            PayloadSupport.WriteReference(writer, death.Actor);
            writer.Write(death.ExistenceConfirmed);
            writer.Write(death.AddressTerminated);
        }),
        Terminate => [],
        _ => throw new ArgumentException($"[{obj.GetType()}] does not leave its node", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new FrameReader(bytes);
        switch (manifest)
        {
            case WatchManifest:
                return new Watch(Reference(ref reader), Reference(ref reader));
            case UnwatchManifest:
                return new Unwatch(Reference(ref reader), Reference(ref reader));
            case DeathWatchManifest:
                var actor = Reference(ref reader);
                var (confirmed, address) = (reader.Byte() != 0, reader.Byte() != 0);
                PayloadSupport.Check(reader);
                return new DeathWatchNotification(actor, confirmed, address);
            case TerminateManifest:
                return new Terminate();
            default:
                throw new System.Runtime.Serialization.SerializationException($"There is no system message with the manifest [{manifest}]");
        }
    }

    private static byte[] Pair(IActorRef first, IActorRef second) => PayloadSupport.Build(writer =>
    {
        PayloadSupport.WriteReference(writer, first);
        PayloadSupport.WriteReference(writer, second);
    });

    private IInternalActorRef Reference(ref FrameReader reader) =>
        PayloadSupport.ReadReference(system, ref reader) as IInternalActorRef
        ?? throw new System.Runtime.Serialization.SerializationException("A system message without the actor it concerns.");
}
