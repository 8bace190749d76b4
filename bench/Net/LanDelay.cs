// A delay of 20 ms should be 20 ms: measured at the ports, from the moment a Nic sends to the moment the other one has the frame in its
// hands.

using System.Globalization;
using Akka.Actor;
using Lguest.Machine.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

internal sealed class LanDelay : IBenchmark
{
    private const int Frames = 500;
    private const double Wanted = 20_000;

    public string Name => "delay of 20 ms on a lan, median error at the ports";

    public Target Target { get; } = Target.AtMost(1_000, "us");

    public Measurement Run()
    {
        using var system = ActorSystem.Create("bench", Quiet.Log.WithFallback(NetSettings.Reference()));
        var settings = new LanSettings("bench") { Link = new LinkSettings { Delay = TimeSpan.FromMilliseconds(20) } };
        var lan = system.ActorOf(LanActor.Props(settings, NetSettings.From(system.Settings.Config)));
        var times = new TaskCompletionSource<double[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Probe(lan, times)));
        double[] delays = times.Task.Result.Order().ToArray();
        system.Terminate().Wait();
        double[] errors = delays.Select(delay => Math.Abs(delay - Wanted)).Order().ToArray();
        return Measurement.Of(errors[Frames / 2], string.Create(
            CultureInfo.InvariantCulture, $"{Frames} frames; 95 % within {errors[Frames * 95 / 100]:F0} us, 99 % within "
                + $"{errors[Frames * 99 / 100]:F0} us; delays: median {delays[Frames / 2] / 1000:F3} ms, from {delays[0] / 1000:F3} to "
                + $"{delays[^1] / 1000:F3} ms"));
    }

    /// <summary>Sends a frame every few milliseconds to itself, by two ports.</summary>
    private sealed class Probe : ReceiveActor, IWithTimers
    {
        private readonly Queue<long> _sent = new();
        private readonly double[] _delays = new double[Frames];
        private readonly IActorRef _lan;
        private int _seen;
        private FrameWindow? _window;

        public Probe(IActorRef lan, TaskCompletionSource<double[]> times)
        {
            _lan = lan;
            Receive<LanProtocol.Connected>(connected =>
            {
                if (connected.Port == "left")
                    _window = connected.Transmit;
                else
                    Send();
            });
            Receive<Again>(_ => Send());
            Receive<LanProtocol.Deliver>(deliver =>
            {
                // On a machine that is busy several may be late enough to come together.
                for (int i = deliver.Frames.Count; i > 0; i--)
                    _delays[_seen++] = (SystemClock.Instance.Monotonic - _sent.Dequeue()) / 1000.0;
                deliver.Done();
                if (_seen == Frames)
                    times.SetResult(_delays);
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            _lan.Tell(new LanProtocol.Connect("left", LanWire.Left, Self));
            _lan.Tell(new LanProtocol.Connect("right", LanWire.Right, Self));
        }

        private void Send()
        {
            var frames = FrameBatch.Of(LanWire.Bytes(LanWire.Left, LanWire.Right));
            if (_window!.TryTake(frames.RecordBytes))
            {
                _sent.Enqueue(SystemClock.Instance.Monotonic);
                _lan.Tell(new LanProtocol.Transmit("left", frames));
            }

            if (_seen + _sent.Count < Frames)
                Timers.StartSingleTimer(Again.Instance, Again.Instance, TimeSpan.FromMilliseconds(5));
        }

        /// <summary>To itself: time for the next frame.</summary>
        private sealed class Again
        {
            public static readonly Again Instance = new();
        }
    }
}
