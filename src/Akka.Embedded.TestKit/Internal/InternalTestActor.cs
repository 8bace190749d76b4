// The actor behind TestActor and every probe: puts what it gets into the queue that the expectations read.

using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit.Internal;

internal sealed class InternalTestActor(MessageQueue queue) : ActorBase
{
    private TestActor.Ignore _ignore;
    private AutoPilot _pilot = AutoPilot.NoAutoPilot;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case TestActor.SetIgnore set:
                _ignore = set.Ignore;
                return true;
            case TestActor.Watch watch:
                Context.Watch(watch.Actor);
                return true;
            case TestActor.Unwatch unwatch:
                Context.Unwatch(unwatch.Actor);
                return true;
            case TestActor.SetAutoPilot set:
                _pilot = set.AutoPilot;
                return true;
            case TestActor.Spawn spawn:
                spawn.Reply.TrySetResult(Context.ActorOf(spawn.Props, spawn.Name));
                return true;
        }

        var next = _pilot.Run(Sender, message);
        if (next is not KeepRunning) _pilot = next;
        if (_ignore is null || !_ignore(message)) queue.Add(new RealMessageEnvelope(message, Sender));
        return true;
    }

    protected override void PostStop()
    {
        foreach (var left in queue.TakeAll().Where(one => one.Message is not AllDeadLetters))
            Context.System.DeadLetters.Tell(new DeadLetter(left.Message, left.Sender, Self), left.Sender);
    }
}
