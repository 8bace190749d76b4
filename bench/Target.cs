// A promise about a number: a bound, a direction and a unit, so that the table itself can tell whether it was kept.

using System.Globalization;

namespace Lguest.Bench;

/// <summary>What a benchmark promises.</summary>
/// <param name="Bound">The promised number, in <paramref name="Unit"/>.</param>
/// <param name="Unit">The unit of bound and measurement, such as ns or MIPS.</param>
/// <param name="IsCeiling">True for "at most", false for "at least".</param>
internal sealed record Target(double Bound, string Unit, bool IsCeiling)
{
    public static Target AtMost(double bound, string unit) => new(bound, unit, IsCeiling: true);

    public static Target AtLeast(double bound, string unit) => new(bound, unit, IsCeiling: false);

    public bool IsMetBy(double value) => IsCeiling ? value <= Bound : value >= Bound;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"at {(IsCeiling ? "most" : "least")} {Bound:#,0.##} {Unit}");
}
