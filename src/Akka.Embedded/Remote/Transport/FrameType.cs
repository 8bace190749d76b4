// The kinds of frames on a connection. The numbers are the wire's.

namespace Akka.Remote.Transport;

internal enum FrameType : byte
{
    /// <summary>Client to server, first: who I am and whom I mean to reach.</summary>
    Hello = 1,

    /// <summary>Server to client: accepted, and who I am.</summary>
    Welcome = 2,

    /// <summary>Server to client, last: not accepted, and why.</summary>
    Refusal = 3,

    /// <summary>Client to server: a message for an actor.</summary>
    Message = 4,

    /// <summary>Client to server: a numbered message of the runtime, repeated until acknowledged.</summary>
    SystemMessage = 5,

    /// <summary>Server to client: every system message up to a number has arrived.</summary>
    Ack = 6,

    /// <summary>Client to server: are you there?</summary>
    Heartbeat = 7,

    /// <summary>Server to client: I am.</summary>
    HeartbeatReply = 8,

    /// <summary>Either way, last: I leave, and why.</summary>
    Disassociate = 9,
}

/// <summary>Why a connection is refused or ended.</summary>
internal enum Reason : byte
{
    Unknown = 0,
    Shutdown = 1,
    Quarantined = 2,
    Version = 3,
    NotThisSystem = 4,
    Busy = 5,
}
