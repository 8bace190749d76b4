// Brings what a peer sends to its recipients: resolves the references, rebuilds the message, delivers it. Whatever is wrong with one message
// concerns that message alone; it is dropped, and said once for each kind.

using System.Text;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>One per connection, used by its reader only.</summary>
internal sealed class InboundDispatcher(ExtendedActorSystem system, RemoteActorRefProvider provider, ILoggingAdapter log)
{
    // The root, /user and /system: their end is the system's.
    private const int GuardianDepth = 1;

    private const int MostComplaints = 100;

    private readonly Utf8Cache<IInternalActorRef> _references = new();
    private readonly Utf8Cache<string> _manifests = new();
    private readonly HashSet<string> _complaints = [];

    /// <summary>Whose messages these are; known once the peer has greeted us.</summary>
    internal Address Peer { get; set; }

    internal void Dispatch(in MessageFrame frame)
    {
        if (!TryResolve(frame.Recipient, out var recipient) || !recipient.IsLocal)
        {
            Complain("recipient", $"Dropping message for [{Readable(frame.Recipient)}], which is not an actor of this system");
            return;
        }

        var sender = (IInternalActorRef)null;
        if (!frame.Sender.IsEmpty && !TryResolve(frame.Sender, out sender))
        {
            Complain("sender", $"Dropping message of [{Readable(frame.Sender)}], which is no actor");
            return;
        }

        if (TryDeserialize(frame, out var message)) Deliver(recipient, message, sender, frame.IsSystem);
    }

    private void Deliver(IInternalActorRef recipient, object message, IActorRef sender, bool isSystem)
    {
        switch (message)
        {
            case null:
            case ISystemMessage when !isSystem:
                Complain("null", "Dropping a message that is none");
                break;
            case DeathWatchNotification { Actor: var actor } when actor.Path.Address != Peer:
                Complain("death", $"Dropping the news of the death of {actor}, which is not [{Peer}]'s to tell");
                break;
            case var _ when IsHarmful(message) && MeansGuardian(recipient, message):
                Complain("guardian", $"Dropping [{message.GetType().Name}] for {recipient}: no peer ends this system");
                break;
            case ISystemMessage systemMessage:
                recipient.SendSystemMessage(systemMessage);
                break;
            case ActorSelectionMessage selection:
                ActorSelection.DeliverSelection(recipient, sender, selection);
                break;
            default:
                recipient.Tell(message, sender);
                break;
        }
    }

    private static bool IsHarmful(object message) => WrappedMessage.Unwrap(message) is Terminate or PoisonPill or Kill;

    private static bool MeansGuardian(IInternalActorRef recipient, object message)
    {
        if (message is not ActorSelectionMessage selection) return recipient.Path.Depth <= GuardianDepth;
        return recipient.Path.Depth + selection.Elements.Count <= GuardianDepth
            || selection.Elements.Any(element => element is SelectParent)
            || (recipient.Path.Depth <= GuardianDepth && selection.Elements.Any(element => element is SelectChildRecursive));
    }

    private bool TryDeserialize(in MessageFrame frame, out object message)
    {
        var manifest = Manifest(frame.Manifest);
        var outer = Akka.Serialization.Serialization.EnterTransport(provider.SerializationInformation);
        try
        {
            message = system.Serialization.DeserializeFromPeer(frame.Payload.ToArray(), frame.SerializerId, manifest);
            return true;
        }
        catch (Exception failure) // Serializers are anybody's code, fed with a stranger's bytes: they may throw anything, and only this message is lost.
        {
            Complain(
                $"{frame.SerializerId}/{manifest}",
                $"Serializer not defined for message with serializer id [{frame.SerializerId}] and manifest [{manifest}], or it could not read its bytes. Message dropped. {failure.GetType().Name}: {failure.Message}");
            message = null;
            return false;
        }
        finally
        {
            Akka.Serialization.Serialization.LeaveTransport(outer);
        }
    }

    private string Manifest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return string.Empty;
        if (_manifests.TryGet(bytes, out var known)) return known;
        var manifest = Encoding.UTF8.GetString(bytes);
        _manifests.Set(bytes, manifest);
        return manifest;
    }

    private bool TryResolve(ReadOnlySpan<byte> path, out IInternalActorRef reference)
    {
        // An actor that has ended is looked for again: there may be another by now, and if not, the lookup knows who speaks for the dead.
        if (_references.TryGet(path, out reference) && !reference.IsTerminated) return true;
        reference = null;
        if (!ActorPath.TryParse(Encoding.UTF8.GetString(path), out var parsed)) return false;
        reference = provider.ResolveActorRef(parsed) as IInternalActorRef;
        if (reference is null) return false;
        if (reference is RemoteActorRef || (reference is LocalActorRef && (parsed.Uid != 0 || parsed.Depth == 0))) _references.Set(path, reference);
        return true;
    }

    private void Complain(string kind, string text)
    {
        if (_complaints.Count < MostComplaints && _complaints.Add(kind)) log.Warning("{0}", text);
        else log.Debug("{0}", text);
    }

    private static string Readable(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path[..Math.Min(path.Length, 200)]);
}
