// The Switcher is served by the thread of the CPU that exits, so that no exit waits for another thread to wake up; and what others say to
// it is not.
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
        var switcher = Start(_ => Volatile.Write(ref handledBy, Environment.CurrentManagedThreadId));

        // The thread that started the actor may still be about to leave its mailbox; once it has, every exit is ours.
        bool isOurs = SpinWait.SpinUntil(
            () =>
            {
                TrapDispatcher.TellHere(switcher, "exit", ActorRefs.NoSender);
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
        var switcher = Start(_ =>
        {
            handledBy = Environment.CurrentManagedThreadId;
            handled.Set();
        });

        switcher.Tell("interrupt");

        handled.Wait(_patience).ShouldBeTrue();
        handledBy.ShouldNotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void That_thread_and_those_of_whom_is_told_next_are_none_of_the_process_s_pool()
    {
        using CountdownEvent handled = new(3);
        int onPool = 0;
        IActorRef[] cards = [.. Enumerable.Range(0, 2).Select(_ => Start(_ => Note()))];
        var lan = Start(message =>
        {
            foreach (var card in cards)
                card.Tell(message);
            Note();
        });

        lan.Tell("frame");

        handled.Wait(_patience).ShouldBeTrue();
        onPool.ShouldBe(0);

        void Note()
        {
            if (Thread.CurrentThread.IsThreadPoolThread)
                Interlocked.Increment(ref onPool);
            handled.Signal();
        }
    }

    [Fact]
    public void Two_that_are_told_something_by_one_turn_are_served_at_the_same_time()
    {
        using ManualResetEventSlim secondRuns = new();
        using CountdownEvent handled = new(2);
        var first = Start(_ =>
        {
            if (secondRuns.Wait(_patience))
                handled.Signal();
        });
        var second = Start(_ =>
        {
            secondRuns.Set();
            handled.Signal();
        });
        var lan = Start(message =>
        {
            first.Tell(message);
            second.Tell(message);
        });

        lan.Tell("frame");

        handled.Wait(_patience).ShouldBeTrue();
    }

    [Fact]
    public async Task A_dispatcher_whose_actors_are_gone_serves_those_that_come_later()
    {
        for (int i = 0; i < 3; i++)
        {
            var actor = Start(_ => { });
            (await actor.GracefulStop(_patience)).ShouldBeTrue();
        }
    }

    [Fact]
    public void An_exit_while_another_thread_serves_the_Switcher_is_left_to_that_thread()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim leave = new();
        using ManualResetEventSlim served = new();
        var switcher = Start(message =>
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

        TrapDispatcher.TellHere(switcher, "exit", ActorRefs.NoSender);

        served.IsSet.ShouldBeFalse();
        leave.Set();
        served.Wait(_patience).ShouldBeTrue();
    }

    [Fact]
    public void Whom_the_Switcher_tells_on_its_dispatcher_answers_on_the_same_thread_before_the_processor_goes_on()
    {
        int told = 0, answered = 0;
        IActorRef? switcher = null;
        var dma = Start(_ =>
        {
            Volatile.Write(ref told, Environment.CurrentManagedThreadId);
            switcher!.Tell("answer");
        });
        switcher = Start(message =>
        {
            if (message == "answer")
                Volatile.Write(ref answered, Environment.CurrentManagedThreadId);
            else
                dma.Tell("call");
        });

        bool isOurs = SpinWait.SpinUntil(
            () =>
            {
                TrapDispatcher.TellHere(switcher, "exit", ActorRefs.NoSender);
                return Volatile.Read(ref told) == Environment.CurrentManagedThreadId
                    && Volatile.Read(ref answered) == Environment.CurrentManagedThreadId;
            },
            _patience);

        isOurs.ShouldBeTrue();
    }

    [Fact]
    public void Whom_the_Switcher_tells_on_another_dispatcher_does_not_run_on_the_processors_thread()
    {
        using ManualResetEventSlim ran = new();
        int ranOn = 0;
        var second = Start(
            _ =>
            {
                ranOn = Environment.CurrentManagedThreadId;
                ran.Set();
            },
            "akka.actor.default-dispatcher");
        var first = Start(second.Tell);

        TrapDispatcher.TellHere(first, "exit", ActorRefs.NoSender);

        ran.Wait(_patience).ShouldBeTrue();
        ranOn.ShouldNotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void Two_that_never_stop_telling_each_other_do_not_keep_the_processor()
    {
        using ManualResetEventSlim end = new();
        using ManualResetEventSlim ended = new();
        int here = 0, processor = Environment.CurrentManagedThreadId;
        IActorRef? first = null;
        var second = Start(message => Pass(first!, message));
        first = Start(message => Pass(second, message));

        TrapDispatcher.TellHere(first, "exit", ActorRefs.NoSender);

        int turns = Volatile.Read(ref here);
        turns.ShouldBeLessThanOrEqualTo(TrapDispatcher.MostTurns);
        end.Set();
        ended.Wait(_patience).ShouldBeTrue("it goes on without us");
        Volatile.Read(ref here).ShouldBe(turns);

        void Pass(IActorRef to, string message)
        {
            if (Environment.CurrentManagedThreadId == processor)
                Interlocked.Increment(ref here);
            if (end.IsSet)
                ended.Set();
            else
                to.Tell(message);
        }
    }

    [Fact]
    public void An_actor_with_more_than_one_turn_to_do_does_the_rest_elsewhere()
    {
        int here = 0, done = 0, processor = Environment.CurrentManagedThreadId;
        IActorRef? busy = null;
        busy = Start(message =>
        {
            if (message == "exit")
                for (int i = 0; i < 1000; i++)
                    busy!.Tell("work");
            else if (Environment.CurrentManagedThreadId == processor)
                here++;
            Interlocked.Increment(ref done);
        });

        TrapDispatcher.TellHere(busy, "exit", ActorRefs.NoSender);

        SpinWait.SpinUntil(() => Volatile.Read(ref done) == 1001, _patience).ShouldBeTrue();
        here.ShouldBeLessThan(1000);
    }

    public void Dispose() => _system.Terminate().Wait(_patience);

    /// <summary>An actor on the Switcher's dispatcher, once it is ready.</summary>
    private IActorRef Start(Action<string> handle, string dispatcher = "lguest.switcher-dispatcher")
    {
        var actor = _system.ActorOf(Props.Create(() => new Handler(handle)).WithDispatcher(dispatcher));
        actor.Ask<ActorIdentity>(new Identify(1), _patience).Wait(_patience).ShouldBeTrue();
        return actor;
    }

    private sealed class Handler : ReceiveActor
    {
        public Handler(Action<string> handle) => Receive<string>(handle);
    }
}
