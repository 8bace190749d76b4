// The four steps of a frame's way through a lan. A frame that waits must know the next one.

namespace Lguest.Net.Lans;

/// <summary>The steps of a frame's way, in order.</summary>
internal enum Stage
{
    /// <summary>The cable of the port where it came in.</summary>
    PortIn,

    /// <summary>The lan's own cable.</summary>
    Lan,

    /// <summary>The switch, which finds out where it goes.</summary>
    Switch,

    /// <summary>Out to the station, its cable passed.</summary>
    Out,
}
