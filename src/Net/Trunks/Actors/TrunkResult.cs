// What became of a message that was to go by trunk. The sender drops and counts what found no room, and takes another way if there is no
// trunk.

namespace Lguest.Net.Trunks.Actors;

/// <summary>The outcome of an attempt to send.</summary>
internal enum TrunkResult
{
    /// <summary>It is on its way.</summary>
    Sent,

    /// <summary>The other node does not read fast enough.</summary>
    NoRoom,

    /// <summary>The trunk has broken.</summary>
    NoTrunk,
}
