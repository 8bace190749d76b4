// The Switcher's own dispatcher. On a real machine the Host's code runs on the processor that trapped; here, too: when a Guest's CPU actor
// hands its slot back and nobody is serving the Switcher's mailbox, the CPU's thread serves it on the spot. To wake another thread, and
// that one this one again, would cost ten times what most exits take. What others say to the Switcher is served by a few threads that are
// there for nothing else.
//
//J:Switcher:701 Trapping without changing threads
// TellHere brackets the message that may carry a mailbox along: it marks the thread, tells the Switcher, and takes the mailbox if the
// dispatcher left it there. If another thread was just serving the Switcher, nothing was left, and the message waits for that one, as in
// any actor. What the Switcher tells meanwhile to others of this dispatcher is left here as well, and what these answer: so a DMA call of
// the first generation goes from the CPU to the Switcher, to the node's DMA or to a card and back, and the CPU goes on, all on one thread.
// There is an end to that: an actor that has more to do than one turn does the rest elsewhere, and after a few turns the mark is gone.
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Lguest.Switcher.Actors;

/// <summary>Runs the Switcher on the thread of the CPU that exits, else on threads of its own.</summary>
public sealed class TrapDispatcher : MessageDispatcher
{
    /// <summary>Turns of mailboxes in one exit, after which no further ones are taken along. A DMA call needs three.</summary>
    internal const int MostTurns = 6;

    [ThreadStatic]
    private static bool _takes;

    [ThreadStatic]
    private static Queue<(TrapDispatcher Of, IRunnable Mailbox)>? _left;

    [ThreadStatic]
    private static IRunnable? _running;

    private readonly TrapThreads _threads;

    internal TrapDispatcher(MessageDispatcherConfigurator configurator)
        : base(configurator)
    {
        Id = configurator.Config.GetString("id");
        _threads = new TrapThreads(configurator.Config.GetInt("threads"), problem =>
            Configurator.Prerequisites.EventStream.Publish(new Error(problem, Id, GetType(), "a mailbox threw")));
    }

    /// <summary>From a CPU's thread: tells the Switcher something, such as that the slot is back, and serves it if nobody else
    /// does.</summary>
    public static void TellHere(IActorRef switcher, object message, IActorRef? sender)
    {
        var left = _left ??= new Queue<(TrapDispatcher, IRunnable)>();
        try
        {
            _takes = true;
            switcher.Tell(message, sender);
            for (int turn = 1; left.TryDequeue(out var next); turn++)
            {
                _takes = turn < MostTurns;
                _running = next.Mailbox;
                next.Mailbox.Run();
            }
        }
        finally
        {
            // Nothing is left but where something threw; then it must not wait for this thread's next exit.
            _takes = false;
            _running = null;
            while (left.TryDequeue(out var next))
                next.Of._threads.Add(next.Mailbox);
        }
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_takes && run != _running)
            _left!.Enqueue((this, run));
        else
            _threads.Add(run);
    }

    /// <summary>Its actors are gone.</summary>
    protected override void Shutdown() => _threads.End();
}
