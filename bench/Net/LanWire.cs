// Two Nics and a lan between them, without Guests: one fills batches as fast as the lan's window allows, the other empties them, each copying every byte
// as from and to a ring. What is measured is the lan.

using System.Diagnostics;
using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

/// <summary>The stand-ins for Nics.</summary>
internal static class LanWire
{
    /// <summary>A frame that carries 1,500 bytes.</summary>
    public const int FrameBytes = Frame.OrdinaryLength;

    /// <summary>What a driver has in its ring when it kicks its device.</summary>
    public const int BatchFrames = 16;

    /// <summary>Frames that the sender has under way at most, as a TCP window would have it: a lan drops what a receiver cannot take.</summary>
    private const int UnderWay = 1024;

    public static readonly MacAddress Left = MacAddress.Parse("02:00:00:00:00:01");
    public static readonly MacAddress Right = MacAddress.Parse("02:00:00:00:00:02");

    /// <summary>Frames from left to right, all alike.</summary>
    public static void Fill(Span<byte> frame)
    {
        frame.Fill(0x5a);
        Right.Write(frame);
        Left.Write(frame[MacAddress.Length..]);
    }

    /// <summary>Sends a number of frames in batches, waiting for room when there is none.</summary>
    internal sealed class Sender : ReceiveActor
    {
        private readonly FrameBatchWriter _writer = new();
        private readonly byte[] _ring = new byte[FrameBytes];
        private readonly IActorRef _lan;
        private FrameWindow? _window;
        private FrameBatch? _next;
        private int _left;
        private int _credit = UnderWay;

        public Sender(IActorRef lan, int frames)
        {
            _lan = lan;
            _left = frames;
            Fill(_ring);
            Receive<LanProtocol.Connected>(connected => _window = connected.Transmit);
            Receive<LanProtocol.Resume>(_ => Send());
            Receive<LanProtocol.Deliver>(deliver => deliver.Done());
            Receive<Go>(_ => Send());
            Receive<Seen>(seen =>
            {
                _credit += seen.Frames;
                Send();
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("left", Left, Self));

        private void Send()
        {
            while (_credit >= BatchFrames)
            {
                if (_next is null)
                {
                    for (var i = 0; i < BatchFrames && _left > 0; i++, _left--)
                        _ring.CopyTo(_writer.Add(FrameBytes));
                    _next = _writer.Take();
                }

                if (_next is null || !_window!.TryTake(_next.RecordBytes))
                    return;
                _credit -= _next.Count;
                _lan.Tell(new LanProtocol.Transmit("left", _next));
                _next = null;
            }
        }
    }

    /// <summary>Counts what arrives and says when it was all.</summary>
    internal sealed class Receiver : ReceiveActor
    {
        private readonly byte[] _ring = new byte[FrameBytes];
        private readonly IActorRef _lan;
        private int _seen;
        private int _unsaid;

        public Receiver(IActorRef lan, IActorRef sender, int frames, TaskCompletionSource<long> all)
        {
            _lan = lan;
            Receive<LanProtocol.Deliver>(deliver =>
            {
                foreach (var frame in deliver.Frames)
                {
                    frame.Bytes.CopyTo(_ring);
                    if (++_seen == frames)
                        all.SetResult(Stopwatch.GetTimestamp());
                }

                _unsaid += deliver.Frames.Count;
                deliver.Done();
                if (_unsaid < UnderWay / 4)
                    return;
                sender.Tell(new Seen(_unsaid));
                _unsaid = 0;
            });
            ReceiveAny(_ => { });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect("right", Right, Self));
    }

    /// <summary>From the receiver: so many frames more have arrived.</summary>
    internal sealed record Seen(int Frames) : INoSerializationVerificationNeeded;

    /// <summary>Starts a sender.</summary>
    internal sealed class Go : INoSerializationVerificationNeeded
    {
        public static readonly Go Instance = new();
    }
}
