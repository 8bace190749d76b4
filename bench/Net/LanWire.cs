// Two Nics and a lan between them, without Guests: the near one sends frames in batches and the far one says, in a frame, how it goes, each
// copying every byte as from and to a ring. What is measured is the lan.

using Akka.Actor;
using Lguest.Machine.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

/// <summary>The stand-ins for Nics.</summary>
internal static class LanWire
{
    /// <summary>A frame that carries 1,500 bytes.</summary>
    public const int FrameBytes = Frame.OrdinaryLength;

    public static readonly MacAddress Left = MacAddress.Parse("02:00:00:00:00:01");
    public static readonly MacAddress Right = MacAddress.Parse("02:00:00:00:00:02");

    /// <summary>A frame from one to the other.</summary>
    public static byte[] Bytes(MacAddress from, MacAddress to)
    {
        byte[] frame = new byte[FrameBytes];
        frame.AsSpan().Fill(0x5a);
        to.Write(frame);
        from.Write(frame.AsSpan(MacAddress.Length));
        return frame;
    }

    /// <summary>How the near Nic sends.</summary>
    /// <param name="Frames">In all.</param>
    /// <param name="UnderWay">At most that many unanswered ones, as a TCP window would have it: a lan drops what a receiver cannot
    /// take.</param>
    /// <param name="Batch">What a driver has in its ring when it kicks its device.</param>
    /// <param name="Every">The far Nic answers each so many frames with one.</param>
    internal sealed record Plan(int Frames, int UnderWay, int Batch, int Every)
    {
        /// <summary>As many as the lan takes.</summary>
        public static Plan Stream(int frames) => new(frames, UnderWay: 1024, Batch: 16, Every: 256);

        /// <summary>One after the other.</summary>
        public static Plan Ping(int frames) => new(frames, UnderWay: 1, Batch: 1, Every: 1);
    }

    /// <summary>What the near Nic saw: when it began, and when each answer came.</summary>
    internal sealed record Result(long Start, long[] Answers)
    {
        public double FramesPerSecond(int frames) => frames * 1e9 / (Answers[^1] - Start);

        /// <summary>Times between answers, without the first fifth, shortest first.</summary>
        public long[] Rounds() => [.. Answers.Zip(Answers.Skip(1), (earlier, later) => later - earlier).Skip(Answers.Length / 5).Order()];
    }

    /// <summary>Sends as planned. Tells the far Nic first, by asking for the answer to frames that never count, whether it is
    /// there.</summary>
    internal sealed class Near : ReceiveActor
    {
        private readonly FrameBatchWriter _writer = new();
        private readonly byte[] _ring = Bytes(Left, Right);
        private readonly IActorRef _lan;
        private readonly Plan _plan;
        private readonly long[] _answers;
        private int _answered = -1;
        private int _sent;
        private long _start;
        private FrameWindow? _window;
        private FrameBatch? _next;

        public Near(IActorRef lan, Plan plan, TaskCompletionSource<Result> all)
        {
            _lan = lan;
            _plan = plan;
            _answers = new long[plan.Frames / plan.Every];
            Receive<LanProtocol.Connected>(connected =>
            {
                _window = connected.Transmit;
                Knock();
            });
            Receive<ReceiveTimeout>(_ => Knock());
            Receive<LanProtocol.Resume>(_ => Send());
            Receive<LanProtocol.Deliver>(deliver =>
            {
                int answers = deliver.Frames.Count;
                deliver.Done();
                if (_answered < 0)
                {
                    Context.SetReceiveTimeout(null);
                    _answered = 0;
                    _start = SystemClock.Instance.Monotonic;
                }
                else
                {
                    for (; answers > 0 && _answered < _answers.Length; answers--)
                        _answers[_answered++] = SystemClock.Instance.Monotonic;
                }

                if (_answered == _answers.Length)
                    all.TrySetResult(new Result(_start, _answers));
                else
                    Send();
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("left", Left, Self));

        /// <summary>As many frames as bring one answer. Once it has come, everybody is there and all addresses are known.</summary>
        private void Knock()
        {
            for (int i = 0; i < _plan.Every; i++)
            {
                var frame = FrameBatch.Of(_ring);
                if (_window!.TryTake(frame.RecordBytes))
                    _lan.Tell(new LanProtocol.Transmit("left", frame));
            }

            Context.SetReceiveTimeout(TimeSpan.FromSeconds(1));
        }

        private void Send()
        {
            while (_sent - _answered * _plan.Every <= _plan.UnderWay - _plan.Batch && (_next is not null || _sent < _plan.Frames))
            {
                if (_next is null)
                {
                    for (int i = 0; i < _plan.Batch && _sent + i < _plan.Frames; i++)
                        _ring.CopyTo(_writer.Add(FrameBytes));
                    _next = _writer.Take()!;
                }

                if (!_window!.TryTake(_next.RecordBytes))
                    return;
                _sent += _next.Count;
                _lan.Tell(new LanProtocol.Transmit("left", _next));
                _next = null;
            }
        }
    }

    /// <summary>Answers each so many frames with one.</summary>
    internal sealed class Far : ReceiveActor
    {
        private readonly byte[] _ring = new byte[FrameBytes];
        private readonly byte[] _answer = Bytes(Right, Left);
        private readonly IActorRef _lan;
        private int _seen;
        private FrameWindow? _window;

        public Far(IActorRef lan, int every)
        {
            _lan = lan;
            Receive<LanProtocol.Connected>(connected => _window = connected.Transmit);
            Receive<LanProtocol.Deliver>(deliver =>
            {
                foreach (var frame in deliver.Frames)
                {
                    frame.Bytes.CopyTo(_ring);
                    _seen++;
                }

                deliver.Done();
                for (; _seen >= every; _seen -= every)
                {
                    var answer = FrameBatch.Of(_answer);
                    if (_window!.TryTake(answer.RecordBytes))
                        _lan.Tell(new LanProtocol.Transmit("right", answer));
                }
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("right", Right, Self));
    }
}
