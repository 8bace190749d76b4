// The stations of a member's life. It passes them in this order, may skip some, and never goes back: joining, (weakly up,) up, leaving, exiting,
// removed; or down from anywhere before, and then removed. The numbers are those of Akka's public enumeration.

namespace Akka.Cluster;

public enum MemberStatus
{
    Joining = 0,
    Up = 1,
    Leaving = 2,
    Exiting = 3,
    Down = 4,
    Removed = 5,
    WeaklyUp = 6,
}

internal static class MemberStatuses
{
    /// <summary>How far along a member is: a higher number is never followed by a lower one.</summary>
    internal static int Rank(this MemberStatus status) => status switch
    {
        MemberStatus.Joining => 0,
        MemberStatus.WeaklyUp => 1,
        MemberStatus.Up => 2,
        MemberStatus.Leaving => 3,
        MemberStatus.Exiting => 4,
        MemberStatus.Down => 5,
        _ => 6,
    };

    /// <summary>Whether a member may go from one status straight to the other.</summary>
    internal static bool MayBecome(this MemberStatus from, MemberStatus to) => to switch
    {
        MemberStatus.Removed => from != MemberStatus.Removed,
        MemberStatus.Down => from is not (MemberStatus.Down or MemberStatus.Removed),
        MemberStatus.Exiting => from == MemberStatus.Leaving,
        MemberStatus.Leaving => from is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up,
        MemberStatus.Up => from is MemberStatus.Joining or MemberStatus.WeaklyUp,
        MemberStatus.WeaklyUp => from == MemberStatus.Joining,
        _ => false,
    };

    /// <summary>Whether the member's signature is needed before the leader may act.</summary>
    internal static bool NeededForConvergence(this MemberStatus status) => status is MemberStatus.Up or MemberStatus.Leaving;

    /// <summary>Whether nobody waits for the member any more, so that it may be unreachable without hindering anything.</summary>
    internal static bool IsOnItsWayOut(this MemberStatus status) => status is MemberStatus.Down or MemberStatus.Exiting;
}
