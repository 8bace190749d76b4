// How long to wait before a trunk is tried again: twice as long each time, up to a limit, and as short as at first once a trunk has lasted.

namespace Lguest.Net.Trunks;

/// <summary>The pauses between attempts to reach one node.</summary>
/// <param name="first">After the first failure.</param>
/// <param name="longest">No pause is longer; a trunk that has lived longer than this was a success.</param>
internal sealed class TrunkBackoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    /// <summary>An attempt has failed, or a trunk has broken after so long.</summary>
    /// <param name="lived">How long it stood; zero if it never did.</param>
    /// <returns>The pause.</returns>
    public TimeSpan Failed(TimeSpan lived)
    {
        if (lived > longest)
            _failures = 0;
        var pause = first * Math.Pow(2, _failures);
        if (pause >= longest)
            return longest;
        _failures++;
        return pause;
    }
}
