//J:Cluster:150 The life of an association
// Everything we send to one address goes through one association, in order. It sleeps until there is something to send; then it connects,
// keeping what is sent meanwhile; then it hands each message to the connection. When the connection fails, the address is gated: for some
// seconds whatever is sent to it is dead at once, so that a dead peer costs nothing, except for system messages, which wait. A peer that has
// been quarantined in one life is not spoken to again in that life.

using System.Net.Sockets;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>Our side of the relation to one remote address. Thread-safe.</summary>
internal sealed class Association
{
    private readonly Lock _gate = new();
    private readonly Remoting _remoting;
    private readonly SystemOutbox _outbox = new();
    private readonly HashSet<int> _quarantined = [];
    private List<PendingMessage> _pending = [];
    private long _pendingBytes;
    private int _pendingSystem;
    private State _state = State.Idle;
    private OutboundConnection _connection;
    private int? _uid;
    private long _unreachableSince;

    internal Association(Remoting remoting, Address remoteAddress)
    {
        _remoting = remoting;
        RemoteAddress = remoteAddress;
    }

    private enum State
    {
        Idle,
        Connecting,
        Connected,
        Gated,
        Stopped,

        /// <summary>Forgotten for want of use: the address has, or will have, another association.</summary>
        Retired,
    }

    private enum Verdict
    {
        Sent,
        Dead,
        Dropped,
        TooManySystemMessages,
        Elsewhere,
    }

    internal Address RemoteAddress { get; }

    /// <summary>Messages that must arrive and of which the peer has not said that they did.</summary>
    internal int UnacknowledgedCount
    {
        get
        {
            lock (_gate) return _outbox.Count;
        }
    }

    internal bool IsRetired => _state == State.Retired;

    private TimeSpan Gate => _remoting.Settings.RetryGateClosedFor;

    internal void Send(object message, IActorRef sender, RemoteActorRef recipient)
    {
        if (message is not ISystemMessage && _state is State.Gated or State.Stopped)
        {
            DeadLetter(message, sender, recipient);
            return;
        }

        if (!TryEncode(message, sender, recipient, out var frame)) return;
        var verdict = message is ISystemMessage ? SendSystem(frame, message, recipient) : SendUser(frame, message, sender, recipient);
        switch (verdict)
        {
            case Verdict.Dead:
                DeadLetter(message, sender, recipient);
                break;
            case Verdict.Dropped:
                _remoting.System.EventStream.Publish(new Dropped(message, $"{RemoteAddress} does not read as fast as we send", sender, recipient));
                break;
            case Verdict.TooManySystemMessages:
                Quarantine(_uid);
                GiveUpSystemMessages();
                break;
            case Verdict.Elsewhere:
                _remoting.AssociationWith(RemoteAddress).Send(message, sender, recipient);
                break;
        }
    }

    /// <summary>
    /// Whoever can make us answer to addresses of his choice could make us remember every one of them. One at which nobody was ever met, and to
    /// which nothing is to be sent, is forgotten.
    /// </summary>
    internal void RetireIfUnused()
    {
        lock (_gate)
        {
            if (_state != State.Idle || _uid is not null || _quarantined.Count > 0 || _outbox.Count > 0) return;
            _state = State.Retired;
            _remoting.Forget(this);
        }
    }

    internal bool IsQuarantined(int uid)
    {
        lock (_gate) return _quarantined.Contains(uid);
    }

    /// <summary>The peer answered: what waits may go. False when this life of it is quarantined.</summary>
    internal bool Welcomed(OutboundConnection connection, Greeting greeting)
    {
        lock (_gate)
        {
            if (_connection != connection || _quarantined.Contains(greeting.Uid)) return false;
            if (_uid is { } known && known != greeting.Uid) _outbox.StartAnew();
            else _outbox.Resume(greeting.Acknowledged);
            _uid = greeting.Uid;
            _unreachableSince = 0;
            _state = State.Connected;
            var sender = connection.Sender;
            var repeated = _outbox.Count - _pendingSystem;
            foreach (var frame in _outbox.SendAll())
            {
                if (repeated-- <= 0) break;
                sender.TryAppend(frame, evenIfFull: true);
            }

            foreach (var message in _pending) sender.TryAppend(message.Frame, evenIfFull: true);
            TakePending();
        }

        _remoting.Publish(new AssociatedEvent(_remoting.DefaultAddress, RemoteAddress, inbound: false));
        return true;
    }

    internal void Acknowledged(OutboundConnection connection, long sequence)
    {
        lock (_gate)
            if (_connection == connection) _outbox.Acknowledge(sequence);
    }

