// How filters reach the listener: over the event stream, in order with the events themselves.

using Akka.Actor;
using Akka.TestKit.Internal;

namespace Akka.TestKit.TestEvent;

public sealed class Mute(IReadOnlyCollection<EventFilterBase> filters) : INoSerializationVerificationNeeded
{
    public IReadOnlyCollection<EventFilterBase> Filters { get; } = filters;
}

public sealed class Unmute(IReadOnlyCollection<EventFilterBase> filters) : INoSerializationVerificationNeeded
{
    public IReadOnlyCollection<EventFilterBase> Filters { get; } = filters;
}
