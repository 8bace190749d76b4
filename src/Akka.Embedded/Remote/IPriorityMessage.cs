// Signs of life must not queue behind the mass: a busy connection would look like a dead node.

namespace Akka.Remote;

/// <summary>Goes out before everything that waits. Such messages keep their order among themselves, not with others.</summary>
internal interface IPriorityMessage
{
}
