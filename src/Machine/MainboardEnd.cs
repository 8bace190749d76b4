// A board ends in one of two ways, and both are what its Guest asked for.

namespace Lguest.Machine;

/// <summary>What a Guest asked of its board.</summary>
public enum MainboardEnd
{
    /// <summary>Nothing; it runs.</summary>
    None,

    /// <summary>The power was switched off.</summary>
    PowerOff,

    /// <summary>The reset line was pulled.</summary>
    Reset,
}
