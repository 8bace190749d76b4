// Why a Guest came out of its world: the whole list of what the Switcher must handle after a slice. Everything else was settled on the way.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Slots;

/// <summary>The reasons of a world switch out: a closed set.</summary>
public abstract record ExitReason
{
    private ExitReason()
    {
    }

    /// <summary>Its slice is over; it could go on at once.</summary>
    public static ExitReason BudgetSpent { get; } = new Budget();

    /// <summary>It sleeps until an interrupt is raised.</summary>
    public static ExitReason Halted { get; } = new Halt();

    /// <summary>It sleeps until its alarm or an interrupt.</summary>
    public static ExitReason Sleeping { get; } = new Timer();

    public sealed record Budget : ExitReason;

    public sealed record Halt : ExitReason;

    public sealed record Timer : ExitReason;

    /// <summary>NOTIFY with a non-zero address. The Guest goes on behind the hypercall.</summary>
    public sealed record Notify(GuestPhysical Address) : ExitReason;

    /// <summary>It asked to end: power-off, restart, crash.</summary>
    public sealed record Shutdown(GuestEnd End) : ExitReason;

    /// <summary>It was killed.</summary>
    public sealed record Died(GuestEnd.Killed End) : ExitReason;
}
