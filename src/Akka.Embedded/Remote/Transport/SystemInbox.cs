// The receiving end of messages that must arrive: each number is let in once, in order.

namespace Akka.Remote.Transport;

/// <summary>One per life of a peer; it outlives connections. Used by one connection at a time.</summary>
internal sealed class SystemInbox
{
    private long _delivered;

    internal enum Verdict
    {
        Deliver,

        /// <summary>It was here before; its acknowledgement was lost.</summary>
        Repeated,

        /// <summary>One before it is missing, which no honest peer can bring about.</summary>
        Impossible,
    }

    internal long Delivered => Interlocked.Read(ref _delivered);

    internal Verdict Accept(long sequence)
    {
        if (sequence <= _delivered) return Verdict.Repeated;
        if (sequence != _delivered + 1) return Verdict.Impossible;
        Interlocked.Exchange(ref _delivered, sequence);
        return Verdict.Deliver;
    }
}
