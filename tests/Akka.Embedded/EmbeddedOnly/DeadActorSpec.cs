// What is left of an actor that has ended, as long as somebody has its reference: a process that runs one machine after the other must not keep the kernels of
// all. Akka.NET keeps some of it, so this is asked of the embedded runtime only.

using System.Runtime.CompilerServices;
using Akka.Actor;

namespace Akka.Embedded.Tests.EmbeddedOnly;

public sealed class DeadActorSpec : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void Who_keeps_the_reference_of_a_dead_actor_does_not_keep_what_it_was_made_of()
    {
        var (actor, argument) = Start();
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        AwaitAssert(() =>
        {
            GC.Collect();
            argument.IsAlive.ShouldBeFalse();
        });
        GC.KeepAlive(actor);

        [MethodImpl(MethodImplOptions.NoInlining)]
        (IActorRef Actor, WeakReference Argument) Start()
        {
            var large = new byte[100_000];
            return (Sys.ActorOf(Props.Create<Keeper>(large)), new WeakReference(large));
        }
    }

    private sealed class Keeper(byte[] kept) : ReceiveActor
    {
        public byte[] Kept => kept;
    }
}
