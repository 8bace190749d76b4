// What can be said to a test actor beside the messages it collects.

using Akka.Actor;

namespace Akka.TestKit;

public static class TestActor
{
    public delegate bool Ignore(object message);

    public class SetIgnore(Ignore ignore) : INoSerializationVerificationNeeded
    {
        public Ignore Ignore { get; } = ignore;
    }

    public class Watch(IActorRef actorToWatch) : INoSerializationVerificationNeeded
    {
        public IActorRef Actor { get; } = actorToWatch;
    }

    public class Unwatch(IActorRef actorToUnwatch) : INoSerializationVerificationNeeded
    {
        public IActorRef Actor { get; } = actorToUnwatch;
    }

    public class SetAutoPilot(AutoPilot autoPilot) : INoSerializationVerificationNeeded
    {
        public AutoPilot AutoPilot { get; } = autoPilot;
    }

    internal sealed class Spawn(Props props, string name, TaskCompletionSource<IActorRef> reply) : INoSerializationVerificationNeeded
    {
        internal Props Props { get; } = props;
        internal string Name { get; } = name;
        internal TaskCompletionSource<IActorRef> Reply { get; } = reply;
    }
}
