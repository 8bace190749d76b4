// What the leader knows about a Guest: one entry of the ledger, which every node has a copy of, so that the next leader can go on with it.

namespace Lguest.Topology.Leading;

/// <summary>How far a Guest is.</summary>
internal enum GuestStage
{
    /// <summary>To be placed.</summary>
    Waiting,

    /// <summary>A node has been told to run it.</summary>
    Placed,

    /// <summary>Off for good, in order.</summary>
    Off,

    /// <summary>Down for good, not in order.</summary>
    Down,
}

/// <summary>One Guest in the leader's ledger.</summary>
/// <param name="Guest">Its name.</param>
/// <param name="Incarnation">Counts its starts, from 1; 0 before the first. What belongs to an older one is out of date.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Node">Where it is or was last; "" before the first start.</param>
/// <param name="Restarts">How often it was restarted.</param>
/// <param name="Text">Why it is off or down.</param>
/// <param name="Figures">What its lives did so far.</param>
internal sealed record GuestEntry(string Guest, int Incarnation, GuestStage Stage, string Node, int Restarts, string Text,
    GuestFigures Figures)
{
    public static GuestEntry New(string guest) => new(guest, 0, GuestStage.Waiting, "", 0, "", GuestFigures.None);
}

/// <summary>What a Guest did, for the table at the end.</summary>
/// <param name="Instructions">Retired.</param>
/// <param name="Hypercalls">Direct and queued.</param>
/// <param name="Faults">Page faults and other traps.</param>
/// <param name="Interrupts">Delivered.</param>
/// <param name="Frames">Through its network cards, both ways.</param>
/// <param name="Bytes">In them.</param>
/// <param name="Dropped">Frames that did not get through its cards or their ports.</param>
/// <param name="Ran">From start to end.</param>
internal sealed record GuestFigures(
    long Instructions, long Hypercalls, long Faults, long Interrupts, long Frames, long Bytes, long Dropped, TimeSpan Ran)
{
    public static readonly GuestFigures None = new(0, 0, 0, 0, 0, 0, 0, TimeSpan.Zero);

    public static GuestFigures operator +(GuestFigures a, GuestFigures b) => new(
        a.Instructions + b.Instructions,
        a.Hypercalls + b.Hypercalls,
        a.Faults + b.Faults,
        a.Interrupts + b.Interrupts,
        a.Frames + b.Frames,
        a.Bytes + b.Bytes,
        a.Dropped + b.Dropped,
        a.Ran + b.Ran);
}
