// What references and the provider need of a transport. There is one, TCP (Remoting); tests of the next layers may stand in another.

using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

public abstract class RemoteTransport
{
    protected RemoteTransport(ExtendedActorSystem system, RemoteActorRefProvider provider)
    {
        System = system;
        Provider = provider;
    }

    public ExtendedActorSystem System { get; }
    public RemoteActorRefProvider Provider { get; }
    public ILoggingAdapter Log { get; protected set; }

    /// <summary>The addresses under which others reach us.</summary>
    public abstract ISet<Address> Addresses { get; }

    public abstract Address DefaultAddress { get; }

    /// <summary>Listens; throws <see cref="RemoteTransportException"/> when it cannot.</summary>
    public abstract void Start();

    /// <summary>Sends what is still to be sent, as far as the flush wait allows, and closes every connection.</summary>
    public abstract Task Shutdown();

    /// <summary>Never blocks: what cannot be sent is a dead letter.</summary>
    public abstract void Send(object message, IActorRef sender, RemoteActorRef recipient);

    /// <summary>The address of ours that a peer at the given one should use; throws <see cref="RemoteTransportException"/> when there is none.</summary>
    public abstract Address LocalAddressForRemote(Address remote);

    /// <summary>Ends all relations with one life of the system at an address; without a uid only the present connection.</summary>
    public abstract void Quarantine(Address address, int? uid);
}

public class RemoteTransportException(string message, Exception cause = null) : AkkaException(message, cause);
