// The DMA of a node: it owns the bindings of all generation 1 Guests here, copies between their memories, and passes on to other nodes what
// is bound there. The file is long because a transfer is told in one place, from the call to the answer.
//
//J:Net:430 To a Guest on another node
// A key in a shared page means the same on every node that has the page, so each node tells the others which of its keys are bound. A send
// that finds nobody here, but somebody there, becomes a message with the bytes in it. The sender waits until the other node says how much
// has arrived, as it would have waited for the copy: so it can have one transfer under way and not more, and used_len is true. If the other
// node is lost meanwhile, or says nothing, nothing has arrived.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Machine.Actors;

namespace Lguest.Net.Dma.Actors;

/// <summary>One for each node. Protocol: <see cref="DmaProtocol"/>.</summary>
public sealed class DmaActor : UntypedActor
{
    /// <summary>Looks at a receiver's full buffers before the one further attempt: its CPU may have to wait for a thread.</summary>
    private const int MostLooks = 5;

    /// <summary>Nanoseconds after which peers are told again what they should know: a message may be lost with its connection.</summary>
    private const long RepeatAfter = 2 * Nanoseconds.PerSecond;

    private readonly DmaExchange _exchange = new();
    private readonly DmaSettings _settings;
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly Dictionary<string, DmaProtocol.Attach> _guests = [];
    private readonly Dictionary<string, SharedPage> _pages = [];
    private readonly Dictionary<IActorRef, DmaProtocol.State> _peers = [];
    private readonly Dictionary<long, DmaUnderWay> _underWay = [];
    private readonly Queue<DmaRetry> _retries = [];
    private readonly DmaRecordings _recordings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Trunks.Actors.Trunks _trunks = Trunks.Actors.Trunks.Of(Context.System);
    private readonly Timer _restock;
    private readonly Timer _look;
    private long _number;
    private long _told;

    public DmaActor(DmaSettings settings)
    {
        _settings = settings;
        _recordings = new DmaRecordings(_clock);
        var self = Self;
        _restock = new Timer(_ => self.Tell(Restock.Instance, ActorRefs.NoSender), null, Timeout.Infinite, Timeout.Infinite);
        _look = new Timer(_ => self.Tell(Look.Instance, ActorRefs.NoSender), null, Timeout.Infinite, Timeout.Infinite);
        _trunks.Admit(Self);
    }

    public static Props Props(DmaSettings settings) => Akka.Actor.Props.Create(() => new DmaActor(settings));

    protected override void PostStop()
    {
        _restock.Dispose();
        _look.Dispose();
        foreach (var guest in _guests.Values)
            Forget(guest);
        _trunks.Dismiss(Self);
        base.PostStop();
    }

