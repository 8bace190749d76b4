// What a network card sees of its Guest: two rings that a driver fills and empties, kicks, and somebody who takes interrupts. It stands for
// the Guest and for the Switcher, so that what is measured begins with the kick's message and ends with the interrupt's.

using Akka.Actor;
using Lguest.Devices.Net;
using Lguest.Devices.Net.Actors;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Machine.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Bench.Net;

/// <summary>A driver with its rings and its card. The near one sends a frame, waits for one, and notes how long that took; the far one
/// answers each.</summary>
internal sealed class RingGuest : ReceiveActor, IWithTimers
{
    private const ushort RingSize = 256;
    private const uint ReceiveAt = 0x10000;
    private const uint TransmitAt = 0x20000;
    private const uint BuffersAt = 0x100000;
    private const uint BufferBytes = 2048;
    private const uint HeaderBytes = 10;
    private const ushort HasNext = 1;
    private const ushort DeviceWrites = 2;
    private const byte ReceiveIrq = 2;
    private const byte TransmitIrq = 3;
    private readonly GuestMemory _memory = new(4 << 20);
    private readonly RingLayout _receive = new(new GuestPhysical(ReceiveAt), RingSize, ReceiveIrq);
    private readonly RingLayout _transmit = new(new GuestPhysical(TransmitAt), RingSize, TransmitIrq);
    private readonly GuestId _id;
    private readonly IActorRef _card;
    private readonly long[] _rounds;
    private readonly TaskCompletionSource<long[]>? _all;
    private ushort _seen;
    private ushort _lent;
    private ushort _sent;
    private int _count = -1;
    private long _kicked;

    /// <param name="lan">Where its card is plugged in.</param>
    /// <param name="isNear">Whether it begins.</param>
    /// <param name="rounds">How many times there and back, for the near one.</param>
    /// <param name="all">Gets the nanoseconds of each.</param>
    public RingGuest(IActorRef lan, bool isNear, int rounds, TaskCompletionSource<long[]>? all)
    {
        _id = new GuestId(isNear ? "left" : "right");
        _rounds = new long[rounds];
        _all = all;
        var (own, other) = isNear ? (LanWire.Left, LanWire.Right) : (LanWire.Right, LanWire.Left);
        FillRings(LanWire.Bytes(own, other));
        var generation = GuestGeneration.Linux3;
        var device = new NetDevice(
            _memory, new SplitQueue(_memory, _receive, generation.Suppression), new SplitQueue(_memory, _transmit, generation.Suppression),
                own, generation, () => 0);
        string dispatcher = NetSettings.From(Context.System.Settings.Config).Dispatcher;
        _card = Context.ActorOf(NicActor.Props(_id, Self, device, lan, _id.Value).WithDispatcher(dispatcher), "card");
        Receive<SwitcherProtocol.Interrupt>(Interrupted);
        Receive<Knock>(_ => Send());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The near one sends until somebody answers.</summary>
    protected override void PreStart()
    {
        if (_all is not null)
            Timers.StartPeriodicTimer("knock", Knock.Instance, TimeSpan.FromMilliseconds(500));
    }

    private void Interrupted(SwitcherProtocol.Interrupt interrupt)
    {
        if (interrupt.Irq != ReceiveIrq)
            return;
        _memory.TryRead(_receive.Used + 2, out ushort used);
        ushort frames = (ushort)(used - _seen);
        for (; _seen != used; _seen++)
        {
            _memory.TryRead(_receive.Used + 4 + ((uint)(_seen % RingSize) * 8), out uint head);
            Lend((ushort)head);
        }

        if (frames == 0)
            return;
        if (_all is null)
        {
            Send();
            return;
        }

        // The first answer only says that everybody is there.
        Timers.CancelAll();
        if (_count >= 0)
            _rounds[_count] = SystemClock.Instance.Monotonic - _kicked;
        if (++_count < _rounds.Length)
            Send();
        else
            _all.TrySetResult(_rounds);
    }

    private void Send()
    {
        _kicked = SystemClock.Instance.Monotonic;
        _memory.TryWrite(_transmit.Available + 4 + ((uint)(_sent % RingSize) * 2), (ushort)0);
        _memory.TryWrite(_transmit.Available + 2, ++_sent);
        _card.Tell(new SwitcherProtocol.Notified(_id, _transmit.Base), Self);
    }

    private void Lend(ushort head)
    {
        _memory.TryWrite(_receive.Available + 4 + ((uint)(_lent % RingSize) * 2), head);
        _memory.TryWrite(_receive.Available + 2, ++_lent);
    }

    private void FillRings(byte[] frame)
    {
        for (ushort chain = 0; chain < RingSize / 2; chain++)
        {
            uint buffer = BuffersAt + (chain * BufferBytes);
            Describe(_receive, (ushort)(chain * 2), buffer, HeaderBytes, HasNext | DeviceWrites, (ushort)(chain * 2 + 1));
            Describe(_receive, (ushort)(chain * 2 + 1), buffer + 16, Frame.OrdinaryLength + 4, DeviceWrites, 0);
            Lend((ushort)(chain * 2));
        }

        uint sent = BuffersAt + (RingSize * BufferBytes);
        _memory.TryWrite(new GuestPhysical(sent + 16), frame);
        Describe(_transmit, 0, sent, HeaderBytes, HasNext, 1);
        Describe(_transmit, 1, sent + 16, (uint)frame.Length, 0, 0);

        // Linux's driver wants no interrupts for what it has sent.
        _memory.TryWrite(_transmit.Available, (ushort)1);
    }

    private void Describe(RingLayout ring, ushort index, uint address, uint length, int flags, ushort next)
    {
        var at = ring.Base + ((uint)index * RingLayout.DescriptorBytes);
        _memory.TryWrite(at, (ulong)address);
        _memory.TryWrite(at + 8, length);
        _memory.TryWrite(at + 12, (ushort)flags);
        _memory.TryWrite(at + 14, next);
    }

    private sealed class Knock
    {
        public static readonly Knock Instance = new();
    }
}
