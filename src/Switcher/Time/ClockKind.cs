// A Guest lives either in our time or in its own.
namespace Lguest.Switcher.Time;

/// <summary>What a Guest's clock counts.</summary>
public enum ClockKind
{
    /// <summary>The Host's monotonic and wall clocks.</summary>
    Real,

    /// <summary>Instructions executed; halted time is skipped. The Guest is then a function of its inputs alone.</summary>
    Virtual,
}
