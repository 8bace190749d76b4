// How long a frame is under way through a perfect lan from the Nic that sends it to the Nic that gets it: two messages between actors, and the
// waking of whoever receives them.

using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

internal sealed class LanLatency : IBenchmark
{
    private const int Frames = 50_000;

    public string Name => "frame through a lan, Nic to Nic on one node";

    public Target Target { get; } = Target.AtMost(10, "us");

    public Measurement Run()
    {
        using var system = ActorSystem.Create("bench", NetSettings.Reference());
        var lan = system.ActorOf(LanActor.Props(new LanSettings("bench"), NetSettings.From(system.Settings.Config)));
        var times = new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var right = system.ActorOf(Props.Create(() => new Far(lan)));
        system.ActorOf(Props.Create(() => new Near(lan, right, times)));
        var rounds = times.Task.Result.Skip(Frames / 5).Order().ToArray();
        system.Terminate().Wait();

        // A round is there and back, so half of it is one way.
        return Measurement.Of(rounds[rounds.Length / 2] / 2000.0, $"half the median of {rounds.Length} rounds; 99% below {rounds[rounds.Length * 99 / 100] / 2000.0:F1} us");
    }

    /// <summary>Sends a frame, waits until it comes back.</summary>
    private sealed class Near : ReceiveActor
    {
        private readonly long[] _rounds = new long[Frames];
        private readonly byte[] _frame = new byte[LanWire.FrameBytes];
        private readonly IActorRef _lan;
        private long _sent;
        private int _seen;
        private FrameWindow? _window;

        public Near(IActorRef lan, IActorRef far, TaskCompletionSource<long[]> times)
        {
            _lan = lan;
            LanWire.Fill(_frame);
            Receive<LanProtocol.Connected>(connected =>
            {
                _window = connected.Transmit;
                far.Tell(LanWire.Go.Instance);
            });
            Receive<LanWire.Go>(_ => Send());
            Receive<LanProtocol.Deliver>(deliver =>
            {
                _rounds[_seen++] = LanClock.Now - _sent;
                deliver.Done();
                if (_seen == Frames)
                    times.SetResult(_rounds);
                else
                    Send();
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("left", LanWire.Left, Self));

        private void Send()
        {
            _sent = LanClock.Now;
            var frames = FrameBatch.Of(_frame);
            if (_window!.TryTake(frames.RecordBytes))
                _lan.Tell(new LanProtocol.Transmit("left", frames));
        }
    }

    /// <summary>Sends back what it gets.</summary>
    private sealed class Far : ReceiveActor
    {
        private readonly byte[] _frame = new byte[LanWire.FrameBytes];
        private readonly IActorRef _lan;
        private FrameWindow? _window;
        private IActorRef? _near;

        public Far(IActorRef lan)
        {
            _lan = lan;
            LanWire.Fill(_frame);
            LanWire.Left.Write(_frame);
            LanWire.Right.Write(_frame.AsSpan(MacAddress.Length));
            Receive<LanProtocol.Connected>(connected =>
            {
                _window = connected.Transmit;
                _near?.Tell(LanWire.Go.Instance);
            });
            Receive<LanWire.Go>(go =>
            {
                _near = Sender;
                if (_window is not null)
                    Sender.Tell(go);
            });
            Receive<LanProtocol.Deliver>(deliver =>
            {
                deliver.Done();
                var frames = FrameBatch.Of(_frame);
                if (_window!.TryTake(frames.RecordBytes))
                    _lan.Tell(new LanProtocol.Transmit("right", frames));
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("right", LanWire.Right, Self));
    }
}
