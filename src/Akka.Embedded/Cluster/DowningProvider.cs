// Who decides what becomes of members that are missed: an actor beside the cluster's own, chosen by configuration.

using System.Reflection;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster;

public interface IDowningProvider
{
    /// <summary>How long to wait after a removal until it is certain that the removed has noticed it, too.</summary>
    TimeSpan DownRemovalMargin { get; }

    /// <summary>The actor that decides; null when somebody outside does.</summary>
    Props DowningActorProps { get; }
}

/// <summary>Leaves the decision to whoever calls <see cref="Cluster.Down"/>.</summary>
public sealed class NoDowning : IDowningProvider
{
    private readonly Cluster _cluster;

    public NoDowning(ActorSystem system, Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(system);
        _cluster = cluster;
    }

    public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin;
    public Props DowningActorProps => null;
}

internal static class DowningProvider
{
    internal static IDowningProvider Load(Type type, ActorSystem system, Cluster cluster)
    {
        try
        {
            return (IDowningProvider)Activator.CreateInstance(type, system, cluster);
        }
        catch (Exception failure) when (failure is MissingMethodException or TargetInvocationException)
        {
            throw new ConfigurationException($"Couldn't create downing provider of type [{type.FullName}]: {(failure.InnerException ?? failure).Message}", failure);
        }
    }
}
