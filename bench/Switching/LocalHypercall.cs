// A hypercall that concerns only its Guest is settled on the lent slot, without a message. A Guest makes tens of thousands of them a
// second.

using Lguest.Bench.Machine;
using Lguest.Guest.Abi;

namespace Lguest.Bench.Switching;

/// <summary>The processor time of one LHCALL_TS, its trap and the two moves before it included.</summary>
internal sealed class LocalHypercall : IBenchmark
{
    private const int InstructionsPerCall = 4;

    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(300);

    public string Name => "hypercall on the lent slot";

    public Target Target { get; } = Target.AtMost(300, "ns");

    public Measurement Run()
    {
        using var guest = new BenchGuest(a =>
        {
            var next = a.CreateLabel();
            a.Label(ref next);
            BenchGuest.Call(a, Hypercall.TaskSwitched, 0);
            a.jmp(next);
        });
        guest.RunFor(_window);
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            ulong before = guest.Slot.Processor.Instructions;
            var start = Environment.CpuUsage.TotalTime;
            guest.RunFor(_window);
            double calls = (guest.Slot.Processor.Instructions - before) / (double)InstructionsPerCall;
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalNanoseconds / calls);
        }

        return Measurement.Of(best, "processor time, the trap included");
    }
}