    /// <summary>What came by trunk counts there until it is here.</summary>
    protected override bool AroundReceive(Receive receive, object message) =>
        base.AroundReceive(receive, Trunks.Actors.Arrived.Open(message));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DmaProtocol.Send send: Send(send); break;
            case DmaProtocol.Transfer transfer: Receive(transfer, Sender, first: true); break;
            case DmaProtocol.Transferred transferred: Transferred(transferred); break;
            case DmaProtocol.Deliver deliver: Deliver(deliver, Sender, first: true); break;
            case DmaProtocol.Find find: GuestOf(find.Guest)?.Found(_exchange.Take(find.Guest, find.Key)); break;
            case DmaProtocol.Bind bind: Bind(bind); break;
            case Restock: TryAgain(); break;
            case Look: LookAround(); break;
            case DmaProtocol.Attach attach: Attach(attach); break;
            case DmaProtocol.Detach detach: Detach(detach); break;
            case DmaProtocol.State state: Learn(state); break;
            case DmaProtocol.Peers peers: Peers(peers); break;
            default: Unhandled(message); break;
        }
    }

    private void Attach(DmaProtocol.Attach attach)
    {
        if (_guests.ContainsKey(attach.Guest) || !_exchange.Attach(attach.Guest, attach.Memory, attach.Windows))
            return;
        _guests.Add(attach.Guest, attach);
        _recordings.Begin(Context, attach);
        foreach (var window in attach.Windows)
        {
            PageOf(window.Page).Join(attach.Guest, attach.Memory, window);
            foreach (var state in _peers.Values)
                Show(state.Pages.Where(page => page.Page == window.Page));
        }

        SetLook();
    }

    private void Detach(DmaProtocol.Detach detach)
    {
        var traffic = _exchange.TrafficOf(detach.Guest);
        if (_guests.Remove(detach.Guest, out var attached))
        {
            _recordings.End(attached);
            bool changed = Forget(attached);
            foreach (var (number, transfer) in _underWay.ToList())
                if (transfer.Guest == detach.Guest)
                    _underWay.Remove(number);
            SetLook();
            if (changed)
                TellPeers();
        }

        Sender.Tell(new DmaProtocol.Detached(detach.Guest) { Traffic = traffic });
    }

    /// <summary>Lets go of a Guest's memory; answers whether other nodes have to know.</summary>
    private bool Forget(DmaProtocol.Attach guest)
    {
        bool changed = _exchange.Detach(guest.Guest);
        foreach (var window in guest.Windows)
        {
            var page = PageOf(window.Page);
            changed |= page.Leave(guest.Guest);
            if (page.IsEmpty)
                _pages.Remove(window.Page);
        }

        return changed;
    }

    private void Bind(DmaProtocol.Bind bind)
    {
        if (!_guests.TryGetValue(bind.Guest, out var guest))
            return;
        bool done = _exchange.Bind(bind.Guest, bind.Key, bind.Buffers, bind.Count, bind.Irq);
        if (LookAt(guest.Windows) || (done && _exchange.KeyOf(bind.Guest, bind.Key).IsShared))
            TellPeers();
        guest.Host.Bound(done);
    }

    private void Send(DmaProtocol.Send send)
    {
        if (!_guests.TryGetValue(send.Guest, out var guest))
            return;
        if (LookAt(guest.Windows))
            TellPeers();
        Send(send, guest.Host, first: true);
    }

    private void Send(DmaProtocol.Send send, IDmaGuest sender, bool first)
    {
        var result = _exchange.Send(send.Guest, send.Key, send.Descriptor);
        var key = _exchange.KeyOf(send.Guest, send.Key);
        if (key.Page is { } page && _recordings.IsRecorded(page))
            Record(send, page, result, first);
        if (result.Outcome == DmaOutcome.NobodyBound && PeerFor(key) is { } peer)
        {
            SendTo(peer, send, sender);
            return;
        }

        Follow(result, sender);
        if (result.Outcome == DmaOutcome.NoBuffer && first)
            Later(new DmaRetry(send, null, null, null));
        else if (result.Outcome != DmaOutcome.SenderOffended)
            sender.Sent();
    }

    private void Record(DmaProtocol.Send send, string page, in DmaResult result, bool first)
    {
        _exchange.Gather(send.Guest, send.Descriptor, out byte[]? bytes);
        if (first)
            _recordings.Sent(send.Guest, page, bytes);
        if (result.Outcome == DmaOutcome.Delivered)
            _recordings.Received(result.Receiver!, page, bytes.AsSpan(0, Math.Min(result.Bytes, bytes?.Length ?? 0)));
    }

    private void SendTo(IActorRef peer, DmaProtocol.Send send, IDmaGuest sender)
    {
        var result = _exchange.Gather(send.Guest, send.Descriptor, out byte[]? bytes);
        if (bytes is null)
        {
            Follow(result, sender);
            return;
        }

        var key = _exchange.KeyOf(send.Guest, send.Key);
        _underWay.Add(++_number, new DmaUnderWay(send.Guest, send.Descriptor, peer, _clock.Monotonic));
        if (!_trunks.Tell(peer, new DmaProtocol.Transfer(_number, key.Page!, key.Offset, bytes), Self))
            Arrived(_number, _underWay[_number], 0);
    }

    private void Receive(DmaProtocol.Transfer transfer, IActorRef from, bool first)
    {
        var result = _exchange.Receive(new DmaKey(transfer.Page, null, transfer.Offset), transfer.Bytes.Span);
        Follow(result, null);
        if (first)
            _recordings.Entered(transfer.Page, transfer.Bytes.Span);
        if (result.Outcome == DmaOutcome.Delivered)
            _recordings.Received(result.Receiver!, transfer.Page, transfer.Bytes.Span[..result.Bytes]);
        if (result.Outcome == DmaOutcome.NoBuffer && first && _retries.Count < _settings.MostWaiting)
            Later(new DmaRetry(null, transfer, null, from));
        else
            Answer(from, new DmaProtocol.Transferred(transfer.Number, result.Bytes));
    }

    /// <summary>An answer is a few bytes and its Guest waits for it: where the trunk has no room, it goes by remoting.</summary>
    private void Answer(IActorRef to, DmaProtocol.Transferred answer)
    {
        if (!_trunks.Tell(to, answer, Self))
            to.Tell(answer, Self);
    }

    private void Transferred(DmaProtocol.Transferred answer)
    {
        if (_underWay.TryGetValue(answer.Number, out var transfer) && transfer.Peer.Equals(Sender))
            Arrived(answer.Number, transfer, answer.Bytes);
    }

    private void Arrived(long number, DmaUnderWay transfer, int bytes)
    {
        _underWay.Remove(number);
        _exchange.Report(transfer.Guest, transfer.Descriptor, bytes);
        GuestOf(transfer.Guest)?.Sent();
    }

    private void Deliver(DmaProtocol.Deliver deliver, IActorRef from, bool first)
    {
        var result = _exchange.Deliver(deliver.Guest, deliver.Key, deliver.Bytes.Span);
        Follow(result, null);
        if (result.Outcome == DmaOutcome.NoBuffer && first)
            Later(new DmaRetry(null, null, deliver, from));
        else
            from.Tell(new DmaProtocol.Delivered(deliver.Guest, deliver.Key, result.Outcome, result.Bytes));
    }

    /// <summary>Raises what is to be raised and kills who is to be killed.</summary>
    private void Follow(in DmaResult result, IDmaGuest? sender)
    {
        if (result.Outcome == DmaOutcome.SenderOffended)
            sender?.Kill(result.Offence, result.Detail);
        else if (result.Outcome == DmaOutcome.ReceiverOffended)
            GuestOf(result.Receiver!)?.Kill(result.Offence, result.Detail);
        else if (result.Raises)
            GuestOf(result.Receiver!)?.Raise(result.Irq);
    }

    private void Later(DmaRetry retry)
    {
        _retries.Enqueue(retry);
        if (_retries.Count == 1)
            _restock.Change(_settings.Restock, Timeout.InfiniteTimeSpan);
    }

    private void TryAgain()
    {
        for (int count = _retries.Count; count > 0; count--)
        {
            var retry = _retries.Dequeue();
            if (retry.Looks < MostLooks && _exchange.IsFull(KeyOf(retry), retry.Send?.Guest))
                _retries.Enqueue(retry with { Looks = retry.Looks + 1 });
            else if (retry.Transfer is { } transfer)
                Receive(transfer, retry.From!, first: false);
            else if (retry.Deliver is { } deliver)
                Deliver(deliver, retry.From!, first: false);
            else if (GuestOf(retry.Send!.Guest) is { } sender)
                Send(retry.Send, sender, first: false);
        }

        // What was put there now, by others or by us; nobody else has set the timer, since the queue was not empty.
        if (_retries.Count > 0)
            _restock.Change(_settings.Restock, Timeout.InfiniteTimeSpan);
    }

    private DmaKey KeyOf(DmaRetry retry) => retry switch
    {
        { Send: { } send } => _exchange.KeyOf(send.Guest, send.Key),
        { Transfer: { } transfer } => new DmaKey(transfer.Page, null, transfer.Offset),
        _ => _exchange.KeyOf(retry.Deliver!.Guest, retry.Deliver.Key),
    };

    private void LookAround()
    {
        bool changed = false;
        foreach (var page in _pages.Values)
            changed |= page.Look();
        if (changed || _clock.Monotonic - _told > RepeatAfter)
            TellPeers();
        foreach (var (number, transfer) in _underWay.ToList())
        {
            if (_clock.Monotonic - transfer.Since > Nanoseconds.Of(_settings.PeerPatience))
            {
                _log.Warning("{0} has not answered a transfer of {1} for {2}", transfer.Peer, transfer.Guest, _settings.PeerPatience);
                Arrived(number, transfer, 0);
            }
        }
    }

    private bool LookAt(ImmutableArray<SharedWindow> windows)
    {
        bool changed = false;
        foreach (var window in windows)
            changed |= PageOf(window.Page).Look();
        return changed;
    }

    private void Peers(DmaProtocol.Peers peers)
    {
        foreach (var gone in _peers.Keys.Except(peers.Nodes).ToList())
        {
            _peers.Remove(gone, out var state);
            Show(state!.Pages.Select(page => page with { Slots = [.. page.Slots.Select(slot => (slot.Slot, 0UL))] }));
            foreach (var (number, transfer) in _underWay.ToList())
                if (transfer.Peer.Equals(gone))
                    Arrived(number, transfer, 0);
        }

        var mine = MyState();
        foreach (var peer in peers.Nodes)
        {
            if (!peer.Equals(Self) && _peers.TryAdd(peer, new DmaProtocol.State([])))
                peer.Tell(mine);
        }
    }

    private void Learn(DmaProtocol.State state)
    {
        // A peer may know of us before our node knows of it. It is believed, and told as well, once.
        if (!_peers.TryGetValue(Sender, out var before))
        {
            before = new DmaProtocol.State([]);
            Sender.Tell(MyState());
        }

        _peers[Sender] = state;
        Show(before.Pages.Select(page => page with
        {
            Slots = [.. page.Slots.Where(slot => !state.Pages.Any(
                now => now.Page == page.Page && now.Slots.Any(used => used.Slot == slot.Slot))).Select(slot => (slot.Slot, 0UL))],
        }));
        Show(state.Pages);
    }

    /// <summary>Writes the slots of other nodes into the pages of the Guests here.</summary>
    private void Show(IEnumerable<DmaProtocol.PageState> states)
    {
        foreach (var state in states)
        {
            if (!_pages.TryGetValue(state.Page, out var page))
                continue;
            foreach (var (slot, address) in state.Slots)
                page.Apply(slot, address);
        }
    }

    private void TellPeers()
    {
        _told = _clock.Monotonic;
        if (_peers.Count == 0)
            return;
        var state = MyState();
        foreach (var peer in _peers.Keys)
            peer.Tell(state);
    }

    private DmaProtocol.State MyState() => new(
    [
        .. _pages.Select(page => new DmaProtocol.PageState(
            page.Key, [.. page.Value.Own], [.. _exchange.SharedKeys.Where(key => key.Page == page.Key).Select(key => key.Offset)])),
    ]);

    private IActorRef? PeerFor(DmaKey key)
    {
        if (!key.IsShared)
            return null;
        foreach (var (peer, state) in _peers)
            foreach (var page in state.Pages)
                if (page.Page == key.Page && page.Keys.Contains(key.Offset))
                    return peer;
        return null;
    }

    private IDmaGuest? GuestOf(string name) => _guests.TryGetValue(name, out var guest) ? guest.Host : null;

    private SharedPage PageOf(string name)
    {
        if (!_pages.TryGetValue(name, out var page))
            _pages.Add(name, page = new SharedPage());
        return page;
    }

    private void SetLook()
    {
        var period = _pages.Count > 0 ? _settings.Look : Timeout.InfiniteTimeSpan;
        _look.Change(period, period);
    }

    private sealed record Restock : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Restock Instance = new();
    }

    private sealed record Look : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }
}
