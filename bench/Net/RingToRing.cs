// How long a frame takes from the ring of one Guest into the ring of another, its interrupt asked for: two cards and a lan between them,
// everything that the product has on the way but the trap of the kick, which the hypercall's row measures.

using Akka.Actor;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

internal sealed class RingToRing(bool acrossNodes) : IBenchmark
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly int _rounds = acrossNodes ? 10_000 : 50_000;

    public string Name => "frame from ring to ring through a lan " + (acrossNodes ? "across two nodes" : "on one node");

    public Target Target { get; } = Target.AtMost(acrossNodes ? 80 : 20, "us");

    public Measurement Run()
    {
        long[] rounds = Measure().Skip(_rounds / 5).Order().ToArray();

        // A round is there and back, so half of it is one way.
        return Measurement.Of(rounds[rounds.Length / 2] / 2000.0,
            $"half the median of {rounds.Length} rounds; 99% below {rounds[rounds.Length * 99 / 100] / 2000.0:F1} us");
    }

    private long[] Measure()
    {
        if (acrossNodes)
        {
            using var nodes = new FarNode(FarNode.Rings);
            return Measure(nodes.System, nodes.Lan);
        }

        using var system = ActorSystem.Create("bench", Quiet.Log.WithFallback(NetSettings.Reference()));
        var lan = system.ActorOf(LanActor.Props(new LanSettings("bench"), NetSettings.From(system.Settings.Config)));
        system.ActorOf(Props.Create(() => new RingGuest(lan, false, 0, null)));
        long[] rounds = Measure(system, lan);
        system.Terminate().Wait();
        return rounds;
    }

    private long[] Measure(ActorSystem system, IActorRef lan)
    {
        var all = new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        int rounds = _rounds;
        system.ActorOf(Props.Create(() => new RingGuest(lan, true, rounds, all)));
        return all.Task.Wait(_patience) ? all.Task.Result : throw new InvalidOperationException("a frame did not come back");
    }
}
