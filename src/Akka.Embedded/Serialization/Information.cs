// Where references are written for: serializers ask for it so that a reference is valid at the other end.

using Akka.Actor;

namespace Akka.Serialization;

public sealed record Information(Address Address, ActorSystem System);
