// How many bytes a second one actor gets across to another node in messages of the size of a network frame. The sender keeps a window of
// unconfirmed messages, as everything that sends much must, since a node that is sent to without measure drops.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;

namespace Lguest.Bench.Remote;

internal sealed class RemoteThroughput : IBenchmark
{
    private const int Size = 1_500;
    private const int Messages = 300_000;
    private const int Confirmed = 500;
    private const int Window = 8 * Confirmed;
    private const int Runs = 4;

    public string Name => "remote throughput, payloads of 1.5 KB";

    public Target Target { get; } = Target.AtLeast(100, "MB/s");

    public Measurement Run()
    {
        using var nodes = new Nodes();
        double best = 0.0;
        for (int run = 0; run < Runs; run++)
        {
            var far = nodes.Resolve(nodes.Far.ActorOf(Props.Create(() => new Receiving()), $"receiving-{run}"));
            var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            long start = Stopwatch.GetTimestamp();
            nodes.Near.ActorOf(Props.Create(() => new Sending(far, finished))).Tell(Window, ActorRefs.NoSender);
            finished.Task.Wait();
            best = Math.Max(best, (double)Messages * Size / Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return Measurement.Of(best, string.Create(CultureInfo.InvariantCulture,
            $"best of {Runs} runs of {Messages:N0} messages, {best * 1e6 / Size:N0} a second"));
    }

    private sealed class Receiving : ReceiveActor
    {
        private int _received;

        public Receiving() => Receive<byte[]>(_ =>
        {
            if (++_received % Confirmed == 0) Sender.Tell(Confirmed, Self);
        });
    }

    private sealed class Sending : ReceiveActor
    {
        private readonly byte[] _payload = new byte[Size];
        private int _sent;
        private int _confirmed = -Window;

        public Sending(IActorRef far, TaskCompletionSource finished) => Receive<int>(credit =>
        {
            _confirmed += credit;
            for (int i = 0; i < credit && _sent < Messages; i++, _sent++) far.Tell(_payload, Self);
            if (_confirmed >= Messages) finished.TrySetResult();
        });
    }
}
