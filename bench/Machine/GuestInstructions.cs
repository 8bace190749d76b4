// How many Guest instructions a second one core of the host gets through in a loop: the number by which an interpreter is judged.

using Iced.Intel;

namespace Lguest.Bench.Machine;

/// <summary>
/// Speed of one loop in processor time, which is what the one running thread gets of a core, however busy the host is; the best of several
/// windows.
/// </summary>
internal sealed class GuestInstructions(string loop, Action<Assembler> program) : IBenchmark
{
    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(500);

    public string Name => $"Guest instructions, {loop}";

    public Target Target { get; } = Target.AtLeast(150, "million/s");

    public Measurement Run()
    {
        using var guest = new BenchGuest(program);
        guest.RunFor(_window);
        double best = 0.0;
        for (int round = 0; round < 5; round++)
        {
            ulong before = guest.Slot.Processor.Instructions;
            var start = Environment.CpuUsage.TotalTime;
            guest.RunFor(_window);
            best = Math.Max(best, (guest.Slot.Processor.Instructions - before) / (
                Environment.CpuUsage.TotalTime - start).TotalSeconds / 1e6);
        }

        return Measurement.Of(best, "processor time");
    }
}
