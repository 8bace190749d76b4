// Every default of remoting, as the configuration gives it.

using Akka.Actor;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Remote;

public sealed class RemoteReferenceSpec()
    : PatientTestKit("akka { loglevel = WARNING, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
{
    [Theory]
    [InlineData("akka.remote.startup-timeout", "10 s")]
    [InlineData("akka.remote.shutdown-timeout", "10 s")]
    [InlineData("akka.remote.flush-wait-on-shutdown", "2 s")]
    [InlineData("akka.remote.handshake-timeout", "15 s")]
    [InlineData("akka.remote.use-dispatcher", "akka.remote.default-remote-dispatcher")]
    [InlineData("akka.remote.log-remote-lifecycle-events", "on")]
    [InlineData("akka.remote.transport-failure-detector.implementation-class", "Akka.Remote.DeadlineFailureDetector,Akka.Remote")]
    [InlineData("akka.remote.transport-failure-detector.heartbeat-interval", "4 s")]
    [InlineData("akka.remote.transport-failure-detector.acceptable-heartbeat-pause", "120 s")]
    [InlineData("akka.remote.watch-failure-detector.implementation-class", "Akka.Remote.PhiAccrualFailureDetector,Akka.Remote")]
    [InlineData("akka.remote.watch-failure-detector.heartbeat-interval", "1 s")]
    [InlineData("akka.remote.watch-failure-detector.threshold", "10.0")]
    [InlineData("akka.remote.watch-failure-detector.max-sample-size", "200")]
    [InlineData("akka.remote.watch-failure-detector.min-std-deviation", "100 ms")]
    [InlineData("akka.remote.watch-failure-detector.acceptable-heartbeat-pause", "10 s")]
    [InlineData("akka.remote.watch-failure-detector.unreachable-nodes-reaper-interval", "1s")]
    [InlineData("akka.remote.watch-failure-detector.expected-response-after", "1 s")]
    [InlineData("akka.remote.retry-gate-closed-for", "5 s")]
    [InlineData("akka.remote.system-message-buffer-size", "20000")]
    [InlineData("akka.remote.initial-system-message-delivery-timeout", "3 m")]
    [InlineData("akka.remote.dot-netty.tcp.public-port", "0")]
    [InlineData("akka.remote.dot-netty.tcp.public-hostname", "")]
    [InlineData("akka.remote.dot-netty.tcp.dns-use-ipv6", "false")]
    [InlineData("akka.remote.dot-netty.tcp.enable-ssl", "false")]
    [InlineData("akka.remote.dot-netty.tcp.connection-timeout", "15 s")]
    [InlineData("akka.remote.dot-netty.tcp.write-buffer-high-water-mark", "0b")]
    [InlineData("akka.remote.dot-netty.tcp.send-buffer-size", "256000b")]
    [InlineData("akka.remote.dot-netty.tcp.receive-buffer-size", "256000b")]
    [InlineData("akka.remote.dot-netty.tcp.maximum-frame-size", "128000b")]
    [InlineData("akka.remote.dot-netty.tcp.backlog", "4096")]
    [InlineData("akka.remote.dot-netty.tcp.tcp-nodelay", "on")]
    [InlineData("akka.remote.dot-netty.tcp.tcp-keepalive", "on")]
    [InlineData("akka.remote.dot-netty.tcp.tcp-reuse-addr", "off-for-windows")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.path", "")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.password", "")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.use-thumbprint-over-file", "false")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.thumbprint", "")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.store-name", "")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.certificate.store-location", "current-user")]
    [InlineData("akka.remote.dot-netty.tcp.ssl.suppress-validation", "false")]
    [InlineData("akka.remote.default-remote-dispatcher.executor", "default-executor")]
    public void The_default_is_as_written(string path, string value) => Sys.Settings.Config.GetString(path).ShouldBe(value);

    [Fact]
    public void The_class_can_be_named_instead_of_the_word()
    {
        var system = ActorSystem.Create(
            "named", "akka { actor.provider = \"Akka.Remote.RemoteActorRefProvider, Akka.Remote\", remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }");

        ((ExtendedActorSystem)system).Provider.ShouldBeAssignableTo<Akka.Remote.IRemoteActorRefProvider>();
        Shutdown(system);
    }

    [Fact]
    public void An_address_says_protocol_system_host_and_port()
    {
        var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;

        address.Protocol.ShouldBe("akka.tcp");
        address.System.ShouldBe(Sys.Name);
        address.Host.ShouldBe("127.0.0.1");
        address.Port!.Value.ShouldBeGreaterThan(0);
    }
}
