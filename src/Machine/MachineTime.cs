// What time it is, in the three ways in which a paravirtual clock tells it.

namespace Lguest.Machine;

/// <summary>One moment.</summary>
/// <param name="Now">Guest time, in nanoseconds since the Guest was started.</param>
/// <param name="TimeStamp">The time-stamp counter.</param>
/// <param name="WallSeconds">UTC, seconds since 1970.</param>
/// <param name="WallNanoseconds">Its fraction.</param>
public readonly record struct MachineTime(long Now, ulong TimeStamp, uint WallSeconds, uint WallNanoseconds);
