// "Remote actor ref provider": how code that only has a system comes to its remoting.

using Akka.Actor;

namespace Akka.Remote;

internal sealed class RARP(IRemoteActorRefProvider provider) : ExtensionIdProvider<RARP>, IExtension
{
    public RARP()
        : this(null)
    {
    }

    public IRemoteActorRefProvider Provider { get; } = provider;

    public static RARP For(ActorSystem system) => system.WithExtension<RARP, RARP>();

    public override RARP CreateExtension(ExtendedActorSystem system) => new((IRemoteActorRefProvider)system.Provider);

    public Props ConfigureDispatcher(Props props) => Provider.RemoteSettings.ConfigureDispatcher(props);
}
