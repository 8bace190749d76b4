// Several Puppies on one wire, in one thread: each runs until it has nothing to do, then what it sent goes to all the others. Virtual
// clocks stand still for a Guest that rests, so that no patience runs out while another Guest has its turn.

using Lguest.Net.Frames;

namespace Lguest.Host.Tests.Puppy;

internal sealed class PuppyWire
{
    private const int MostRounds = 200_000;

    private readonly PuppyMachine[] _machines;
    private readonly Queue<(PuppyMachine From, FrameBatch Frames)> _underWay = new();

    public PuppyWire(params PuppyMachine[] machines)
    {
        _machines = machines;
        foreach (var machine in machines)
            machine.Sends = frames => _underWay.Enqueue((machine, frames));
    }

    /// <summary>What becomes of a frame on its way, changed or not; null if it gets lost.</summary>
    public Func<byte[], byte[]?> Passes { get; set; } = frame => frame;

    /// <summary>Runs all of them until the first one has ended.</summary>
    public void Run(PuppyMachine first)
    {
        foreach (var machine in _machines)
            machine.RunToRest();
        for (int i = 0; i < MostRounds && !first.HasEnded; i++)
        {
            if (_underWay.TryDequeue(out var sent))
                Carry(sent.From, sent.Frames);
            else
                foreach (var machine in _machines.Where(machine => !machine.HasEnded))
                    machine.RunToRest();
        }
    }

    private void Carry(PuppyMachine from, FrameBatch frames)
    {
        foreach (var frame in frames)
        {
            if (Passes(frame.Bytes.ToArray()) is not { } arriving)
                continue;
            foreach (var machine in _machines.Where(machine => machine != from && !machine.HasEnded))
            {
                machine.Deliver(FrameBatch.Of(arriving));
                if (!machine.Rests)
                    machine.RunToRest();
            }
        }

        frames.Release();
    }
}
