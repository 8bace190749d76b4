// Frames to another node go by trunk if there is one. Those already on the slower way would be overtaken then, and be lost for nothing: so
// a stream changes to the trunk when the other node has acknowledged what went by remoting, and holds what comes meanwhile. When a trunk
// breaks there is nothing to wait for.

namespace Lguest.Net.Lans;

/// <summary>By which way frames go to another node. Times are nanoseconds.</summary>
/// <param name="patience">How long to wait for an acknowledgement; then what was under way is taken for lost.</param>
internal sealed class PeerWay(long patience)
{
    private long _byRemoting;
    private long _since;

    internal enum Choice
    {
        /// <summary>As a message between actors.</summary>
        Remoting,

        /// <summary>By trunk.</summary>
        Trunk,

        /// <summary>Not yet.</summary>
        Hold,
    }

    /// <summary>Where the next frames go.</summary>
    /// <param name="hasTrunk">Whether there is a trunk.</param>
    /// <param name="received">The last frame that has been acknowledged.</param>
    /// <param name="now">The time.</param>
    public Choice Choose(bool hasTrunk, long received, long now) =>
        !hasTrunk ? Choice.Remoting
        : received < _byRemoting && now - _since <= patience ? Choice.Hold
        : Choice.Trunk;

    /// <summary>Frames have gone by remoting.</summary>
    /// <param name="last">The number of the last of them.</param>
    /// <param name="now">The time.</param>
    public void SentByRemoting(long last, long now) => (_byRemoting, _since) = (last, now);
}
