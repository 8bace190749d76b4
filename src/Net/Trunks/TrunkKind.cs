// What can be said on a trunk. The two greetings come once, at the beginning; all that follows is a message for some actor, or a sign of
// life.

namespace Lguest.Net.Trunks;

/// <summary>The kind of a message on a trunk, as it stands on the wire.</summary>
internal enum TrunkKind : byte
{
    /// <summary>The first message from the node that called: its address (as the route) and the token that the called node gave it (as the
    /// body).</summary>
    Hello = 1,

    /// <summary>The first message from the node that was called: the other token, which only that node can know.</summary>
    Welcome = 2,

    /// <summary>A message from an actor of one node to an actor of the other.</summary>
    Message = 3,

    /// <summary>Nothing but a sign of life.</summary>
    Pulse = 4,
}
