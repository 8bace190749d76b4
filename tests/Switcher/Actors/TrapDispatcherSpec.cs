// The Switcher is served by the thread of the CPU that exits, so that no exit waits for another thread to wake up; and what others say to it is not.
using Akka.Actor;
using Akka.Configuration;
using Lguest.Switcher.Actors;
using Shouldly;
using Xunit;

namespace Lguest.Switcher.Tests.Actors;

public sealed class TrapDispatcherSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly ActorSystem _system = ActorSystem.Create("trap", SwitcherSettings.Reference(2));

    [Fact]
    public void What_a_processor_tells_at_its_exit_is_handled_on_its_own_thread_before_it_goes_on()
    {
        int handledBy = 0;
        IActorRef switcher = Start(_ => Volatile.Write(ref handledBy, Environment.CurrentManagedThreadId));

        // The thread that started the actor may still be about to leave its mailbox; once it has, every exit is ours.
        bool isOurs = SpinWait.SpinUntil(
            () =>
            {
                TrapDispatcher.CpuExits(switcher, "exit", ActorRefs.NoSender);
                return Volatile.Read(ref handledBy) == Environment.CurrentManagedThreadId;
            },
            _patience);

        isOurs.ShouldBeTrue();
    }

    [Fact]
    public void What_anybody_else_tells_it_is_handled_on_another_thread()
    {
        using ManualResetEventSlim handled = new();
        int handledBy = 0;
        IActorRef switcher = Start(_ =>
        {
            handledBy = Environment.CurrentManagedThreadId;
            handled.Set();
        });

        switcher.Tell("interrupt");

        handled.Wait(_patience).ShouldBeTrue();
        handledBy.ShouldNotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void An_exit_while_another_thread_serves_the_Switcher_is_left_to_that_thread()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim leave = new();
        using ManualResetEventSlim served = new();
        IActorRef switcher = Start(message =>
        {
            if (message == "long")
            {
                entered.Set();
                leave.Wait(_patience);
            }
            else
            {
                served.Set();
            }
        });
        switcher.Tell("long");
        entered.Wait(_patience).ShouldBeTrue();

        TrapDispatcher.CpuExits(switcher, "exit", ActorRefs.NoSender);

        served.IsSet.ShouldBeFalse();
        leave.Set();
        served.Wait(_patience).ShouldBeTrue();
    }

    [Fact]
    public void Whatever_the_Switcher_starts_meanwhile_does_not_run_on_the_processors_thread()
    {
        using ManualResetEventSlim ran = new();
        int ranOn = 0;
        IActorRef second = Start(_ =>
        {
            ranOn = Environment.CurrentManagedThreadId;
            ran.Set();
        });
        IActorRef first = Start(second.Tell);

        TrapDispatcher.CpuExits(first, "exit", ActorRefs.NoSender);

        ran.Wait(_patience).ShouldBeTrue();
        ranOn.ShouldNotBe(Environment.CurrentManagedThreadId);
    }

    public void Dispose() => _system.Terminate().Wait(_patience);

    /// <summary>An actor on the Switcher's dispatcher, once it is ready.</summary>
    private IActorRef Start(Action<string> handle)
    {
        IActorRef actor = _system.ActorOf(Props.Create(() => new Handler(handle)).WithDispatcher("lguest.switcher-dispatcher"));
        actor.Ask<ActorIdentity>(new Identify(1), _patience).Wait(_patience).ShouldBeTrue();
        return actor;
    }

    private sealed class Handler : ReceiveActor
    {
        public Handler(Action<string> handle) => Receive<string>(handle);
    }
}
