// What has something to do at a time to come. Devices own no timer: the machine asks when the next edge is, runs or sleeps until then, and
// tells the device what time it is.

namespace Lguest.Machine;

/// <summary>A device with edges in time.</summary>
public interface ITimedDevice
{
    /// <summary>Guest time in nanoseconds of the next edge, later than <paramref name="now"/> once <see cref="Advance"/> was called
    /// with it; <see cref="long.MaxValue"/> for never.</summary>
    long NextEvent(long now);

    /// <summary>Does what was due up to and including <paramref name="now"/>: bounded work, however many edges that were.</summary>
    void Advance(long now);
}
