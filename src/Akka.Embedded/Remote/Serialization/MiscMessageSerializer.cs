// The small messages of the runtime that users may send to any actor anywhere.

using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

public sealed class MiscMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string IdentifyManifest = "ID";
    private const string IdentityManifest = "AID";
    private const string ReferenceManifest = "AR";
    private const string PoisonPillManifest = "PP";
    private const string KillManifest = "K";
    private const string FailureManifest = "SF";
    private const string SuccessManifest = "SS";
    private const string HeartbeatManifest = "RWHB";
    private const string HeartbeatRspManifest = "RWHR";

    public override string Manifest(object o) => o switch
    {
        Identify => IdentifyManifest,
        ActorIdentity => IdentityManifest,
        IActorRef => ReferenceManifest,
        PoisonPill => PoisonPillManifest,
        Kill => KillManifest,
        Status.Failure => FailureManifest,
        Status.Success => SuccessManifest,
        RemoteWatcher.Heartbeat => HeartbeatManifest,
        RemoteWatcher.HeartbeatRsp => HeartbeatRspManifest,
        _ => throw new ArgumentException($"Cannot serialize object of type [{o.GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        Identify identify => PayloadSupport.Build(writer => PayloadSupport.Write(system, writer, identify.MessageId)),
        ActorIdentity identity => PayloadSupport.Build(writer =>
        {
            PayloadSupport.Write(system, writer, identity.MessageId);
            PayloadSupport.WriteReference(writer, identity.Subject);
        }),
        IActorRef reference => PayloadSupport.Build(writer => PayloadSupport.WriteReference(writer, reference)),
        PoisonPill or Kill or RemoteWatcher.Heartbeat => [],
        Status.Failure failure => PayloadSupport.Build(writer =>
        {
            ExceptionSupport.Write(writer, failure.Cause);
            PayloadSupport.Write(system, writer, failure.State);
        }),
        Status.Success success => PayloadSupport.Build(writer => PayloadSupport.Write(system, writer, success.Status)),
        RemoteWatcher.HeartbeatRsp response => BitConverter.GetBytes(response.AddressUid),
        _ => throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new FrameReader(bytes);
        switch (manifest)
        {
            case IdentifyManifest:
                return new Identify(PayloadSupport.Read(system, ref reader));
            case IdentityManifest:
                var id = PayloadSupport.Read(system, ref reader);
                var subject = PayloadSupport.ReadReference(system, ref reader);
                PayloadSupport.Check(reader);
                return new ActorIdentity(id, subject);
            case ReferenceManifest:
                var reference = PayloadSupport.ReadReference(system, ref reader);
                PayloadSupport.Check(reader);
                return reference;
            case PoisonPillManifest:
                return PoisonPill.Instance;
            case KillManifest:
                return Kill.Instance;
            case FailureManifest:
                var cause = ExceptionSupport.Read(system, ref reader);
                return new Status.Failure(cause, PayloadSupport.Read(system, ref reader));
            case SuccessManifest:
                return new Status.Success(PayloadSupport.Read(system, ref reader));
            case HeartbeatManifest:
                return RemoteWatcher.Heartbeat.Instance;
            case HeartbeatRspManifest:
                var uid = reader.Int32();
                PayloadSupport.Check(reader);
                return new RemoteWatcher.HeartbeatRsp(uid);
            default:
                throw new System.Runtime.Serialization.SerializationException($"Unimplemented deserialization of message with manifest [{manifest}]");
        }
    }
}
