// How long two actors of two nodes take to say a word to each other and hear one back, when nothing else is under way: the median, since
// what matters to a ping is the usual case, and the 99th in a hundred beside it. Most of it is threads that are woken, which takes the
// idle processors of a virtual machine several times as long as busy ones: so what bytes take that go there and back over a plain socket of
// .NET stands beside it.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Lguest.Bench.Comparing;

namespace Lguest.Bench.Remote;

internal sealed class RemoteRoundTrip : IBenchmark
{
    private const int WarmUp = 5_000;
    private const int RoundTrips = 20_000;
    private const int PlainBytes = 200; // about what a message of this size is with its envelope

    public string Name => "remote round trip on loopback";

    public Target Target { get; } = Target.AtMost(300, "us");

    public Measurement Run()
    {
        using var nodes = new Nodes();
        var far = nodes.Resolve(nodes.Far.ActorOf(Props.Create(() => new Answering()), "answering"));
        var times = new TaskCompletionSource<double[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        nodes.Near.ActorOf(Props.Create(() => new Asking(far, times))).Tell(0, ActorRefs.NoSender);
        double[] measured = times.Task.GetAwaiter().GetResult();
        Array.Sort(measured);
        double median = measured[measured.Length / 2];
        double plain = PlainAsync().GetAwaiter().GetResult();
        return Measurement.Of(
            median,
            string.Create(CultureInfo.InvariantCulture, $"median of {RoundTrips:N0}, 99th percentile "
                + $"{measured[measured.Length * 99 / 100]:N0} us; over a plain socket {plain:F0} us"));
    }

    /// <summary>Microseconds from one thread to another and back over a connection of nobody else's, the median.</summary>
    private static async Task<double> PlainAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient near = new() { NoDelay = true };
        var accepting = listener.AcceptTcpClientAsync();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var far = await accepting;
        far.NoDelay = true;
        var answering = AnswerAsync(far.GetStream());
        var stream = near.GetStream();
        byte[] message = new byte[PlainBytes];
        double[] times = new double[RoundTrips];
        for (int i = -WarmUp; i < RoundTrips; i++)
        {
            long sent = Stopwatch.GetTimestamp();
            await stream.WriteAsync(message);
            await stream.ReadExactlyAsync(message);
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(sent).TotalMicroseconds;
        }

        near.Client.Shutdown(SocketShutdown.Send);
        await answering;
        return times.Median();
    }

    private static async Task AnswerAsync(NetworkStream stream)
    {
        byte[] message = new byte[PlainBytes];
        while (await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false) == message.Length)
            await stream.WriteAsync(message);
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
