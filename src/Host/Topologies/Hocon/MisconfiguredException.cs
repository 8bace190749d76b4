// A configuration that cannot be used is told once, on one line: where, what is wrong, what would be right.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>The first thing that is wrong with a configuration.</summary>
/// <param name="place">Where.</param>
/// <param name="what">What is wrong, and what would be right.</param>
internal sealed class MisconfiguredException(Place place, string what) : Exception($"{place}: {what}")
{
    public Place Place => place;
}
