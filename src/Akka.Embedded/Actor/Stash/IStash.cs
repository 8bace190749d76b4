// Messages put aside until the actor is ready for them.

namespace Akka.Actor;

public interface IStash
{
    int Count { get; }
    bool IsEmpty { get; }
    bool NonEmpty { get; }
    bool IsFull { get; }

    /// <summary>How many messages fit; -1 for no limit.</summary>
    int Capacity { get; }

    /// <summary>Puts the current message aside; the same delivery cannot be stashed twice.</summary>
    void Stash();

    /// <summary>Brings the oldest stashed message back to the front of the mailbox.</summary>
    void Unstash();

    /// <summary>Brings all back to the front of the mailbox, in their order.</summary>
    void UnstashAll();

    void UnstashAll(Func<Envelope, bool> predicate);
    IEnumerable<Envelope> ClearStash();
    void Prepend(IEnumerable<Envelope> envelopes);
}

/// <summary>Asks the runtime for a stash.</summary>
public interface IActorStash
{
    IStash Stash { get; set; }
}

public interface IWithUnrestrictedStash : IActorStash
{
}

public interface IWithStash : IWithUnrestrictedStash
{
}

public interface IWithUnboundedStash : IWithUnrestrictedStash
{
}
