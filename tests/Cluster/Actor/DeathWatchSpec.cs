// Hearing of the end of others: who is told, when, and what happens to those who do not listen.

using Akka.Actor;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Actor;

public sealed class DeathWatchSpec : PatientTestKit
{
    private sealed record Gone(string What);

    [Fact]
    public void A_watcher_is_told_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        Watch(actor);
        Watch(actor);

        Sys.Stop(actor);

        var terminated = ExpectTerminated(actor);
        terminated.ExistenceConfirmed.ShouldBeTrue();
        terminated.AddressTerminated.ShouldBeFalse();
        ExpectNoMsg(100);
    }

    [Fact]
    public void Watching_the_dead_is_answered_at_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        Watch(actor);

        ExpectTerminated(actor);
    }

    [Fact]
    public void Who_stops_watching_hears_nothing()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        Watch(actor);
        Unwatch(actor);

        Sys.Stop(actor);

        ExpectNoMsg(200);
    }

    [Fact]
    public void A_message_of_ones_own_can_stand_for_terminated()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        Sys.ActorOf(Props.Create(() => new Watcher(actor, TestActor)));
        ExpectMsg("watching");

        Sys.Stop(actor);

        ExpectMsg(new Gone("idle"));
    }

    [Fact]
    public void Who_does_not_handle_the_end_of_a_watched_actor_dies_with_it()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        var dependent = Sys.ActorOf(Props.Create(() => new Dependent(actor, TestActor)));
        ExpectMsg("watching");
        Watch(dependent);

        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(actor));

        ExpectTerminated(dependent);
    }

    [Fact]
    public async Task Code_that_is_no_actor_can_watch_too()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Idle()));
        var end = actor.WatchAsync();

        Sys.Stop(actor);

        (await end.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
    }

    private sealed class Idle : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, IActorRef reader)
        {
            Context.WatchWith(watched, new Gone("idle"));
            reader.Tell("watching");
            Receive<Gone>(reader.Tell);
        }
    }

    private sealed class Dependent : ReceiveActor
    {
        public Dependent(IActorRef watched, IActorRef reader)
        {
            Context.Watch(watched);
            reader.Tell("watching");
        }
    }
}
