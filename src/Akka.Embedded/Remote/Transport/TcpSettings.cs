// The settings of the TCP transport, read and checked once. They stand under the name that Akka.NET's transport has (akka.remote.dot-netty.tcp).

using System.Net;
using Akka.Configuration;

namespace Akka.Remote.Transport;

internal sealed class TcpSettings
{
    internal const int LeastFrameSize = 32000;
    private const long OwnOutboundBound = 64L * 1024 * 1024;

    internal TcpSettings(Config config)
    {
        var hostname = config.GetString("hostname");
        Hostname = string.IsNullOrWhiteSpace(hostname) ? IPAddress.Any.ToString() : hostname;
        var publicHostname = config.GetString("public-hostname");
        PublicHostname = string.IsNullOrWhiteSpace(publicHostname) ? Hostname : publicHostname;
        Port = config.GetInt("port");
        PublicPort = config.GetInt("public-port");
        UseIpv6 = config.GetBoolean("dns-use-ipv6");
        ConnectionTimeout = config.GetTimeSpan("connection-timeout");
        SendBufferSize = Bytes(config, "send-buffer-size");
        ReceiveBufferSize = Bytes(config, "receive-buffer-size");
        MaximumFrameSize = Bytes(config, "maximum-frame-size");
        var bound = config.GetByteSize("write-buffer-high-water-mark") ?? 0;
        OutboundBound = bound > 0 ? bound : OwnOutboundBound;
        Backlog = config.GetInt("backlog");
        NoDelay = config.GetBoolean("tcp-nodelay");
        KeepAlive = config.GetBoolean("tcp-keepalive");
        // Elsewhere .NET lets a listener reuse an address that is only waiting to be forgotten, unasked. Asked, it lets two listeners share one port,
        // and the connections with it, which nobody means.
        ReuseAddress = OperatingSystem.IsWindows() && config.GetString("tcp-reuse-addr") == "on";
        Tls = config.GetBoolean("enable-ssl") ? new TlsSettings(config.GetConfig("ssl")) : null;
        if (MaximumFrameSize < LeastFrameSize)
            throw new ConfigurationException($"akka.remote.dot-netty.tcp.maximum-frame-size is {MaximumFrameSize}; it must be at least {LeastFrameSize} bytes");
        if (Port is < 0 or > ushort.MaxValue)
            throw new ConfigurationException($"akka.remote.dot-netty.tcp.port is {Port}; it must be 0 to {ushort.MaxValue}");
    }

    internal string Hostname { get; }
    internal string PublicHostname { get; }
    internal int Port { get; }
    internal int PublicPort { get; }
    internal bool UseIpv6 { get; }
    internal TimeSpan ConnectionTimeout { get; }
    internal int SendBufferSize { get; }
    internal int ReceiveBufferSize { get; }
    internal int MaximumFrameSize { get; }

    /// <summary>Bytes that one association may hold for its peer.</summary>
    internal long OutboundBound { get; }

    internal int Backlog { get; }
    internal bool NoDelay { get; }
    internal bool KeepAlive { get; }
    internal bool ReuseAddress { get; }

    /// <summary>Null where connections are in the clear.</summary>
    internal TlsSettings Tls { get; }

    /// <summary>The protocol in our addresses: akka.tcp or akka.ssl.tcp.</summary>
    internal string Scheme => Tls is null ? "akka.tcp" : "akka.ssl.tcp";

    private static int Bytes(Config config, string path) => (int)Math.Clamp(config.GetByteSize(path) ?? 0, 0, int.MaxValue);
}
