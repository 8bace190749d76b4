// Judges by the heartbeats it is told of whether something far away is still there. One instance per thing watched.

namespace Akka.Remote;

/// <summary>A monotonic clock in milliseconds.</summary>
public delegate long Clock();

public abstract class FailureDetector
{
    public static readonly Clock DefaultClock = static () => Environment.TickCount64;

    /// <summary>True while the resource is taken to be alive; also before its first heartbeat.</summary>
    public abstract bool IsAvailable { get; }

    /// <summary>True once a heartbeat has been seen.</summary>
    public abstract bool IsMonitoring { get; }

    public abstract void HeartBeat();
}
