// A hypercall that needs somebody else goes by message: the CPU actor gives the slot back, the Switcher tells the one who attached to the
// address, lends the slot again, and the Guest goes on. The Guest itself takes the time, with its time-stamp counter, whose ticks are
// nanoseconds: what it sees between one NOTIFY and the next is the whole way there and back.

using Akka.Actor;
using Iced.Intel;
using Lguest.Bench.Machine;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Switching;

/// <summary>The median time between two NOTIFYs of a Guest that does nothing else.</summary>
internal sealed class ActorHypercall : IBenchmark
{
    private const int Samples = 100_000;
    private const uint AttachedAddress = 0x700000;
    private const uint DoneAddress = 0x701000;

    public string Name => "hypercall to the Switcher actor and back";

    public Target Target { get; } = Target.AtMost(3, "us");

    public Measurement Run()
    {
        using var memory = BenchGuest.Load(Program);
        var system = ActorSystem.Create("bench", SwitcherSettings.Reference(Environment.ProcessorCount));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(system.Settings.Config)));
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Listener(switcher, memory, done)));
        int heard = done.Task.Result;
        system.Terminate().Wait();
        if (heard != Samples)
            throw new InvalidOperationException($"the device heard {heard} of {Samples} notifications");

        uint[] stamps = new uint[Samples];
        for (int i = 0; i < Samples; i++)
            memory.TryRead(new GuestPhysical(BenchGuest.BufferAt + ((uint)i * sizeof(uint))), out stamps[i]);
        uint[] gaps = stamps.Zip(stamps.Skip(1), (earlier, later) => later - earlier).Skip(Samples / 5).Order().ToArray();
        return Measurement.Of(gaps[gaps.Length / 2] / 1000.0,
            $"median of {gaps.Length}; 99% below {gaps[gaps.Length * 99 / 100] / 1000.0:F1} us");
    }

    /// <summary>Notes the time, notifies, and so on; at last notifies an address to which nobody is attached.</summary>
    private static void Program(Assembler a)
    {
        var next = a.CreateLabel();
        a.mov(edi, BenchGuest.BufferAt);
        a.Label(ref next);
        a.rdtsc();
        a.mov(__dword_ptr[edi], eax);
        BenchGuest.Call(a, Hypercall.Notify, AttachedAddress);
        a.add(edi, sizeof(uint));
        a.cmp(edi, BenchGuest.BufferAt + (Samples * sizeof(uint)));
        a.jb(next);
        BenchGuest.Call(a, Hypercall.Notify, DoneAddress);
    }

    /// <summary>Launches the Guest, counts what its device hears, and closes it when it is done.</summary>
    private sealed class Listener : ReceiveActor
    {
        private readonly GuestId _guest = new("bench");
        private readonly IActorRef _switcher;
        private int _heard;

        public Listener(IActorRef switcher, GuestMemory memory, TaskCompletionSource<int> done)
        {
            _switcher = switcher;
            var steps = new Queue<object>(
            [
                new SwitcherProtocol.Initialize(_guest, memory, BenchGuest.Start),
                new SwitcherProtocol.AttachEvent(_guest, new GuestPhysical(AttachedAddress), Self),
                new SwitcherProtocol.Run(_guest),
            ]);
            Receive<SwitcherProtocol.Notified>(notified =>
            {
                if (notified.Address.Value == AttachedAddress)
                    _heard++;
                else
                    _switcher.Tell(new SwitcherProtocol.Close(_guest));
            });
            Receive<SwitcherProtocol.Opened>(_ => _switcher.Tell(steps.Dequeue()));
            Receive<SwitcherProtocol.Done>(_ => _switcher.Tell(steps.Dequeue()));
            Receive<SwitcherProtocol.Closed>(_ => done.SetResult(_heard));
            Receive<SwitcherProtocol.Died>(died => done.SetException(new InvalidOperationException(died.End.Text)));
            Receive<SwitcherProtocol.Failed>(failed => done.TrySetException(
                new InvalidOperationException($"the Switcher refused: {failed.Error}")));
        }

        protected override void PreStart() => _switcher.Tell(new SwitcherProtocol.Open(_guest));
    }
}
