// The other half of the Lan actor: the parts of the same lan on other nodes, what goes there, by which way, and what comes from there.
//
//J:Net:160 From remoting to a trunk and back
// A lan does not wait for a trunk: its first frames go by remoting. When there is one, the stream changes over as soon as the other node
// has acknowledged what is under way, so that nothing is overtaken; when it breaks, remoting takes over at once. What was in the broken
// connection may be lost, and may also come late: every frame has a number, and the receiver drops what is older than what it has heard,
// and counts what it has missed. No frame comes twice, and none out of order.

using Akka.Actor;
using Akka.Event;
using Lguest.Machine;
using Lguest.Net.Frames;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Lans.Actors;

/// <content>Other nodes.</content>
public sealed partial class LanActor
{
    /// <summary>What a message has beside its frames: version, two numbers, the lan's name.</summary>
    private const int MostHeader = 512;

    private void SetPeers(IReadOnlyList<IActorRef> lans)
    {
        var there = lans.Where(lan => !lan.Equals(Self)).ToLookup(lan => lan.Path);

        // One that is there again under its old name is another, and knows nothing of what was said to its predecessor.
        foreach (var (path, peer) in _peers.Where(peer => !there[peer.Key].Contains(peer.Value.Lan)).ToList())
        {
            _log.Debug("{0}: {1} is gone", _lan.Name, path);
            _peers.Remove(path);
            _peerOf.Remove(peer.Station);
            _switch.Remove(peer.Station);
            while (peer.Held.TryDequeue(out var frames))
                frames.Release();
        }

        foreach (var lan in there)
        {
            if (_peers.ContainsKey(lan.Key))
                continue;
            _log.Debug("{0}: {1} has joined", _lan.Name, lan.Key);
            long patience = Nanoseconds.Of(_settings.PeerPatience);
            var window = new PeerWindow(_settings.PeerWindow, patience);
            var peer = new LanPlugs.Peer(lan.First(), ++_plugs.Streams, window, new PeerWay(patience));
            _peers.Add(lan.Key, peer);
            Install(peer);
        }
    }

    private void Install(LanPlugs.Peer peer)
    {
        peer.Station = _switch.AddPeer(peer.Lan.Path.ToString());
        _peerOf.Add(peer.Station, peer);
    }

    /// <summary>Null for a node that has heard of this one before this one has heard of it, which will ask again, or somebody who has no
    /// business here.</summary>
    private LanPlugs.Peer? PeerOf(IActorRef sender, string lan) =>
        lan == _lan.Name && _peers.TryGetValue(sender.Path, out var peer) && peer.Lan.Path.Uid == sender.Path.Uid ? peer : null;

    private void FromPeer(LanProtocol.PeerFrames message)
    {
        var frames = message.Frames;
        if (PeerOf(Sender, message.Lan) is { } peer && peer.From.TryAccept(message.Stream, message.Sequence, frames.Count, out long lost))
        {
            if (lost > 0)
                peer.Station.CountDrop(DropReason.PeerLoss, lost);
            _now = _clock.Monotonic;
            _switch.Receive(peer.Station, frames, _now, _now);
            Flush();
            if (message.Asks)
            {
                peer.ToAcknowledge = message.Sequence;
                FlushLater();
            }
        }

        frames.Release();
    }

    private void PeerReceived(LanProtocol.PeerReceived message)
    {
        if (PeerOf(Sender, message.Lan) is not { } peer || message.Stream != peer.Stream)
            return;
        _now = _clock.Monotonic;
        peer.Window.Received(message.Sequence, _now);
        if (peer.Held.Count > 0)
            SendHeld(peer);
    }

    private void FlushAll()
    {
        _isFlushSent = false;
        _now = _clock.Monotonic;
        _switch.Flush(peers: true);
        foreach (var peer in _peers.Values)
        {
            if (peer.ToAcknowledge == 0)
                continue;
            _trunks.Tell(peer.Lan, new LanProtocol.PeerReceived(_lan.Name, peer.ToAcknowledge) { Stream = peer.From.Number }, Self);
            peer.ToAcknowledge = 0;
        }
    }

    private void SendToPeer(LanPlugs.Peer peer, FrameBatch frames)
    {
        if (!peer.Window.HasRoom(frames.RecordBytes + peer.HeldBytes, _now))
        {
            Drop(peer, frames, DropReason.PeerOverload);
            return;
        }

        var line = _trunks.LineTo(peer.Lan);
        if (peer.Held.Count == 0 && !MustHold(peer, line))
        {
            Send(peer, frames, line);
            return;
        }

        if (peer.Held.Count == 0)
            WatchHeld();
        peer.Held.Enqueue(frames);
        peer.HeldBytes += frames.RecordBytes;
        SendHeld(peer);
    }

    private void WatchHeld() => Timers.StartSingleTimer(HeldLongEnough.Instance, HeldLongEnough.Instance, _settings.PeerPatience);

    private void SendHeld()
    {
        _now = _clock.Monotonic;
        foreach (var peer in _peers.Values)
            SendHeld(peer);
    }

    private void SendHeld(LanPlugs.Peer peer)
    {
        while (peer.Held.Count > 0)
        {
            var line = _trunks.LineTo(peer.Lan);
            if (MustHold(peer, line))
                return;

            // Out of the queue first: frames that cannot be sent must not be tried for ever.
            var frames = peer.Held.Dequeue();
            peer.HeldBytes -= frames.RecordBytes;
            Send(peer, frames, line);
        }
    }

    private bool MustHold(LanPlugs.Peer peer, TrunkLine? line) =>
        peer.Way.Choose(line is not null, peer.Window.Acknowledged, _now) == PeerWay.Choice.Hold;

    /// <summary>They are on their way then, or are dropped and counted.</summary>
    private void Send(LanPlugs.Peer peer, FrameBatch frames, TrunkLine? line)
    {
        switch (line?.TrySend(peer.Lan, Self, Message(peer, frames, peer.Window.Asks(frames.RecordBytes))))
        {
            case TrunkResult.Sent:
                Sent(peer, frames);
                frames.Release();
                break;
            case TrunkResult.NoRoom:
                Drop(peer, frames, DropReason.PeerOverload);
                break;
            default:
                SendByRemoting(peer, frames);
                break;
        }
    }

    private void SendByRemoting(LanPlugs.Peer peer, FrameBatch frames)
    {
        int most = _trunks.RemotingBytes - MostHeader;
        var batches = FrameSplit.Into(frames, most, out int tooLong);
        frames.Release();
        if (tooLong > 0)
            peer.Station.CountDrop(DropReason.TooLong, tooLong);

        // These holds are never released: nobody here knows when the frames have become bytes on a connection.
        foreach (var batch in batches)
        {
            peer.Lan.Tell(Message(peer, batch, asks: true));
            Sent(peer, batch);
        }

        peer.Way.SentByRemoting(peer.Window.Sequence, _now);
    }

    private LanProtocol.PeerFrames Message(LanPlugs.Peer peer, FrameBatch frames, bool asks) =>
        new(_lan.Name, peer.Window.Sequence + frames.Count, frames) { Stream = peer.Stream, Asks = asks };

    private static void Sent(LanPlugs.Peer peer, FrameBatch frames)
    {
        peer.Window.Take(frames.RecordBytes, frames.Count);
        peer.Station.CountOut(frames);
    }

    private static void Drop(LanPlugs.Peer peer, FrameBatch frames, DropReason reason)
    {
        peer.Station.CountDrop(reason, frames.Count);
        frames.Release();
    }
}
