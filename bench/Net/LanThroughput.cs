// How many full frames two Guests of one node can exchange, as far as the lan between them is concerned.

using System.Diagnostics;
using Akka.Actor;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

internal sealed class LanThroughput : IBenchmark
{
    private const int Frames = 400_000;
    private const int Rounds = 5;

    public string Name => "frames of 1,500 bytes through a lan on one node";

    public Target Target { get; } = Target.AtLeast(200_000, "frames/s");

    public Measurement Run()
    {
        using var system = ActorSystem.Create("bench", NetSettings.Reference());
        var best = Enumerable.Range(0, Rounds).Select(_ => Measure(system)).Max();
        system.Terminate().Wait();
        return Measurement.Of(best, $"best of {Rounds}; batches of {LanWire.BatchFrames}, each frame copied in and out");
    }

    private static double Measure(ActorSystem system)
    {
        var lan = system.ActorOf(LanActor.Props(new LanSettings("bench"), NetSettings.From(system.Settings.Config)));
        var all = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sender = system.ActorOf(Props.Create(() => new LanWire.Sender(lan, Frames)));
        var receiver = system.ActorOf(Props.Create(() => new LanWire.Receiver(lan, sender, Frames, all)));
        while (lan.Ask<LanProtocol.Statistics>(LanProtocol.GetStatistics.Instance).Result.Ports.Count < 2)
            Thread.Yield();
        var start = Stopwatch.GetTimestamp();
        sender.Tell(LanWire.Go.Instance, ActorRefs.NoSender);
        if (!all.Task.Wait(TimeSpan.FromSeconds(60)))
            throw new InvalidOperationException("frames were lost: " + string.Join(", ", lan.Ask<LanProtocol.Statistics>(LanProtocol.GetStatistics.Instance).Result.Ports));
        var elapsed = Stopwatch.GetElapsedTime(start, all.Task.Result);
        foreach (var actor in new[] { sender, receiver, lan })
            system.Stop(actor);
        return Frames / elapsed.TotalSeconds;
    }
}
