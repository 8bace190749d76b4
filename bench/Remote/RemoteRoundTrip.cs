// How long two actors of two nodes take to say a word to each other and hear one back, when nothing else is under way: the median, since
// what matters to a ping is the usual case, and the 99th in a hundred beside it.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;

namespace Lguest.Bench.Remote;

internal sealed class RemoteRoundTrip : IBenchmark
{
    private const int WarmUp = 5_000;
    private const int RoundTrips = 20_000;

    public string Name => "remote round trip on loopback";

    public Target Target { get; } = Target.AtMost(150, "us");

    public Measurement Run()
    {
        using var nodes = new Nodes();
        var far = nodes.Resolve(nodes.Far.ActorOf(Props.Create(() => new Answering()), "answering"));
        var times = new TaskCompletionSource<double[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        nodes.Near.ActorOf(Props.Create(() => new Asking(far, times))).Tell(0, ActorRefs.NoSender);
        double[] measured = times.Task.GetAwaiter().GetResult();
        Array.Sort(measured);
        return Measurement.Of(
            measured[measured.Length / 2],
            string.Create(CultureInfo.InvariantCulture,
                $"median of {RoundTrips:N0}, 99th percentile {measured[measured.Length * 99 / 100]:N0} us"));
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering() => Receive<int>(number => Sender.Tell(number, Self));
    }

    private sealed class Asking : ReceiveActor
    {
        private readonly double[] _times = new double[RoundTrips];
        private long _sent;
        private int _number = -WarmUp;

        public Asking(IActorRef far, TaskCompletionSource<double[]> finished) => Receive<int>(_ =>
        {
            if (_number > 0) _times[_number - 1] = Stopwatch.GetElapsedTime(_sent).TotalMicroseconds;
            if (_number++ == RoundTrips)
            {
                finished.SetResult(_times);
                return;
            }

            _sent = Stopwatch.GetTimestamp();
            far.Tell(_number, Self);
        });
    }
}