    /// <summary>The connection is no more: what waited for it is dead, and the address gated.</summary>
    internal void Ended(OutboundConnection connection, Exception cause)
    {
        bool wasConnected;
        List<PendingMessage> dead;
        ISystemMessage[] unsaid = [];
        lock (_gate)
        {
            if (_connection != connection) return;
            wasConnected = _state == State.Connected;
            _connection = null;
            dead = TakePending();
            // Where nobody has ever been met there is nobody to be reached again: whoever wants to watch somebody there is told so.
            if (_uid is null) unsaid = _outbox.Clear();
            if (_state != State.Stopped)
            {
                _state = State.Gated;
                if (_unreachableSince == 0) _unreachableSince = Environment.TickCount64;
            }
        }

        DeadLetters(dead, unsaid);
        if (wasConnected) _remoting.Publish(new DisassociatedEvent(_remoting.DefaultAddress, RemoteAddress, inbound: false));
        if (_remoting.IsStopping) return;
        if (!wasConnected)
            _remoting.Publish(new AssociationErrorEvent(
                new RemoteTransportException($"Association failed with {RemoteAddress}: {cause.Message}", cause),
                _remoting.DefaultAddress, RemoteAddress, inbound: false, LogLevel.ErrorLevel));
        _remoting.Log.Warning(
            "Association with remote system {0} has failed; address is now gated for {1} ms. Reason: [{2}]", RemoteAddress, Gate.TotalMilliseconds, cause.Message);
        _remoting.After(Gate, OpenGate);
    }

    /// <summary>The peer has come to us: it is there, whatever we thought.</summary>
    internal void OpenGate()
    {
        var quarantine = false;
        lock (_gate)
        {
            if (_state != State.Gated) return;
            _state = State.Idle;
            if (_outbox.Count == 0) return;
            quarantine = _unreachableSince != 0
                && Environment.TickCount64 - _unreachableSince > _remoting.Settings.InitialSysMsgDeliveryTimeout.TotalMilliseconds;
            if (!quarantine) Connect();
        }

        if (quarantine) Quarantine(_uid);
    }

    /// <summary>Ends the relation to one life of the peer; without a uid only what there is at present.</summary>
    internal void Quarantine(int? uid)
    {
        OutboundConnection connection;
        List<PendingMessage> dead;
        ISystemMessage[] unsaid = [];
        lock (_gate)
        {
            if (uid is { } life && !_quarantined.Add(life)) return;
            // Another life may be at the address by now, and what we have to do with it goes on.
            var concerns = uid is null || _uid is null || uid == _uid;
            connection = concerns ? _connection : null;
            dead = concerns ? TakePending() : [];
            if (concerns) unsaid = _outbox.Clear();
            if (concerns && _state is State.Idle) _remoting.After(Gate, OpenGate);
            if (concerns && _state is State.Idle or State.Connected) _state = State.Gated;
        }

        DeadLetters(dead, unsaid);
        if (uid is { } quarantined) _remoting.Publish(new QuarantinedEvent(RemoteAddress, quarantined));
        _ = connection?.Part(uid is null ? Reason.Unknown : Reason.Quarantined, new RemoteTransportException("the remote system was quarantined"));
    }

    /// <summary>A life that is quarantined already acknowledges nothing, however long we wait; what piles up for it again is given up again.</summary>
    private void GiveUpSystemMessages()
    {
        ISystemMessage[] unsaid;
        List<PendingMessage> dead;
        lock (_gate)
        {
            if (_outbox.Count <= _remoting.Settings.SysMsgBufferSize) return;
            unsaid = _outbox.Clear();
            dead = TakePending();
        }

        DeadLetters(dead, unsaid);
    }

    /// <summary>Closes a connection that has been silent for too long, and asks the others whether they live.</summary>
    internal void Pulse(long silentSince)
    {
        OutboundConnection connection;
        lock (_gate) connection = _state == State.Connected ? _connection : null;
        if (connection is null) return;
        if (connection.LastReceived < silentSince) connection.Close(new RemoteTransportException("No response from remote. Transport failure detector triggered."));
        else connection.Sender.TryAppend([1, 0, 0, 0, (byte)FrameType.Heartbeat], isUrgent: true);
    }

    /// <summary>Waits, until the time is over, for all that is still to be sent, and for the acknowledgements; then says good-bye.</summary>
    internal async Task Shutdown(CancellationToken overtime)
    {
        OutboundConnection connection;
        while (HasUnsent(out connection) && !overtime.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None).ConfigureAwait(false);
        List<PendingMessage> dead;
        lock (_gate)
        {
            _state = State.Stopped;
            connection = _connection;
            dead = TakePending();
        }

        DeadLetters(dead, []);
        if (connection is not null) await connection.Part(Reason.Shutdown, new RemoteTransportException("remoting was shut down")).ConfigureAwait(false);
    }

