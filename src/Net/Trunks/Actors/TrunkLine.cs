// A trunk that stands: messages of actors go in on any thread and come out on the other node in the order in which they went in. Who sends
// writes into the socket itself if nothing is under way, so that a single frame waits for no thread; what the socket does not take
// at once is written by the thread that is writing already.

using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.Serialization;
using Akka.Actor;

namespace Lguest.Net.Trunks.Actors;

/// <summary>The connection to one other node. Any thread.</summary>
internal sealed class TrunkLine
{
    /// <summary>Pairs of actors whose routes are remembered; beyond that they are made anew.</summary>
    private const int MostRoutes = 1024;
    private static readonly byte[] _pulse = MakePulse();
    private readonly Lock _gate = new();
    private readonly Pipe _out =
        new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 2 * 65_536, useSynchronizationContext: false));
    private readonly Dictionary<(IActorRef To, IActorRef From), byte[]> _routes = [];
    private readonly Dictionary<TrunkRoute, (IActorRef To, IActorRef From)> _ends = [];
    private readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TrunkConnection _connection;
    private readonly Trunks _trunks;
    private readonly TrunkQueue _queue;
    private byte[] _lastRoute = [];
    private (IActorRef? To, IActorRef? From) _lastEnds;
    private bool _isWriting;
    private bool _isClosed;
    private long _received;
    private long _heard = Environment.TickCount64;
    private long _sent = Environment.TickCount64;

    /// <param name="node">The other node.</param>
    /// <param name="connection">The connection, after the greetings.</param>
    /// <param name="trunks">Where the actors are.</param>
    /// <param name="queue">Bytes that may wait to be written.</param>
    public TrunkLine(Address node, TrunkConnection connection, Trunks trunks, int queue)
    {
        Node = node;
        _connection = connection;
        _trunks = trunks;
        _queue = new TrunkQueue(queue);
    }

    /// <summary>The other node.</summary>
    public Address Node { get; }

    /// <summary>Completes with the reason when it is closed, here or there.</summary>
    public Task<string> End => _end.Task;

    /// <summary>Whether it has ended.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Whether what ended it was a mistake in what the other node sent.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Milliseconds since anything was heard from the other node, and since anything was sent there.</summary>
    public (long Heard, long Sent) Idle =>
        (Environment.TickCount64 - Volatile.Read(ref _heard), Environment.TickCount64 - Volatile.Read(ref _sent));

    /// <summary>What it has carried.</summary>
    public TrunkProtocol.TrunkCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return new TrunkProtocol.TrunkCounters(
                    _queue.Messages, _queue.Bytes, Volatile.Read(ref _received), _queue.Used, _queue.Dropped);
            }
        }
    }

    /// <summary>An actor's path without its node's address, with its number.</summary>
    public static string PathOf(IActorRef actor) => $"{actor.Path.ToStringWithoutAddress()}#{actor.Path.Uid}";

    /// <summary>Sends a message to an actor of the other node.</summary>
    /// <param name="to">The actor there.</param>
    /// <param name="from">The actor here.</param>
    /// <param name="message">Written before this returns.</param>
    public TrunkResult TrySend(IActorRef to, IActorRef from, object message)
    {
        var serializer = _trunks.SerializerOf(message);
        lock (_gate)
        {
            if (_isClosed || RouteOf(to, from) is not { } route)
                return TrunkResult.NoTrunk;
            int body = serializer.SizeOf(message);
            int size = TrunkFormat.SizeOf(route.Length, body);
            if (body > TrunkFormat.LongestBody || !_queue.TryTake(size))
                return TrunkResult.NoRoom;
            var into = _out.Writer.GetSpan(size)[..size];
            char manifest = serializer.Manifest(message)[0];
            serializer.Write(message, TrunkFormat.Begin(into, TrunkKind.Message, serializer.Identifier, manifest, route));
            if (!Commit(size))
                return TrunkResult.Sent;
        }

        _ = Write();
        return TrunkResult.Sent;
    }

    /// <summary>Writes bytes of the trunk's own: a greeting, a sign of life.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_isClosed || !_queue.TryTake(message.Length))
                return;
            message.CopyTo(_out.Writer.GetSpan(message.Length));
            if (!Commit(message.Length))
                return;
        }

        _ = Write();
    }

    /// <summary>Says that this node lives.</summary>
    public void Pulse() => Send(_pulse);

    /// <summary>Ends it; what waits is lost. The first reason counts.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _trunks.Closed(this);
        _connection.Dispose();
        _end.TrySetResult(reason);
    }

    /// <summary>Hands out what arrives until the connection ends.</summary>
    public async Task Listen()
    {
        string reason = "the other node has closed it";
        try
        {
            while (true)
            {
                var result = await _connection.Input.ReadAsync().ConfigureAwait(false);
                Volatile.Write(ref _heard, Environment.TickCount64);
                var bytes = result.Buffer;
                Deliver(ref bytes);
                _connection.Input.AdvanceTo(bytes.Start, bytes.End);
                if (_connection.Reader.Problem is { } problem)
                    throw new SerializationException(problem);
                if (result.IsCompleted)
                    break;
            }
        }
        catch (SerializationException malformed)
        {
            IsMalformed = true;
            reason = malformed.Message;
        }
        catch (Exception broken) when (TrunkConnection.IsOfNetwork(broken))
        {
            reason = broken.Message;
        }

        Close(reason);
        await _connection.Input.CompleteAsync().ConfigureAwait(false);
    }

    private static byte[] MakePulse()
    {
        byte[] bytes = new byte[TrunkFormat.HeaderBytes];
        TrunkFormat.Begin(bytes, TrunkKind.Pulse, 0, '\0', []);
        return bytes;
    }

    /// <summary>Makes what was written visible to the writer.</summary>
    /// <returns>True if the caller is the writer now.</returns>
    private bool Commit(int bytes)
    {
        _out.Writer.Advance(bytes);

        // Completes at once: nothing makes a writer of this pipe wait, the queue's account has done that.
        _ = _out.Writer.FlushAsync();
        if (_isWriting)
            return false;
        return _isWriting = true;
    }

    /// <summary>Empties the pipe into the connection. As long as the socket takes what it is given this runs in the sender's
    /// turn.</summary>
    private async Task Write()
    {
        try
        {
            while (true)
            {
                ReadResult waiting;
                lock (_gate)
                {
                    if (_isClosed || !_out.Reader.TryRead(out waiting))
                    {
                        _isWriting = false;
                        return;
                    }
                }

                var bytes = waiting.Buffer;
                foreach (var segment in bytes)
                    await _connection.Stream.WriteAsync(segment).ConfigureAwait(false);
                Volatile.Write(ref _sent, Environment.TickCount64);
                lock (_gate)
                {
                    _queue.Give(bytes.Length);
                    _out.Reader.AdvanceTo(bytes.End);
                }
            }
        }
        catch (Exception broken) when (TrunkConnection.IsOfNetwork(broken))
        {
            Close(broken.Message);
        }
    }

    private void Deliver(ref ReadOnlySequence<byte> bytes)
    {
        while (_connection.Reader.TryRead(ref bytes, out var message))
        {
            if (message.Kind != TrunkKind.Message)
                continue;
            if (EndsOf(message.Route) is ({ } to, var from))
                to.Tell(Read(message), from);
            _received++;
        }
    }

    private object Read(in TrunkMessage message)
    {
        var serializer = _trunks.SerializerOf(message.Serializer)
            ?? throw new SerializationException($"a message for serializer {message.Serializer}");
        int length = (int)message.Body.Length;
        byte[] pooled = ArrayPool<byte>.Shared.Rent(length);
        bool isKept = false;
        try
        {
            message.Body.CopyTo(pooled);
            return serializer.Read(pooled, length, message.Manifest.ToString(), out isKept);
        }
        finally
        {
            if (!isKept)
                ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    /// <summary>The actors at both ends. Whom nobody has admitted is nobody; its messages are dropped, since it may have ended a moment
    /// ago.</summary>
    private (IActorRef? To, IActorRef? From) EndsOf(ReadOnlySequence<byte> bytes)
    {
        Span<byte> buffer = stackalloc byte[(int)bytes.Length];
        bytes.CopyTo(buffer);
        if (_lastEnds.To is not null && buffer.SequenceEqual(_lastRoute))
            return _lastEnds;
        var route = TrunkRoute.Parse(buffer) ?? throw new SerializationException("a message whose route is malformed");
        if (!_ends.TryGetValue(route, out var ends))
        {
            if (_trunks.Reachable(route.To) is not { } to)
                return default;
            if (_ends.Count >= MostRoutes)
                _ends.Clear();
            _ends.Add(route, ends = (to, _trunks.ActorAt(Node, route.From)));
        }

        (_lastRoute, _lastEnds) = (buffer.ToArray(), ends);
        return ends;
    }

    /// <summary>Null if the actors' names are too long for a trunk.</summary>
    private byte[]? RouteOf(IActorRef to, IActorRef from)
    {
        if (_routes.TryGetValue((to, from), out byte[]? route))
            return route;
        if (_routes.Count >= MostRoutes)
            _routes.Clear();
        return new TrunkRoute(PathOf(to), PathOf(from)).ToBytes() is { } made ? _routes[(to, from)] = made : null;
    }
}
