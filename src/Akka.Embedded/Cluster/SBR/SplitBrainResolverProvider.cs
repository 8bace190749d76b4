// What the configuration names to have splits resolved.

using Akka.Actor;

namespace Akka.Cluster.SBR;

public class SplitBrainResolverProvider : IDowningProvider
{
    private readonly SplitBrainResolverSettings _settings;
    private readonly Cluster _cluster;

    public SplitBrainResolverProvider(ActorSystem system, Cluster cluster)
    {
        _settings = new SplitBrainResolverSettings(system.Settings.Config);
        _cluster = cluster;
    }

    /// <summary>The other side needs as long as we do to see that it has lost.</summary>
    public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin != TimeSpan.Zero ? _cluster.Settings.DownRemovalMargin : _settings.DowningStableAfter;

    public Props DowningActorProps => Props.Create(() => new SplitBrainResolver(_cluster, _settings));
}
