// One exchange of frames between two Nics, on one node or across two.

using Akka.Actor;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Bench.Net;

/// <summary>Sets up a lan, lets the near Nic send what is planned, and takes all down again.</summary>
internal static class LanRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static LanWire.Result Go(bool acrossNodes, LanWire.Plan plan)
    {
        if (acrossNodes)
        {
            using var nodes = new FarNode(plan.Every);
            return Send(nodes.System, nodes.Lan, plan);
        }

        using var system = ActorSystem.Create("bench", Quiet.Log.WithFallback(NetSettings.Reference()));
        var lan = system.ActorOf(LanActor.Props(new LanSettings("bench"), NetSettings.From(system.Settings.Config)));
        system.ActorOf(Props.Create(() => new LanWire.Far(lan, plan.Every)));
        var result = Send(system, lan, plan);
        system.Terminate().Wait();
        return result;
    }

    private static LanWire.Result Send(ActorSystem system, IActorRef lan, LanWire.Plan plan)
    {
        var all = new TaskCompletionSource<LanWire.Result>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new LanWire.Near(lan, plan, all)));
        if (all.Task.Wait(_patience))
            return all.Task.Result;
        var statistics = lan.Ask<LanProtocol.Statistics>(LanProtocol.GetStatistics.Instance).Result;
        throw new InvalidOperationException("frames were lost: " + string.Join(", ", statistics.Ports.Concat(statistics.Peers)));
    }
}
