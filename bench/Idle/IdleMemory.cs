// A rack of Guests that wait costs what they have touched, not what they were promised.

using System.Globalization;

namespace Lguest.Bench.Idle;

/// <summary>Resident memory of a process whose one node has idle Puppies of 16 MB, in MB of 10^6 bytes.</summary>
/// <param name="guests">How many.</param>
/// <param name="most">The promise.</param>
internal sealed class IdleMemory(int guests, double most) : IBenchmark
{
    private const double Megabyte = 1e6;

    public string Name => $"resident memory of {guests} idle Puppies of 16 MB on one node";

    public Target Target { get; } = Target.AtMost(most, "MB");

    public Measurement Run()
    {
        var found = IdleRack.Run(guests);
        double each = found.ResidentBytes / 1e3 / guests;
        return Measurement.Of(
            found.ResidentBytes / Megabyte,
            string.Create(CultureInfo.InvariantCulture, $"the whole process, {each:F0} KB for each Guest; {found.Threads} threads"));
    }
}
