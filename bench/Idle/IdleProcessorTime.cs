// A Guest that waits for a key sets no alarm, so a rack of them costs what its node does without them.

using System.Globalization;

namespace Lguest.Bench.Idle;

/// <summary>Processor time of a process whose one node has idle Puppies, in percent of a core.</summary>
/// <param name="guests">How many.</param>
internal sealed class IdleProcessorTime(int guests) : IBenchmark
{
    public string Name => $"processor time of {guests} idle Puppies on one node";

    public Target Target { get; } = Target.AtMost(5, "%");

    public Measurement Run()
    {
        var alone = IdleRack.Run(1);
        var found = IdleRack.Run(guests);
        return Measurement.Of(
            found.Processor * 100,
            string.Create(CultureInfo.InvariantCulture, $"of a core, the whole process; with one Puppy {alone.Processor * 100:F1}%"));
    }
}
