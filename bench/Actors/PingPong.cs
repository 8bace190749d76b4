// Two actors that send one and the same object to and fro: the smallest conversation there is.

using System.Diagnostics;
using Akka.Actor;

namespace Lguest.Bench.Actors;

/// <summary>One measured conversation, per round trip (two messages).</summary>
internal sealed record PingPong(double Nanoseconds, double Bytes)
{
    private const int RoundTrips = 1_000_000;
    private const int Conversations = 7;

    /// <summary>The fastest of several conversations, after one to warm up: what the runtime costs when nothing else disturbs it.</summary>
    internal static PingPong Best()
    {
        using var system = ActorSystem.Create("bench", Quiet.Log);
        Measure(system);
        var best = Enumerable.Range(0, Conversations).Select(_ => Measure(system)).MinBy(one => one.Nanoseconds)!;
        system.Terminate().Wait();
        return best;
    }

    private static PingPong Measure(ActorSystem system)
    {
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answering = system.ActorOf(Props.Create(() => new Answering()));
        var asking = system.ActorOf(Props.Create(() => new Asking(answering, RoundTrips, finished)));
        GC.Collect();
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        asking.Tell(Ball.Instance, ActorRefs.NoSender);
        finished.Task.Wait();
        var elapsed = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        system.Stop(asking);
        system.Stop(answering);
        return new PingPong(elapsed.TotalNanoseconds / RoundTrips, (double)bytes / RoundTrips);
    }

    private sealed class Ball
    {
        internal static readonly Ball Instance = new();
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering() => Receive<Ball>(ball => Sender.Tell(ball, Self));
    }

    private sealed class Asking : ReceiveActor
    {
        private int _left;

        public Asking(IActorRef answering, int roundTrips, TaskCompletionSource finished)
        {
            _left = roundTrips;
            Receive<Ball>(ball =>
            {
                if (_left-- > 0) answering.Tell(ball, Self);
                else finished.SetResult();
            });
        }
    }
}
