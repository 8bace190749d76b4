// What remoting's own parts, and the cluster's provider, need of a provider beyond what every provider does.

using Akka.Actor;

namespace Akka.Remote;

public interface IRemoteActorRefProvider : IActorRefProvider
{
    IActorRef RemoteWatcher { get; }
    RemoteTransport Transport { get; }
    RemoteSettings RemoteSettings { get; }

    /// <summary>True for every address that means this system.</summary>
    bool HasAddress(Address address);

    /// <summary>Ends all relations with one life of the system at an address; without a uid only the present connection.</summary>
    void Quarantine(Address address, int? uid);
}
