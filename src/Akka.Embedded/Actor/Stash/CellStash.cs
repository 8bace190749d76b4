// The stash of one cell: a queue of envelopes that goes back into the mailbox ahead of everything else.

namespace Akka.Actor;

internal sealed class CellStash : IStash
{
    private readonly ActorCell _cell;
    private readonly LinkedList<Envelope> _stashed = new();
    private long _lastStashed = -1;

    internal CellStash(ActorCell cell)
    {
        _cell = cell;
        Capacity = cell.Props.Deploy.StashCapacity;
    }

    public int Count => _stashed.Count;
    public bool IsEmpty => _stashed.Count == 0;
    public bool NonEmpty => _stashed.Count != 0;
    public bool IsFull => Capacity >= 0 && _stashed.Count >= Capacity;
    public int Capacity { get; }

    public void Stash()
    {
        var envelope = new Envelope(_cell.CurrentMessage, _cell.Sender);
        if (_cell.CurrentDelivery == _lastStashed)
            throw new IllegalActorStateException($"Can't stash the same message {envelope.Message} more than once");
        if (Capacity > 0 && _stashed.Count >= Capacity)
            throw new StashOverflowException($"Couldn't enqueue message {envelope.Message} from {envelope.Sender} to stash of {_cell.Self}");
        _lastStashed = _cell.CurrentDelivery;
        _stashed.AddLast(envelope);
    }

    public void Unstash()
    {
        if (_stashed.First is not { } oldest) return;
        _stashed.RemoveFirst();
        _cell.Mailbox.PostFirst(oldest.Value);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        for (var node = _stashed.Last; node is not null; node = node.Previous)
            if (predicate(node.Value)) _cell.Mailbox.PostFirst(node.Value);
        _stashed.Clear();
    }

    public IEnumerable<Envelope> ClearStash()
    {
        var all = _stashed.ToArray();
        _stashed.Clear();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse()) _stashed.AddFirst(envelope);
    }
}
