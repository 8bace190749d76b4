// The actors of the three devices of generation 1 in bad company: a Guest whose descriptors lie anywhere, a Switcher that finds buffers
// anywhere or none, a Dma with any answer, and a lan that gives room back when it likes and delivers what it likes. A Guest waits in each
// of its sends, so each must be answered exactly once, whatever else goes on. LGUEST_FUZZ_CASES sets the number of sends, LGUEST_FUZZ_SEED
// repeats what comes from chance (not the order in which threads run).

using Akka.Actor;
using Lguest.Devices.Console;
using Lguest.Devices.Generation1;
using Lguest.Devices.Generation1.Actors;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Support;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Xunit.Abstractions;

namespace Lguest.Devices.Tests.Actors;

public sealed class DmaActorFuzzSpec(ITestOutputHelper output) : DeviceTestKit
{
    private const int DefaultCases = 3_000;
    private const uint End = RamBytes + (16 * GuestMemory.PageSize);

    [Fact]
    public async Task Each_send_is_answered_exactly_once_whatever_the_others_do()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, seed) = (run.Cases, run.Seed);
        TaskCompletionSource<string> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var keyboard = TerminalInput.Open();
        FrameWindow deliver = new(1 << 16);
        Sys.ActorOf(Props.Create(() => new Company(Memory, keyboard, new Random(seed), cases, deliver, done)));

        output.WriteLine(await done.Task.WaitAsync(TimeSpan.FromSeconds(60) + TimeSpan.FromMilliseconds(cases)));
        await AwaitAssertAsync(() => deliver.Used.ShouldBe(0, "what the lan delivered is dealt with, in time"));
    }

    /// <summary>Switcher, Dma and lan in one, and the Guest that they belong to.</summary>
    private sealed class Company : ReceiveActor
    {
        private static readonly DmaOutcome[] _outcomes = [.. Enum.GetValues<DmaOutcome>().Where(outcome => outcome != DmaOutcome.NoBuffer)];
        private readonly GuestMemory _memory;
        private readonly TerminalInput _keyboard;
        private readonly Random _random;
        private readonly int _cases;
        private readonly TaskCompletionSource<string> _done;
        private readonly IActorRef[] _devices;
        private readonly GuestPhysical[] _keys = [new(RamBytes), default, new(RamBytes + 0x1000)];
        private readonly FrameWindow _transmit = new(4000);
        private readonly FrameWindow _deliver;
        private readonly Queue<int> _held = [];
        private int _sent;
        private int _served;
        private int _offences;
        private int _transmitted;

        public Company(GuestMemory memory, TerminalInput keyboard, Random random, int cases, FrameWindow deliver,
            TaskCompletionSource<string> done)
        {
            _memory = memory;
            _keyboard = keyboard;
            _random = random;
            _cases = cases;
            _deliver = deliver;
            _done = done;
            DmaNic card = new(memory, _keys[2], 3, "card");
            _devices =
            [
                Context.ActorOf(DmaDiskActor.Props(Guest, Self, memory, new DmaDisk(memory, _keys[0], 1, new MemoryDisk(64), "disk"),
                    null)),
                Context.ActorOf(DmaConsoleActor.Props(Guest, Self, Self, memory, new DmaConsole(memory, 2, Stream.Null), keyboard)),
                Context.ActorOf(DmaNicActor.Props(Guest, Self, Self, memory, card, Self, MacAddress.OfGuest(1))),
            ];
            Receive<LanProtocol.Connect>(connect => Sender.Tell(new LanProtocol.Connected(connect.Port, "lan", _transmit)));
            Receive<LanProtocol.Disconnect>(_ => { });
            Receive<LanProtocol.Transmit>(Transmit);
            Receive<Later>(_ => GiveBack());
            Receive<SwitcherProtocol.GetDma>(_ => Sender.Tell(
                _random.Next(4) == 0 ? new SwitcherProtocol.Failed(Guest, ErrorNumber.NoEntry)
                : new SwitcherProtocol.Dma(Guest, _keys[0], Anywhere())));
            Receive<SwitcherProtocol.Interrupt>(interrupt =>
            {
                if ((uint)interrupt.Irq >= 32)
                    Sender.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.Invalid));
            });
            Receive<DmaProtocol.Deliver>(deliver => Sender.Tell(Answer(deliver)));
            Receive<SwitcherProtocol.DmaServed>(_ => Next(ref _served));
            Receive<SwitcherProtocol.DmaOffence>(_ => Next(ref _offences));
        }

        protected override void PreStart() => Send();

        /// <summary>A device that fails is not started again: that is what this is about.</summary>
        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(problem =>
        {
            _done.TrySetException(problem);
            return Directive.Stop;
        });

        private void Next(ref int count)
        {
            count++;
            if (_served + _offences != _sent)
                _done.TrySetException(new InvalidOperationException($"{_sent} sends have {_served + _offences} answers"));
            if (_sent < _cases)
                Send();
            else
                _done.TrySetResult($"{_served} served, {_offences} offences, {_transmitted} frames to the lan");
        }

        private void Send()
        {
            Scribble();
            if (_random.Next(8) == 0)
                _keyboard.Push(new byte[_random.Next(1, 5000)]);
            if (_random.Next(8) == 0)
                Deliver();
            _sent++;
            int device = _random.Next(_devices.Length);
            _devices[device].Tell(new SwitcherProtocol.DmaPending(Guest, _keys[device], Anywhere()));
        }

        private void Transmit(LanProtocol.Transmit transmit)
        {
            _transmitted += transmit.Frames.Count;
            _held.Enqueue(transmit.Frames.RecordBytes);
            transmit.Frames.Release();

            // A lan always gives back what it took: now, or a little later.
            if (_random.Next(2) == 0)
                GiveBack();
            else
                Self.Tell(Later.Instance);
        }

        private void GiveBack()
        {
            while (_held.TryDequeue(out int bytes))
                if (_transmit.Give(bytes))
                    _devices[2].Tell(new LanProtocol.Resume("card"));
        }

        private void Deliver()
        {
            FrameBatchWriter writer = new();
            for (int count = _random.Next(1, 4); count > 0; count--)
                _random.NextBytes(writer.Add(_random.Next(14, 3000), _random.Next(2) == 0 ? default : Offload()));
            var batch = writer.Take()!;
            if (_deliver.TryTake(batch.RecordBytes))
                _devices[2].Tell(new LanProtocol.Deliver(batch, _deliver));
            else
                batch.Release();
        }

        private FrameOffload Offload() => new(
            (byte)_random.Next(4), (SegmentationKind)_random.Next(6), (ushort)_random.Next(100), (ushort)_random.Next(2000),
                (ushort)_random.Next(100), (ushort)_random.Next(100));

        private DmaProtocol.Delivered Answer(DmaProtocol.Deliver deliver)
        {
            // Without a buffer it is asked again after ten milliseconds, which costs time; a few suffice.
            var outcome = _random.Next(200) == 0 ? DmaOutcome.NoBuffer : _outcomes[_random.Next(_outcomes.Length)];
            return new DmaProtocol.Delivered(deliver.Guest, deliver.Key, outcome, outcome == DmaOutcome.Delivered
                ? _random.Next(deliver.Bytes.Length + 1) : 0);
        }

        private GuestPhysical Anywhere() => new(_random.Next(8) switch
        {
            0 => End - (uint)_random.Next(200),
            1 => (uint)_random.NextInt64(uint.MaxValue),
            _ => (uint)_random.Next(64) * DmaDescriptor.Size,
        });

        /// <summary>Descriptors of one piece or a few, good and bad, and requests for the disk.</summary>
        private void Scribble()
        {
            uint at = (uint)_random.Next(64) * DmaDescriptor.Size;
            _memory.Span(new GuestPhysical(at), DmaDescriptor.Size).Clear();
            _memory.TryWrite(new GuestPhysical(at), (uint)_random.Next(64));
            for (uint i = 0; i < _random.Next(4); i++)
            {
                _memory.TryWrite(new GuestPhysical(at + 4 + (i * sizeof(uint))), _random.Next(8) == 0
                    ? (uint)_random.NextInt64(uint.MaxValue) : (uint)_random.Next((int)End) & ~0xfffu);
                _memory.TryWrite(new GuestPhysical(at + 68 + (i * sizeof(ushort))),
                    (ushort)(_random.Next(8) == 0 ? _random.Next(0x10000) : _random.Next(1500)));
            }

            _memory.TryWrite(_keys[0], (uint)_random.Next(3));
            _memory.TryWrite(_keys[0] + 4, (uint)_random.Next(80));
            _memory.TryWrite(_keys[0] + 8, _random.Next(4) == 0 ? (uint)_random.NextInt64(uint.MaxValue) : (uint)_random.Next(9) * 512);
        }

        private sealed class Later : INoSerializationVerificationNeeded
        {
            public static readonly Later Instance = new();
        }
    }
}
