//J:Cluster:140 What a stranger may do
// Anybody may open a connection to us. Until it has greeted us in our protocol, in our version and by our name, it is given one buffer and
// some seconds. After that it may send messages, and what else it sends ends the connection. No frame makes us allocate more than its bytes,
// answer more than it asked, or build an object of a type that nobody bound.

using System.Net.Sockets;
using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>The server's end: a connection that a peer opened to send us messages.</summary>
internal sealed class InboundConnection : Connection
{
    private readonly InboundDispatcher _dispatcher;
    private SystemInbox _inbox;
    private long _acknowledged;

    internal InboundConnection(Remoting remoting, Socket socket)
        : base(remoting, socket)
    {
        From = socket.RemoteEndPoint?.ToString() ?? "somebody";
        _dispatcher = new InboundDispatcher(remoting.System, remoting.Provider, remoting.Log);
    }

    /// <summary>The network's name for the peer, before and after it has said its own.</summary>
    internal string From { get; }

    /// <summary>Null until the peer has greeted us.</summary>
    internal Greeting Peer { get; private set; }

    /// <summary>Completed when the last frame has been handled; null before the connection has been let in.</summary>
    internal Task Completion { get; set; }

    private protected override async Task<Stream> Open()
    {
        var stream = new NetworkStream(Socket, ownsSocket: true);
        return Remoting.Tcp.Tls is { } tls ? await tls.AsServer(stream, CancellationToken.None).ConfigureAwait(false) : stream;
    }

    private protected override void Opened()
    {
    }

    private protected override bool Handle(FrameType type, ReadOnlySpan<byte> body)
    {
        if (Peer is null) return type == FrameType.Hello ? HandleHello(body) : End("the peer does not speak our protocol");
        switch (type)
        {
            case FrameType.Message or FrameType.SystemMessage:
                if (!MessageFrame.TryRead(type, body, out var frame)) return End("the peer sent a message that is cut short");
                if (!frame.IsSystem || _inbox.Accept(frame.Sequence) is var verdict && verdict == SystemInbox.Verdict.Deliver) _dispatcher.Dispatch(frame);
                else if (verdict == SystemInbox.Verdict.Impossible) return End("the peer left out a system message");
                return true;
            case FrameType.Heartbeat:
                return Answer([1, 0, 0, 0, (byte)FrameType.HeartbeatReply]);
            case FrameType.Disassociate:
                var reader = new FrameReader(body);
                if ((Reason)reader.Byte() == Reason.Quarantined) Remoting.WeAreQuarantined(Peer.From);
                return End("the remote system ended the association");
            default:
                return End($"the peer sent a frame of type {(byte)type}, which it must not");
        }
    }

    private protected override void HandledAll()
    {
        if (_inbox is null || _inbox.Delivered is var delivered && delivered == _acknowledged) return;
        _acknowledged = delivered;
        Span<byte> frame = stackalloc byte[FrameDecoder.PrefixSize + 1 + 8];
        var writer = new FrameWriter(frame);
        writer.Int32(9);
        writer.Byte((byte)FrameType.Ack);
        writer.Int64(delivered);
        Sender.TryAppend(frame);
    }

    private protected override void Ended() => Remoting.InboundEnded(this, Cause);

    private bool HandleHello(ReadOnlySpan<byte> body)
    {
        switch (Greeting.TryDecode(body, out var hello))
        {
            case Greeting.Outcome.OtherVersion:
                return Refuse(Reason.Version, $"the peer speaks another version than {Greeting.Version}");
            case Greeting.Outcome.Rubbish:
                return End("the peer does not speak our protocol");
        }

        if (!Remoting.Addresses.Contains(hello.To)) return Refuse(Reason.NotThisSystem, $"the peer looked for [{hello.To}]");
        if (Remoting.Addresses.Contains(hello.From)) return Refuse(Reason.NotThisSystem, "the peer says that it is this system");
        if (Remoting.IsQuarantined(hello.From, hello.Uid)) return Refuse(Reason.Quarantined, $"the peer [{hello.From}] is quarantined");
        Greeted();
        Peer = hello;
        _dispatcher.Peer = hello.From;
        _inbox = Remoting.InboundGreeted(this, hello);
        _acknowledged = _inbox.Delivered;
        return Answer(Remoting.GreetingTo(hello.From, _acknowledged).Encode(FrameType.Welcome));
    }

    // A peer that asks and does not read the answers has no further use for us.
    private bool Answer(ReadOnlySpan<byte> frame) => Sender.TryAppend(frame) || End("the peer does not read what it asked for");

    private bool Refuse(Reason reason, string why)
    {
        Sender.TryAppend(Greeting.Parting(FrameType.Refusal, reason));
        return End(why);
    }
}
