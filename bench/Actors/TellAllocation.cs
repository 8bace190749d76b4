// What a round trip between two actors of one node leaves for the garbage collector, beside the messages, of which there is only one here.

namespace Lguest.Bench.Actors;

internal sealed class TellAllocation : IBenchmark
{
    public string Name => "local Tell round trip, allocation";

    // Half a byte in a million round trips is the noise of a process: a timer, the odd pool thread. An allocation per message would be 24
    // at least.
    public Target Target { get; } = Target.AtMost(0.5, "bytes");

    public Measurement Run() => Measurement.Of(PingPong.Best().Bytes, "per round trip, beside the messages");
}
