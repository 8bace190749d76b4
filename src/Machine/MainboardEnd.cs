// A board ends in one of a few ways, and all are what its Guest asked for.

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

    /// <summary>A bare program is done, and has said with which code.</summary>
    Exit,
}
