// How long a frame is under way through a perfect lan from the Nic that sends it to the Nic that gets it: messages between actors, the
// waking of the receiver, and across nodes a connection.

namespace Lguest.Bench.Net;

internal sealed class LanLatency(bool acrossNodes) : IBenchmark
{
    private readonly int _frames = acrossNodes ? 10_000 : 50_000;

    public string Name => "frame through a lan from card to card " + (acrossNodes ? "across two nodes" : "on one node");

    public Target Target { get; } = Target.AtMost(acrossNodes ? 60 : 10, "us");

    public Measurement Run()
    {
        long[] rounds = LanRun.Go(acrossNodes, LanWire.Plan.Ping(_frames)).Rounds();

        // A round is there and back, so half of it is one way.
        return Measurement.Of(rounds[rounds.Length / 2] / 2000.0,
            $"half the median of {rounds.Length} rounds; 99% below {rounds[rounds.Length * 99 / 100] / 2000.0:F1} us");
    }
}
