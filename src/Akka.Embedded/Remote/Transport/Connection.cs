// What both ends of a connection have in common: a socket, the loop that reads frames from it, and one place where it ends.

using System.Net.Sockets;
using System.Security.Authentication;

namespace Akka.Remote.Transport;

/// <summary>Lives in <see cref="Run"/>. Closing it from outside makes that return.</summary>
internal abstract class Connection : IDisposable
{
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(1);

    private readonly FrameDecoder _decoder;
    private readonly Timer _handshakeTimer;
    private Exception _cause;
    private long _lastReceived = Environment.TickCount64;

    private protected Connection(Remoting remoting, Socket socket)
    {
        Remoting = remoting;
        Socket = socket;
        _decoder = new FrameDecoder(remoting.Tcp.MaximumFrameSize);
        _handshakeTimer = new Timer(_ => Close(new RemoteTransportException($"no greeting within {remoting.Settings.HandshakeTimeout}")));
    }

    /// <summary>When the peer was last heard, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastReceived => Interlocked.Read(ref _lastReceived);

    /// <summary>Null until the stream is up.</summary>
    internal StreamSender Sender { get; private set; }

    private protected Remoting Remoting { get; }
    private protected Socket Socket { get; }

    /// <summary>Why the connection ended.</summary>
    private protected Exception Cause => _cause ?? new RemoteTransportException("the peer closed the connection");

    /// <summary>Ends the connection, for the first cause given.</summary>
    internal void Close(Exception cause)
    {
        Interlocked.CompareExchange(ref _cause, cause, null);
        Socket.Dispose();
    }

    /// <summary>Says why, waits a moment that it may be heard, and ends the connection.</summary>
    internal async Task Part(Reason reason, Exception cause)
    {
        if (Sender is { } sender)
        {
            sender.TryAppend(Greeting.Parting(FrameType.Disassociate, reason), evenIfFull: true);
            await Task.WhenAny(sender.WhenIdle(), Task.Delay(_lastWords)).ConfigureAwait(false);
        }

        Close(cause);
    }

    public void Dispose()
    {
        _handshakeTimer.Dispose();
        Sender?.Close();
        Socket.Dispose();
    }

    /// <summary>Makes the stream, reads frames until the end, and says what the end was. Never fails.</summary>
    internal async Task Run()
    {
        try
        {
            _handshakeTimer.Change(Remoting.Settings.HandshakeTimeout, Timeout.InfiniteTimeSpan);
            await using var stream = await Open().ConfigureAwait(false);
            Sender = new StreamSender(stream, Remoting.Tcp.OutboundBound, Close);
            Opened();
            int count;
            do
            {
                count = await stream.ReadAsync(_decoder.GetMemory()).ConfigureAwait(false);
                _decoder.Advance(count);
                Interlocked.Exchange(ref _lastReceived, Environment.TickCount64);
            }
            while (count > 0 && HandleFrames());

            // What we said last, a refusal perhaps, is to be heard; but not for longer than it takes.
            await Task.WhenAny(Sender.WhenIdle(), Task.Delay(_lastWords)).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or IOException or AuthenticationException or ObjectDisposedException
            or RemoteTransportException or OperationCanceledException or InvalidOperationException)
        {
            Interlocked.CompareExchange(ref _cause, failure, null);
        }
        finally
        {
            Dispose();
            _decoder.Dispose();
            Ended();
        }
    }

    /// <summary>The stream to read and write, TLS done.</summary>
    private protected abstract Task<Stream> Open();

    /// <summary>The stream is up: the time to say the first word, for the one who has it.</summary>
    private protected abstract void Opened();

    /// <summary>One frame; false ends the connection.</summary>
    private protected abstract bool Handle(FrameType type, ReadOnlySpan<byte> body);

    /// <summary>All the frames that have arrived together have been handled.</summary>
    private protected virtual void HandledAll()
    {
    }

    private protected abstract void Ended();

    /// <summary>The peer has said who it is.</summary>
    private protected void Greeted() => _handshakeTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Notes why the connection ends; false, so that a handler can return it.</summary>
    private protected bool End(string why)
    {
        Interlocked.CompareExchange(ref _cause, new RemoteTransportException(why), null);
        return false;
    }

    private bool HandleFrames()
    {
        while (true)
        {
            switch (_decoder.TryTake(out var frame))
            {
                case FrameDecoder.Result.Incomplete:
                    HandledAll();
                    return true;
                case FrameDecoder.Result.Broken:
                    return End($"the peer sent a frame that is empty or larger than {Remoting.Tcp.MaximumFrameSize} bytes, or something that is no frame");
                default:
                    if (!Handle((FrameType)frame[0], frame[1..])) return false;
                    break;
            }
        }
    }
}
