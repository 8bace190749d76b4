// How long two actors of one node take to say a word to each other and hear one back.

using System.Globalization;

namespace Lguest.Bench.Actors;

internal sealed class TellRoundTrip : IBenchmark
{
    public string Name => "local Tell round trip";

    public Target Target { get; } = Target.AtMost(500, "ns");

    public Measurement Run()
    {
        var best = PingPong.Best();
        return Measurement.Of(best.Nanoseconds, string.Create(
            CultureInfo.InvariantCulture, $"two messages, {best.Bytes:F2} bytes allocated"));
    }
}
