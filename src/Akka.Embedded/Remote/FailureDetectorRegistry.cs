// One detector per thing watched, made when its first heartbeat comes in.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Remote;

public interface IFailureDetectorRegistry<in T>
{
    /// <summary>True for what is alive and for what is not monitored.</summary>
    bool IsAvailable(T resource);

    bool IsMonitoring(T resource);

    /// <summary>Notes a sign of life; begins to monitor with the first.</summary>
    void Heartbeat(T resource);

    void Remove(T resource);
    void Reset();
}

public class DefaultFailureDetectorRegistry<T>(Func<FailureDetector> factory) : IFailureDetectorRegistry<T>
{
    private readonly ConcurrentDictionary<T, Lazy<FailureDetector>> _detectors = new();

    public bool IsAvailable(T resource) => !_detectors.TryGetValue(resource, out var detector) || detector.Value.IsAvailable;

    public bool IsMonitoring(T resource) => _detectors.TryGetValue(resource, out var detector) && detector.Value.IsMonitoring;

    public void Heartbeat(T resource) => _detectors.GetOrAdd(resource, Make).Value.HeartBeat();

    public void Remove(T resource) => _detectors.TryRemove(resource, out _);

    public void Reset() => _detectors.Clear();

    internal FailureDetector GetFailureDetector(T resource) => _detectors.TryGetValue(resource, out var detector) ? detector.Value : null;

    private Lazy<FailureDetector> Make(T resource) => new(() =>
    {
        var detector = factory();
        if (detector is PhiAccrualFailureDetector phi) phi.Address = resource.ToString();
        return detector;
    });
}

/// <summary>Makes the detector that the configuration names.</summary>
public static class FailureDetectorLoader
{
    public static FailureDetector Load(string fqcn, Config config, ActorSystem system)
    {
        var type = TypeResolver.Find(fqcn);
        return type is not null && typeof(FailureDetector).IsAssignableFrom(type)
            ? (FailureDetector)Activator.CreateInstance(type, config, system.EventStream)
            : throw new ConfigurationException($"Could not create custom FailureDetector {fqcn}");
    }

    public static FailureDetector LoadFailureDetector(this IActorContext context, string fqcn, Config config) => Load(fqcn, config, context.System);
}
