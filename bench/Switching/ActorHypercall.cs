// A hypercall that needs somebody else goes by message: the CPU actor gives the slot back, the Switcher tells the one who attached to the
// address, lends the slot again, and the Guest goes on. Measured is the way round, as a device sees it.

using Akka.Actor;
using Lguest.Bench.Machine;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Bench.Switching;

/// <summary>The median time between two NOTIFYs of a Guest that does nothing else.</summary>
internal sealed class ActorHypercall : IBenchmark
{
    private const int Samples = 50_000;
    private const uint Address = 0x700000;

    public string Name => "hypercall to the Switcher actor and back";

    public Target Target { get; } = Target.AtMost(3, "us");

    public Measurement Run()
    {
        using var memory = BenchGuest.Load(a =>
        {
            var next = a.CreateLabel();
            a.Label(ref next);
            BenchGuest.Call(a, Hypercall.Notify, Address);
            a.jmp(next);
        });
        var system = ActorSystem.Create("bench", SwitcherSettings.Reference(Environment.ProcessorCount));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(system.Settings.Config)));
        var times = new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Listener(switcher, memory, times)));
        var seen = times.Task.Result;
        system.Terminate().Wait();

        var gaps = seen.Zip(seen.Skip(1), (earlier, later) => later - earlier).Skip(Samples / 5).Order().ToArray();
        return Measurement.Of(gaps[gaps.Length / 2] / 1000.0, $"median of {gaps.Length}; 99% below {gaps[gaps.Length * 99 / 100] / 1000.0:F1} us");
    }

    /// <summary>Launches the Guest, notes when it notifies, and closes it when there are enough samples.</summary>
    private sealed class Listener : ReceiveActor
    {
        private readonly GuestId _guest = new("bench");
        private readonly SystemClock _clock = new();
        private readonly long[] _seen = new long[Samples];
        private readonly IActorRef _switcher;
        private int _count;

        public Listener(IActorRef switcher, GuestMemory memory, TaskCompletionSource<long[]> times)
        {
            _switcher = switcher;
            var steps = new Queue<object>(
            [
                new SwitcherProtocol.Initialize(_guest, memory, BenchGuest.Start),
                new SwitcherProtocol.AttachEvent(_guest, new GuestPhysical(Address), Self),
                new SwitcherProtocol.Run(_guest),
            ]);
            Receive<SwitcherProtocol.Notified>(_ =>
            {
                if (_count < Samples)
                    _seen[_count++] = _clock.Monotonic;
                if (_count == Samples)
                {
                    _count++;
                    _switcher.Tell(new SwitcherProtocol.Close(_guest));
                }
            });
            Receive<SwitcherProtocol.Opened>(_ => _switcher.Tell(steps.Dequeue()));
            Receive<SwitcherProtocol.Done>(_ => _switcher.Tell(steps.Dequeue()));
            Receive<SwitcherProtocol.Closed>(_ => times.SetResult(_seen));
            Receive<SwitcherProtocol.Died>(died => times.SetException(new InvalidOperationException(died.End.Text)));
            Receive<SwitcherProtocol.Failed>(failed =>
            {
                if (_count <= Samples)
                    times.SetException(new InvalidOperationException($"the Switcher refused: {failed.Error}"));
            });
        }

        protected override void PreStart() => _switcher.Tell(new SwitcherProtocol.Open(_guest));
    }
}
