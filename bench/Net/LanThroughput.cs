// How many full frames two Guests can exchange, as far as the lan between them is concerned: on one node, and across two that are two
// processes.


namespace Lguest.Bench.Net;

internal sealed class LanThroughput(bool acrossNodes) : IBenchmark
{
    private const int Frames = 1024 * 256;
    private const int Rounds = 4;

    public string Name => "frames of 1,500 bytes through a lan " + (acrossNodes ? "across two nodes" : "on one node");

    public Target Target { get; } = Target.AtLeast(acrossNodes ? 300_000 : 200_000, "frames/s");

    public Measurement Run()
    {
        double best = Enumerable.Range(0, Rounds).Select(_ => LanRun.Go(acrossNodes, LanWire.Plan.Stream(Frames)).FramesPerSecond(Frames))
            .Max();
        return Measurement.Of(
            best,
            $"best of {Rounds} runs of {Frames} frames; batches of 16, each frame copied in and out"
            + (acrossNodes ? "; two processes, one trunk" : ""));
    }
}
