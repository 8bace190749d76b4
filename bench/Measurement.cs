// What a benchmark found: a number, or the reason why there is none on this machine. Never both, and never a made-up number.

namespace Lguest.Bench;

/// <summary>The outcome of one benchmark.</summary>
internal sealed record Measurement
{
    private Measurement()
    {
    }

    /// <summary>The measured number in the unit of the target; null if it could not be measured.</summary>
    public double? Value { get; private init; }

    /// <summary>Whether it broke off: there should have been a number.</summary>
    public bool Broke { get; private init; }

    /// <summary>A remark for the table: the spread, the size of the sample, or why there is no number.</summary>
    public string Remark { get; private init; } = "";

    public static Measurement Of(double value, string remark = "") => new() { Value = value, Remark = remark };

    public static Measurement Unavailable(string reason) => new() { Remark = reason };

    public static Measurement Failed(string reason) => new() { Remark = $"broke off: {reason}", Broke = true };
}
