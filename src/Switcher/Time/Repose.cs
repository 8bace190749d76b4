// A rack is full of Guests that wait for somebody. What they have needed to start, and to do the last thing that they did, is no use to
// them, and could be to others. So each is watched for seconds in which it hardly runs.

using Lguest.Machine;

namespace Lguest.Switcher.Time;

/// <summary>Finds out when a Guest rests. For the owner of the slot.</summary>
/// <param name="start">When it begins, in nanoseconds.</param>
internal sealed class Repose(long start)
{
    /// <summary>Nanoseconds in which a Guest must hardly have run.</summary>
    public const long Watched = Nanoseconds.PerSecond;

    /// <summary>It has if it did for more than one part in so many.</summary>
    public const long Parts = 20;

    private long _since = start;
    private long _from;

    /// <summary>A slice is over. True if the Guest has rested since this was last true, or since it was last found busy.</summary>
    /// <param name="now">Time in nanoseconds.</param>
    /// <param name="ran">For how many nanoseconds it has run since its start.</param>
    public bool IsOneAt(long now, long ran)
    {
        long passed = now - _since;
        if (passed < Watched)
            return false;
        bool rests = ran - _from <= passed / Parts;
        (_since, _from) = (now, ran);
        return rests;
    }
}
