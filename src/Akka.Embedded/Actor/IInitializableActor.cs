// Lets a base class act after the whole constructor chain has run.

namespace Akka.Actor;

internal interface IInitializableActor
{
    void Init();
}
