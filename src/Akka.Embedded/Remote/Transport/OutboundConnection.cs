// A connection that we opened: it carries our messages, and from the peer only what it says about them.

using System.Net.Sockets;

namespace Akka.Remote.Transport;

/// <summary>The client's end. It reports to its association.</summary>
internal sealed class OutboundConnection(Remoting remoting, Association association) : Connection(remoting, remoting.NewSocket())
{
    private bool _welcome;

    private protected override async Task<Stream> Open()
    {
        var address = association.RemoteAddress;
        using var limit = new CancellationTokenSource(Remoting.Tcp.ConnectionTimeout);
        try
        {
            await Socket.ConnectAsync(address.Host, address.Port ?? 0, limit.Token).ConfigureAwait(false);
            var stream = new NetworkStream(Socket, ownsSocket: true);
            return Remoting.Tcp.Tls is { } tls ? await tls.AsClient(stream, address.Host, limit.Token).ConfigureAwait(false) : stream;
        }
        catch (OperationCanceledException)
        {
            throw new RemoteTransportException($"no connection within {Remoting.Tcp.ConnectionTimeout}");
        }
    }

    private protected override void Opened() => Sender.TryAppend(Remoting.GreetingTo(association.RemoteAddress, 0).Encode(FrameType.Hello));

    private protected override bool Handle(FrameType type, ReadOnlySpan<byte> body)
    {
        if (!_welcome) return HandleGreeting(type, body);
        var reader = new FrameReader(body);
        switch (type)
        {
            case FrameType.Ack when reader.Int64() is var sequence && !reader.Failed:
                association.Acknowledged(this, sequence);
                return true;
            case FrameType.HeartbeatReply:
                return true;
            case FrameType.Disassociate:
                return Left((Reason)reader.Byte());
            default:
                return End($"the peer sent a frame of type {(byte)type}, which it must not");
        }
    }

    private protected override void Ended() => association.Ended(this, Cause);

    private bool HandleGreeting(FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Welcome:
                switch (Greeting.TryDecode(body, out var greeting))
                {
                    case Greeting.Outcome.Read when greeting.From == association.RemoteAddress:
                        Greeted();
                        _welcome = true;
                        return association.Welcomed(this, greeting) || End("the peer's present life is quarantined");
                    case Greeting.Outcome.Read:
                        return End($"the peer is [{greeting.From}]");
                    case Greeting.Outcome.OtherVersion:
                        return End($"the peer speaks another version than {Greeting.Version}");
                    default:
                        return End("the peer does not speak our protocol");
                }

            case FrameType.Refusal:
                var reader = new FrameReader(body);
                return Left((Reason)reader.Byte());
            default:
                return End("the peer does not speak our protocol");
        }
    }

    private bool Left(Reason reason)
    {
        if (reason == Reason.Quarantined) Remoting.WeAreQuarantined(association.RemoteAddress);
        return End(reason switch
        {
            Reason.Shutdown => "the remote system terminated the association because it is shutting down",
            Reason.Quarantined => "the remote system has quarantined this system",
            Reason.Version => $"the remote system speaks another version than {Greeting.Version}",
            Reason.NotThisSystem => "the remote system has another address",
            Reason.Busy => "the remote system takes no more connections",
            _ => "the remote system ended the association",
        });
    }
}
