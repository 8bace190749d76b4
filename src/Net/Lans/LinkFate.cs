// A link's decision about a frame; the switch carries it out.

namespace Lguest.Net.Lans;

/// <summary>What becomes of a frame on a link.</summary>
/// <param name="Drop">Why it does not arrive; null if it does.</param>
/// <param name="Due">When it arrives, in the nanoseconds of the question.</param>
/// <param name="Copies">How often it arrives: 1 or 2.</param>
/// <param name="CorruptBit">The bit that is turned over on the way, counted from bit 0 of the first byte; null for none.</param>
internal readonly record struct LinkFate(DropReason? Drop, long Due, int Copies, int? CorruptBit)
{
    public static LinkFate Dropped(DropReason reason) => new(reason, 0, 0, null);
}