    private bool HasUnsent(out OutboundConnection connection)
    {
        lock (_gate)
        {
            connection = _connection;
            return _state switch
            {
                State.Connecting => _pending.Count > 0 || _outbox.Count > 0,
                State.Connected => _outbox.Count > 0 || !connection.Sender.WhenIdle().IsCompleted,
                _ => false,
            };
        }
    }

    private bool TryEncode(object message, IActorRef sender, RemoteActorRef recipient, out MessageFrame frame)
    {
        frame = default;
        try
        {
            var (id, manifest, payload) = _remoting.Codec.Serialize(message);
            frame = new MessageFrame
            {
                Sequence = message is ISystemMessage ? 1 : 0,
                Recipient = recipient.PathBytes,
                Sender = _remoting.Codec.PathOf(sender),
                SerializerId = id,
                Manifest = manifest,
                Payload = payload,
            };
        }
        catch (Exception failure) // A serializer is anybody's code and may throw anything; to tell must not fail, so the message is lost with a word about it.
        {
            _remoting.Log.Error(failure, "Failed to serialize message [{0}] to [{1}]", message.GetType(), recipient);
            return false;
        }

        if (frame.Size <= _remoting.Tcp.MaximumFrameSize && Math.Max(Math.Max(frame.Recipient.Length, frame.Sender.Length), frame.Manifest.Length) <= ushort.MaxValue)
            return true;
        _remoting.Log.Error(
            "Discarding oversized payload sent to {0}: max allowed size {1} bytes, actual size of encoded {2} was {3} bytes.",
            recipient, _remoting.Tcp.MaximumFrameSize, message.GetType(), frame.Size);
        return false;
    }

    private Verdict SendUser(in MessageFrame frame, object message, IActorRef sender, RemoteActorRef recipient)
    {
        lock (_gate)
        {
            switch (_state)
            {
                case State.Connected:
                    return _connection.Sender.TryAppend(frame, IsUrgent(message)) ? Verdict.Sent : Verdict.Dropped;
                case State.Gated or State.Stopped:
                    return Verdict.Dead;
                case State.Retired:
                    return Verdict.Elsewhere;
                case State.Idle when _remoting.IsStopping:
                    return Verdict.Dead;
                default:
                    if (_pendingBytes + frame.Size > _remoting.Tcp.OutboundBound) return Verdict.Dropped;
                    var bytes = new byte[frame.Size];
                    frame.WriteTo(bytes);
                    _pending.Add(new PendingMessage(bytes, message, sender, recipient, IsSystem: false));
                    _pendingBytes += bytes.Length;
                    if (_state == State.Idle) Connect();
                    return Verdict.Sent;
            }
        }
    }

    private Verdict SendSystem(in MessageFrame frame, object message, RemoteActorRef recipient)
    {
        lock (_gate)
        {
            if (_state == State.Stopped) return Verdict.Dead;
            if (_state == State.Retired) return Verdict.Elsewhere;
            var bytes = new byte[frame.Size];
            frame.WriteTo(bytes);
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(MessageFrame.SequenceOffset), _outbox.Next);
            _outbox.Add(bytes, (ISystemMessage)message, sent: _state == State.Connected);
            if (_outbox.Count > _remoting.Settings.SysMsgBufferSize) return Verdict.TooManySystemMessages;
            switch (_state)
            {
                case State.Connected:
                    _connection.Sender.TryAppend(bytes, evenIfFull: true);
                    break;
                case State.Idle or State.Connecting:
                    _pending.Add(new PendingMessage(bytes, message, null, recipient, IsSystem: true));
                    _pendingSystem++;
                    _pendingBytes += bytes.Length;
                    if (_state == State.Idle) Connect();
                    break;
            }

            return Verdict.Sent;
        }
    }

    private static bool IsUrgent(object message) => message is IPriorityMessage or ActorSelectionMessage { Message: IPriorityMessage };

    // Under the lock.
    private void Connect()
    {
        _state = State.Connecting;
        _connection = new OutboundConnection(_remoting, this);
        _remoting.Track(Task.Run(_connection.Run));
    }

    // Under the lock.
    private List<PendingMessage> TakePending()
    {
        var taken = _pending;
        _pending = [];
        _pendingBytes = 0;
        _pendingSystem = 0;
        return taken;
    }

    private void DeadLetters(List<PendingMessage> messages, ISystemMessage[] unsaid)
    {
        foreach (var message in unsaid) _remoting.System.DeadLetters.Tell(message, ActorRefs.NoSender);
        foreach (var message in messages)
            if (!message.IsSystem) DeadLetter(message.Message, message.Sender, message.Recipient);
    }

    private void DeadLetter(object message, IActorRef sender, RemoteActorRef recipient)
    {
        var deadLetters = _remoting.System.DeadLetters;
        deadLetters.Tell(new DeadLetter(message, sender ?? deadLetters, recipient), sender);
    }
}
