// What a Guest can ask of its machine as a whole.

namespace Lguest.Pc.Chips;

/// <summary>How a Guest ends its run by a port.</summary>
public enum PowerAction
{
    /// <summary>Start again from the beginning.</summary>
    Reset,

    /// <summary>Switch off.</summary>
    PowerOff,
}
