// A trunk that stands: messages of actors go in on any thread and come out on the other node in the order in which they went in. Who sends
// hands its own message to the socket if nothing is under way, so that a single frame waits for no thread; whatever else waits, of its own
// or of others, is written by a thread of the pool, since an actor's turn is not for others' work. Whatever ends one direction ends both.
//
//J:Net:157 Who sends faster than we take
// What has arrived goes into a mailbox, and mailboxes have no limit. So each message counts as under way until its receiver has taken it
// out, and when there is too much of that the socket is not read any further: TCP tells the other node, whose queue fills, and who sends
// there drops and counts. A receiver that takes nothing for a while must not stop the others on the same trunk: from then on its messages
// are dropped and counted here, until it goes on.

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
    private readonly Dictionary<TrunkRoute, (TrunkInbox To, IActorRef From)> _ends = [];
    private readonly Dictionary<IActorRef, TrunkInbox> _inboxes = [];
    private readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TrunkConnection _connection;
    private readonly Trunks _trunks;
    private readonly TrunkSettings _settings;
    private readonly TrunkQueue _queue;
    private byte[] _lastRoute = [];
    private (TrunkInbox? To, IActorRef? From) _lastEnds;
    private bool _isWriting;
    private bool _isClosed;
    private volatile bool _isPaused;
    private long _received;
    private long _notTaken;
    private long _heard;
    private long _sent;

    /// <param name="node">The other node.</param>
    /// <param name="connection">The connection, after the greetings.</param>
    /// <param name="trunks">Where the actors are.</param>
    /// <param name="settings">What may wait to be written, and to be taken.</param>
    public TrunkLine(Address node, TrunkConnection connection, Trunks trunks, TrunkSettings settings)
    {
        Node = node;
        _connection = connection;
        _trunks = trunks;
        _settings = settings;
        _heard = _sent = Now;
        _queue = new TrunkQueue(settings.Queue);
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

    /// <summary>What ended it, if that was a fault of this program and neither of the network nor of the other node.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Milliseconds since anything was heard from the other node, and since anything was sent there. While nobody listens the
    /// other node is not silent.</summary>
    public (long Heard, long Sent) Idle =>
        (_isPaused ? 0 : Now - Volatile.Read(ref _heard), Now - Volatile.Read(ref _sent));

    private long Now => _trunks.Clock.Monotonic.Milliseconds;

    /// <summary>What it has carried.</summary>
    public TrunkProtocol.TrunkCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return new TrunkProtocol.TrunkCounters(
                    _queue.Messages, _queue.Bytes, Volatile.Read(ref _received), _queue.Used, _queue.Dropped,
                    Volatile.Read(ref _notTaken));
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
        ReadOnlySequence<byte>? own;
        lock (_gate)
        {
            if (_isClosed || RouteOf(to, from) is not { } route)
                return TrunkResult.NoTrunk;
            int body = serializer.SizeOf(message);
            int size = TrunkFormat.SizeOf(route.Length, body);
            if (body > TrunkFormat.LongestBody || !_queue.TryTake(size))
                return TrunkResult.NoRoom;
            try
            {
                var into = _out.Writer.GetSpan(size)[..size];
                char manifest = serializer.Manifest(message)[0];
                serializer.Write(message, TrunkFormat.Begin(into, TrunkKind.Message, serializer.Identifier, manifest, route));
            }
            catch
            {
                // Whatever it is, it is the sender's to know; nothing was sent, and no room is lost.
                _queue.Undo(size);
                throw;
            }

            own = Commit(size);
        }

        if (own is { } bytes)
            _ = Write(bytes);
        return TrunkResult.Sent;
    }

    /// <summary>Writes bytes of the trunk's own: a greeting, a sign of life.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        ReadOnlySequence<byte>? own;
        lock (_gate)
        {
            if (_isClosed || !_queue.TryTake(message.Length))
                return;
            message.CopyTo(_out.Writer.GetSpan(message.Length));
            own = Commit(message.Length);
        }

        if (own is { } bytes)
            _ = Write(bytes);
    }

    /// <summary>Says that this node lives.</summary>
    public void Pulse() => Send(_pulse);

    /// <summary>Ends it; what waits is lost. The first reason counts.</summary>
    public void Close(string reason) => Close(reason, null);

    /// <summary>Hands out what arrives until the connection ends.</summary>
    public async Task Listen()
    {
        try
        {
            while (true)
            {
                var result = await _connection.Input.ReadAsync().ConfigureAwait(false);
                Volatile.Write(ref _heard, Now);
                var bytes = result.Buffer;
                while (Deliver(ref bytes) is { } waiting)
                    await Wait(waiting).ConfigureAwait(false);
                _connection.Input.AdvanceTo(bytes.Start, bytes.End);
                if (_connection.Reader.Problem is { } problem)
                    throw new SerializationException(problem);
                if (result.IsCompleted)
                    break;
            }

            Close("the other node has closed it");
        }
        catch (Exception broken)
        {
            // Whatever it is: half a trunk carries nothing.
            Close(broken.Message, broken);
        }

        await _connection.Input.CompleteAsync().ConfigureAwait(false);
    }

    private void Close(string reason, Exception? broken)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            IsMalformed = broken is SerializationException;
            Fault = broken is null || IsMalformed || TrunkConnection.IsOfNetwork(broken) ? null : broken;
        }

        _trunks.Closed(this);
        _connection.Dispose();
        _end.TrySetResult(reason);
    }

    private static byte[] MakePulse()
    {
        byte[] bytes = new byte[TrunkFormat.HeaderBytes];
        TrunkFormat.Begin(bytes, TrunkKind.Pulse, 0, '\0', []);
        return bytes;
    }

    /// <summary>Makes what was written visible to the writer.</summary>
    /// <returns>The bytes, if there is no writer: then the caller is it, for these bytes and no more.</returns>
    private ReadOnlySequence<byte>? Commit(int bytes)
    {
        _out.Writer.Advance(bytes);

        // Completes at once: nothing makes a writer of this pipe wait, the queue's account has done that.
        _ = _out.Writer.FlushAsync();
        if (_isWriting || !_out.Reader.TryRead(out var own))
            return null;
        _isWriting = true;
        return own.Buffer;
    }

    /// <summary>Writes a message, on the thread of its sender, which the socket does not keep waiting, and then whatever waits, on one of
    /// the pool.</summary>
    private async Task Write(ReadOnlySequence<byte> bytes)
    {
        try
        {
            for (bool isSenders = true; ; isSenders = false)
            {
                foreach (var segment in bytes)
                    await _connection.Stream.WriteAsync(segment).ConfigureAwait(false);
                Volatile.Write(ref _sent, Now);
                lock (_gate)
                {
                    _queue.Give(bytes.Length);
                    _out.Reader.AdvanceTo(bytes.End);
                    if (_isClosed || !_out.Reader.TryRead(out var waiting))
                    {
                        _isWriting = false;
                        return;
                    }

                    bytes = waiting.Buffer;
                }

                if (isSenders)
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
        }
        catch (Exception broken)
        {
            // Whatever it is: half a trunk carries nothing.
            Close(broken.Message, broken);
        }
    }

    /// <summary>Hands out messages.</summary>
    /// <returns>One for which there is no room yet; null when all that have arrived are dealt with.</returns>
    private Waiting? Deliver(ref ReadOnlySequence<byte> bytes)
    {
        while (_connection.Reader.TryRead(ref bytes, out var message))
        {
            if (message.Kind != TrunkKind.Message)
                continue;
            Volatile.Write(ref _received, _received + 1);
            if (EndsOf(message.Route) is not ({ } to, { } from))
                continue;
            int size = TrunkFormat.SizeOf((int)message.Route.Length, (int)message.Body.Length);
            if (to.TryTake(size))
                to.Tell(Read(message), size, from);
            else if (to.IsStuck)
                Volatile.Write(ref _notTaken, _notTaken + 1);
            else
                return new Waiting(to, Read(message), size, from);
        }

        return null;
    }

    /// <summary>Reads nothing more until there is room, or the receiver seems to be stuck.</summary>
    private async Task Wait(Waiting waiting)
    {
        _isPaused = true;
        if (await waiting.To.TakeWithin(waiting.Bytes, _settings.InboxPatience).ConfigureAwait(false))
            waiting.To.Tell(waiting.Message, waiting.Bytes, waiting.From);
        else
            Volatile.Write(ref _notTaken, _notTaken + 1);
        Volatile.Write(ref _heard, Now);
        _isPaused = false;
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
    private (TrunkInbox? To, IActorRef? From) EndsOf(ReadOnlySequence<byte> bytes)
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
            _ends.Add(route, ends = (InboxOf(to), _trunks.ActorAt(Node, route.From)));
        }

        (_lastRoute, _lastEnds) = (buffer.ToArray(), ends);
        return ends;
    }

    /// <summary>One for each receiver, for all who write to it there.</summary>
    private TrunkInbox InboxOf(IActorRef to)
    {
        if (_inboxes.TryGetValue(to, out var inbox))
            return inbox;
        foreach (var gone in _inboxes.Keys.Where(known => _trunks.Reachable(PathOf(known)) is null).ToList())
            _inboxes.Remove(gone);
        return _inboxes[to] = new TrunkInbox(to, _settings.Inbox);
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

    private sealed record Waiting(TrunkInbox To, object Message, int Bytes, IActorRef From);
}
