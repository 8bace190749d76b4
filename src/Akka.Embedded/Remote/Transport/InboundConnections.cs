// All the connections that peers opened to us, and what must be remembered between two of the same peer. All of it is bounded: a crowd of
// strangers may fill the places there are, no more.

using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>Accepts, counts, replaces and ends. Thread-safe.</summary>
internal sealed class InboundConnections(Remoting remoting)
{
    private const int MostConnections = 4096;
    private const int MostStrangers = 256;
    private const int MostInboxes = 4096;
    private const int MostComplaints = 256;
    private static readonly TimeSpan _complaintInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<InboundConnection> _all = [];
    private readonly Dictionary<Address, InboundConnection> _byPeer = [];
    private readonly Dictionary<Address, (int Uid, SystemInbox Inbox)> _inboxes = [];
    private readonly Dictionary<string, long> _complaints = [];
    private readonly LinkedList<InboundConnection> _strangers = [];

    internal async Task Accept(Socket listener, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Take(await listener.AcceptAsync(stopping).ConfigureAwait(false));
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // Out of descriptors, perhaps. It may pass; asking again at once would only burn the processor.
                remoting.Log.Warning("Cannot accept a connection: {0}", failure.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The peer has said who it is: an older connection of it ends, and its numbers go on where they were.</summary>
    internal SystemInbox Greeted(InboundConnection connection, Greeting hello)
    {
        InboundConnection older;
        SystemInbox inbox;
        lock (_gate)
        {
            _strangers.Remove(connection);
            _byPeer.TryGetValue(hello.From, out older);
            _byPeer[hello.From] = connection;
            if (_inboxes.TryGetValue(hello.From, out var known) && known.Uid == hello.Uid)
            {
                inbox = known.Inbox;
            }
            else
            {
                if (_inboxes.Count >= MostInboxes) ForgetOneInbox();
                inbox = new SystemInbox();
                _inboxes[hello.From] = (hello.Uid, inbox);
            }
        }

        if (older is null) return inbox;
        older.Close(new RemoteTransportException("the peer connected again"));
        // Its last frame must be done before our first, or they would overtake each other. It has no more to wait for than its own mailboxes.
        older.Completion.Wait(TimeSpan.FromSeconds(5));
        return inbox;
    }

    internal void Ended(InboundConnection connection, Exception cause)
    {
        lock (_gate)
        {
            _all.Remove(connection);
            if (connection.Peer is null) _strangers.Remove(connection);
            else if (_byPeer.TryGetValue(connection.Peer.From, out var present) && present == connection) _byPeer.Remove(connection.Peer.From);
        }

        if (connection.Peer is { } peer) remoting.Publish(new DisassociatedEvent(remoting.DefaultAddress, peer.From, inbound: true));
        if (remoting.IsStopping) return;
        if (connection.Peer is null) Complain(connection.From, $"Connection from [{connection.From}] closed before it greeted us: {cause.Message}");
        else remoting.Log.Debug("Connection from [{0}] at [{1}] closed: {2}", connection.Peer.From, connection.From, cause.Message);
    }

    internal void Quarantine(Address address, int uid)
    {
        InboundConnection connection;
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(address, out connection) || connection.Peer.Uid != uid) return;
        }

        _ = connection.Part(Reason.Quarantined, new RemoteTransportException("the peer was quarantined"));
    }

    internal void Pulse(long silentSince)
    {
        foreach (var connection in Snapshot())
            if (connection.LastReceived < silentSince)
                connection.Close(new RemoteTransportException("No response from remote. Transport failure detector triggered."));
    }

    internal Task Shutdown() =>
        Task.WhenAll(Snapshot().Select(one => one.Part(Reason.Shutdown, new RemoteTransportException("remoting was shut down"))));

    private void Take(Socket socket)
    {
        InboundConnection connection = null;
        try
        {
            remoting.Configure(socket);
            connection = new InboundConnection(remoting, socket);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Gone again already.
            socket.Dispose();
            return;
        }

        // Who means well greets at once. Among those who have not, room is made by the one who has been silent longest.
        var silent = (InboundConnection)null;
        lock (_gate)
        {
            if (_all.Count < MostConnections)
            {
                if (_strangers.Count >= MostStrangers)
                {
                    silent = _strangers.First.Value;
                    _strangers.RemoveFirst();
                }

                _strangers.AddLast(connection);
                _all.Add(connection);
                connection.Completion = Task.Run(connection.Run);
            }
        }

        silent?.Close(new RemoteTransportException("it did not greet us, and others were waiting"));
        if (connection.Completion is null)
        {
            Complain("everybody:", $"Too many connections: [{connection.From}] is not let in");
            connection.Dispose();
            return;
        }

        remoting.Track(connection.Completion);
    }

    private InboundConnection[] Snapshot()
    {
        lock (_gate) return [.. _all];
    }

    // Under the lock.
    private void ForgetOneInbox()
    {
        foreach (var peer in _inboxes.Keys)
        {
            if (_byPeer.ContainsKey(peer)) continue;
            _inboxes.Remove(peer);
            return;
        }
    }

    // A peer that knocks a thousand times fills no log: one word a minute about each.
    private void Complain(string about, string text)
    {
        var who = about[..Math.Max(about.LastIndexOf(':'), 0)];
        var now = Environment.TickCount64;
        lock (_gate)
        {
            if (_complaints.TryGetValue(who, out var last) && now - last < _complaintInterval.TotalMilliseconds)
            {
                remoting.Log.Debug("{0}", text);
                return;
            }

            if (_complaints.Count >= MostComplaints) _complaints.Clear();
            _complaints[who] = now;
        }

        remoting.Log.Warning("{0}", text);
    }
}
