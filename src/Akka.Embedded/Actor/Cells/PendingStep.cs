// Why a cell waits for its children to be gone.

namespace Akka.Actor;

internal enum PendingStep
{
    /// <summary>The actor is built again where it failed to be built at all.</summary>
    Creation,

    /// <summary>The actor is replaced after a failure.</summary>
    Recreation,

    /// <summary>The actor ends.</summary>
    Termination,
}
