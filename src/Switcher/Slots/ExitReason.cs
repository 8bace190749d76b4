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

    /// <summary>NOTIFY with a non-zero address, or (generation 3) the address of a device that the Launcher has to see to. The
    /// Guest goes on after the hypercall, or with the store to the device.</summary>
    public sealed record Notify(GuestPhysical Address) : ExitReason;

    /// <summary>BIND_DMA (generation 1). The Guest waits for <see cref="GuestSlot.FinishDma"/>.</summary>
    /// <param name="Key">What senders will name; inside memory, a multiple of 4.</param>
    /// <param name="Buffers">Physical address of the array of DMA descriptors.</param>
    /// <param name="Count">Descriptors in it.</param>
    /// <param name="Irq">1-31: raised when one was filled; 0 takes the binding back.</param>
    public sealed record BindDma(GuestPhysical Key, GuestPhysical Buffers, int Count, int Irq) : ExitReason;

    /// <summary>SEND_DMA (generation 1). The Guest waits for <see cref="GuestSlot.FinishDma"/>.</summary>
    /// <param name="Key">Whose buffers are meant; inside memory, a multiple of 4.</param>
    /// <param name="Descriptor">Physical address of the descriptor of what is sent.</param>
    public sealed record SendDma(GuestPhysical Key, GuestPhysical Descriptor) : ExitReason;

    /// <summary>It asked to end: power-off, restart, crash.</summary>
    public sealed record Shutdown(GuestEnd End) : ExitReason;

    /// <summary>It was killed.</summary>
    public sealed record Died(GuestEnd.Killed End) : ExitReason;
}
