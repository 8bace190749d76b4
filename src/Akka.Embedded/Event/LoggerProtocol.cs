// The handshake with a logger: it is told of the bus and must say that it is ready.

using Akka.Actor;

namespace Akka.Event;

public class InitializeLogger(LoggingBus loggingBus) : INoSerializationVerificationNeeded
{
    public LoggingBus LoggingBus { get; } = loggingBus;
}

public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
}
