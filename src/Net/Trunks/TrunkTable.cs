// With whom a node has a trunk, wants one, or is about to try again. Of two nodes the one whose address comes first calls the other, so
// that there is one connection and never two: it asks the other by remoting where to call, is offered a place and a token, calls, and
// after a failure waits a while before it asks again.
//
//J:Net:150 Trunks
// Remoting carries what is said between nodes; frames and copies of memory are too many for it. Each pair of nodes has one TCP connection
// for them, a trunk. It may come later than the first frames and may break while they flow: as long as there is none, remoting carries
// them, and nobody but the Lan actors' counters can tell.

namespace Lguest.Net.Trunks;

/// <summary>The trunks of one node as a state: what happens goes in, what is to be done comes out. Times are of any clock that does not go
/// back.</summary>
/// <param name="self">This node's address.</param>
/// <param name="pace">Pauses and patience.</param>
internal sealed class TrunkTable(string self, TrunkPace pace)
{
    private readonly Dictionary<string, Peer> _peers = new(StringComparer.Ordinal);

    private enum Phase
    {
        Waiting,
        Asking,
        Calling,
        Open,
    }

    /// <summary>When <see cref="Advance"/> has something to do; null for never.</summary>
    public TimeSpan? NextDue =>
        _peers.Values.Where(peer => peer.Calls && peer.Phase != Phase.Open).Select(peer => (TimeSpan?)peer.Due).Min();

    /// <summary>The other nodes are these.</summary>
    /// <returns>Those that are gone.</returns>
    public IReadOnlyList<string> SetPeers(IEnumerable<string> nodes, TimeSpan now)
    {
        var there = nodes.Where(node => node != self).ToHashSet(StringComparer.Ordinal);
        var gone = _peers.Keys.Where(node => !there.Contains(node)).ToList();
        foreach (string node in gone)
            _peers.Remove(node);
        foreach (string node in there)
        {
            _peers.TryAdd(node, new Peer
            {
                Calls = string.CompareOrdinal(self, node) < 0,
                Due = now,
                Backoff = new TrunkBackoff(pace.RetryFirst, pace.RetryLongest),
            });
        }

        return gone;
    }

    /// <summary>Whether a node may ask where to call: it is one of the others, and it is the one of the two that calls.</summary>
    public bool MayAsk(string node) => _peers.TryGetValue(node, out var peer) && !peer.Calls;

    /// <summary>Time has passed.</summary>
    /// <returns>Nodes that are to be asked where to call, and the number of each question.</returns>
    public IReadOnlyList<(string Node, long Attempt)> Advance(TimeSpan now)
    {
        var ask = new List<(string, long)>();
        foreach (var (node, peer) in _peers)
        {
            if (!peer.Calls || peer.Phase == Phase.Open || peer.Due > now)
                continue;
            if (peer.Phase == Phase.Calling)
            {
                Retry(peer, TimeSpan.Zero, now);
                continue;
            }

            // It may not have heard of this node yet, and then says nothing; so it is asked again soon, and less and less often.
            peer.Phase = Phase.Asking;
            peer.Due = now + (peer.Questions ??= new TrunkBackoff(pace.RetryFirst, pace.RetryLongest)).Failed(TimeSpan.Zero);
            ask.Add((node, ++peer.Attempt));
        }

        return ask;
    }

    /// <summary>A node says where to call.</summary>
    /// <returns>True if it is to be called: it was asked, and just now.</returns>
    public bool Offered(string node, long attempt, TimeSpan now)
    {
        if (!_peers.TryGetValue(node, out var peer) || peer.Phase != Phase.Asking || peer.Attempt != attempt)
            return false;
        peer.Phase = Phase.Calling;
        peer.Questions = null;
        peer.Due = now + pace.Handshake;
        return true;
    }

    /// <summary>The call was answered.</summary>
    /// <returns>False if it has been given up meanwhile.</returns>
    public bool Answered(string node, long attempt, TimeSpan now)
    {
        if (!_peers.TryGetValue(node, out var peer) || peer.Phase != Phase.Calling || peer.Attempt != attempt)
            return false;
        peer.Phase = Phase.Open;
        peer.Since = now;
        return true;
    }

    /// <summary>The call has failed.</summary>
    public void Failed(string node, long attempt, TimeSpan now)
    {
        if (_peers.TryGetValue(node, out var peer) && peer.Phase == Phase.Calling && peer.Attempt == attempt)
            Retry(peer, TimeSpan.Zero, now);
    }

    /// <summary>The trunk that stood is no more.</summary>
    public void Lost(string node, TimeSpan now)
    {
        if (_peers.TryGetValue(node, out var peer) && peer.Phase == Phase.Open)
            Retry(peer, now - peer.Since, now);
    }

    private static void Retry(Peer peer, TimeSpan lived, TimeSpan now)
    {
        peer.Phase = Phase.Waiting;
        peer.Due = now + peer.Backoff.Failed(lived);
    }

    private sealed class Peer
    {
        public required bool Calls { get; init; }

        public required TrunkBackoff Backoff { get; init; }

        /// <summary>Pauses between questions that nobody answers.</summary>
        public TrunkBackoff? Questions { get; set; }

        public Phase Phase { get; set; }

        public TimeSpan Due { get; set; }

        public TimeSpan Since { get; set; }

        public long Attempt { get; set; }
    }
}
