// The settings of remoting, read once from the reference and what lies over it.

using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

public sealed class RemoteSettings
{
    public RemoteSettings(Config config)
    {
        Config = config;
        StartupTimeout = config.GetTimeSpan("akka.remote.startup-timeout");
        ShutdownTimeout = config.GetTimeSpan("akka.remote.shutdown-timeout");
        FlushWait = config.GetTimeSpan("akka.remote.flush-wait-on-shutdown");
        HandshakeTimeout = config.GetTimeSpan("akka.remote.handshake-timeout");
        Dispatcher = config.GetString("akka.remote.use-dispatcher");
        RemoteLifecycleEventsLogLevel = config.GetString("akka.remote.log-remote-lifecycle-events").ToUpperInvariant() switch
        {
            "ON" or "TRUE" or "YES" => "DEBUG",
            "OFF" or "FALSE" or "NO" => "OFF",
            var level => level,
        };
        TransportHeartBeatInterval = config.GetTimeSpan("akka.remote.transport-failure-detector.heartbeat-interval");
        TransportHeartBeatPause = config.GetTimeSpan("akka.remote.transport-failure-detector.acceptable-heartbeat-pause");
        WatchFailureDetectorConfig = config.GetConfig("akka.remote.watch-failure-detector");
        WatchFailureDetectorImplementationClass = WatchFailureDetectorConfig.GetString("implementation-class");
        WatchHeartBeatInterval = WatchFailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        WatchUnreachableReaperInterval = WatchFailureDetectorConfig.GetTimeSpan("unreachable-nodes-reaper-interval");
        WatchHeartbeatExpectedResponseAfter = WatchFailureDetectorConfig.GetTimeSpan("expected-response-after");
        RetryGateClosedFor = config.GetTimeSpan("akka.remote.retry-gate-closed-for");
        SysMsgBufferSize = config.GetInt("akka.remote.system-message-buffer-size");
        InitialSysMsgDeliveryTimeout = config.GetTimeSpan("akka.remote.initial-system-message-delivery-timeout");
    }

    public Config Config { get; }
    public TimeSpan StartupTimeout { get; }
    public TimeSpan ShutdownTimeout { get; }
    public TimeSpan FlushWait { get; }
    public TimeSpan HandshakeTimeout { get; }
    public string Dispatcher { get; }
    public string RemoteLifecycleEventsLogLevel { get; }
    public TimeSpan TransportHeartBeatInterval { get; }
    public TimeSpan TransportHeartBeatPause { get; }
    public Config WatchFailureDetectorConfig { get; }
    public string WatchFailureDetectorImplementationClass { get; }
    public TimeSpan WatchHeartBeatInterval { get; }
    public TimeSpan WatchUnreachableReaperInterval { get; }
    public TimeSpan WatchHeartbeatExpectedResponseAfter { get; }
    public TimeSpan RetryGateClosedFor { get; }
    public int SysMsgBufferSize { get; }
    public TimeSpan InitialSysMsgDeliveryTimeout { get; }

    public Props ConfigureDispatcher(Props props) => string.IsNullOrEmpty(Dispatcher) ? props : props.WithDispatcher(Dispatcher);
}
