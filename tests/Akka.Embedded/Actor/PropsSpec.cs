// Recipes for actors: how they are written down, and that they are values that can be used again.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class PropsSpec : PatientTestKit
{
    [Fact]
    public void Arguments_are_evaluated_once_and_the_constructor_runs_for_each_actor()
    {
        var next = 0;
        var props = Props.Create(() => new Argument(Interlocked.Increment(ref next)));

        Sys.ActorOf(props).Tell("what");
        ExpectMsg(1);
        Sys.ActorOf(props).Tell("what");
        ExpectMsg(1);
    }

    [Fact]
    public void Props_can_be_made_from_a_type_and_its_arguments()
    {
        Sys.ActorOf(Props.Create<Argument>(7)).Tell("what");
        ExpectMsg(7);

        Sys.ActorOf(Props.Create(typeof(Argument), 8)).Tell("what");
        ExpectMsg(8);

        Sys.ActorOf(Props.Create<Plain>()).Tell("what");
        ExpectMsg("plain");

        Sys.ActorOf<Plain>("by-type").Tell("what");
        ExpectMsg("plain");
    }

    [Fact]
    public void Only_a_constructor_call_is_a_recipe() =>
        Should.Throw<InvalidCastException>(() => Props.Create(() => Make()));

    [Fact]
    public void Props_are_values()
    {
        Props.Create<Argument>(7).ShouldBe(Props.Create<Argument>(7));
        Props.Create<Argument>(7).WithDispatcher("d").Dispatcher.ShouldBe("d");
        Props.Create<Argument>(7).Dispatcher.ShouldBe("akka.actor.default-dispatcher");
        Props.Create<Argument>(7).Type.ShouldBe(typeof(Argument));
        Props.Create<Argument>(7).Arguments.ShouldBe([7]);
    }

    private static Plain Make() => new();

    private sealed class Argument : ReceiveActor
    {
        public Argument(int value) => ReceiveAny(_ => Sender.Tell(value));
    }

    private sealed class Plain : ReceiveActor
    {
        public Plain() => ReceiveAny(_ => Sender.Tell("plain"));
    }
}
