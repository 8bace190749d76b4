// The provider of a system that is a cluster's node: remoting, and a Cluster from the start. Named by akka.actor.provider = cluster.

using Akka.Actor;
using Akka.Cluster.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

public interface IClusterActorRefProvider : IRemoteActorRefProvider
{
}

public class ClusterActorRefProvider : RemoteActorRefProvider, IClusterActorRefProvider
{
    public ClusterActorRefProvider(string systemName, Settings settings, EventStream eventStream)
        : base(systemName, settings, eventStream) => settings.InjectTopLevelFallback(ClusterConfigFactory.Default());

    public override void Init(ActorSystemImpl system)
    {
        base.Init(system);
        Cluster.Get(system);
    }

    protected override IActorRef CreateRemoteWatcher(ActorSystemImpl system)
    {
        var cluster = Cluster.Get(system);
        var detectors = CreateRemoteWatcherFailureDetector(system);
        return system.SystemActorOf(
            Props.Create(() => new ClusterRemoteWatcher(
                    cluster,
                    detectors,
                    RemoteSettings.WatchHeartBeatInterval,
                    RemoteSettings.WatchUnreachableReaperInterval,
                    RemoteSettings.WatchHeartbeatExpectedResponseAfter))
                .WithDispatcher(cluster.Settings.UseDispatcher)
                .WithDeploy(Deploy.Local),
            "remote-watcher");
    }
}
