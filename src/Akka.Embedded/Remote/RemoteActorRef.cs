// The reference to an actor of another system: a path, and the association by which it is reached.

using System.Text;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Transport;

namespace Akka.Remote;

/// <summary>Marks references that leave this process.</summary>
public interface IRemoteRef : IActorRefScope
{
}

public class RemoteActorRef : InternalActorRefBase, IRemoteRef
{
    private readonly Remoting _remoting;
    private Association _association;
    private byte[] _pathBytes;

    internal RemoteActorRef(Remoting remoting, Address localAddressToUse, ActorPath path)
    {
        if (path.Address.HasLocalScope) throw new ArgumentException($"Unexpected local address in RemoteActorRef [{path}]", nameof(path));
        _remoting = remoting;
        LocalAddressToUse = localAddressToUse;
        Path = path;
    }

    public Address LocalAddressToUse { get; }
    public override ActorPath Path { get; }
    public override IInternalActorRef Parent => ActorRefs.Nobody;
    public override IActorRefProvider Provider => _remoting.Provider;
    public override bool IsLocal => false;

    /// <summary>Never: only watching tells.</summary>
    public override bool IsTerminated => false;

    internal Association Association => _association is { IsRetired: false } known ? known : _association = _remoting.AssociationWith(Path.Address);
    internal byte[] PathBytes => _pathBytes ??= Encoding.UTF8.GetBytes(Path.ToSerializationFormat());

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        var path = Path;
        foreach (var element in name)
        {
            if (element == "..") path = path.Parent ?? path;
            else if (element.Length > 0) path /= element;
        }

        return ReferenceEquals(path, Path) ? this : new RemoteActorRef(_remoting, LocalAddressToUse, path);
    }

    public override void Start()
    {
    }

    public override void Stop() => SendSystemMessage(new Terminate());
    public override void Suspend() => SendSystemMessage(new Suspend());
    public override void Resume(Exception causedByFailure = null) => SendSystemMessage(new Resume(causedByFailure));
    public override void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));

    public override void SendSystemMessage(ISystemMessage message)
    {
        // Who watches from here is looked after here: one watch for all of them goes out, with heartbeats to its node.
        switch (message)
        {
            case Watch watch when IsWatchIntercepted(watch.Watchee, watch.Watcher):
                _remoting.Provider.RemoteWatcher.Tell(new RemoteWatcher.WatchRemote(watch.Watchee, watch.Watcher), ActorRefs.NoSender);
                break;
            case Unwatch unwatch when IsWatchIntercepted(unwatch.Watchee, unwatch.Watcher):
                _remoting.Provider.RemoteWatcher.Tell(new RemoteWatcher.UnwatchRemote(unwatch.Watchee, unwatch.Watcher), ActorRefs.NoSender);
                break;
            default:
                _remoting.Send(message, null, this);
                break;
        }
    }

    public bool IsWatchIntercepted(IActorRef watchee, IActorRef watcher) =>
        !watcher.Equals(_remoting.Provider.RemoteWatcher) && watchee.Equals(this);

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is null) throw new InvalidMessageException("Message is null.");
        _remoting.Send(message, sender, this);
    }
}
