// Tells one life of a system from the next: a random number drawn at its start. The same address with another number is another system.

using Akka.Actor;

namespace Akka.Remote;

public class AddressUid : IExtension
{
    public readonly int Uid = Random.Shared.Next();
}

public class AddressUidExtension : ExtensionIdProvider<AddressUid>
{
    public override AddressUid CreateExtension(ExtendedActorSystem system) => new();

    public static int Uid(ActorSystem system) => system.WithExtension<AddressUid, AddressUidExtension>().Uid;
}
