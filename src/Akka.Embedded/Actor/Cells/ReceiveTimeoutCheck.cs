// The timer's private word to a cell that its receive timeout may be over.

namespace Akka.Actor;

internal sealed class ReceiveTimeoutCheck(ICancelable timer) : IAutoReceivedMessage, INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded
{
    internal ICancelable Timer { get; } = timer;
}
