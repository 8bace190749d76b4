// What the Switcher remembers of one open handle beside the slot itself: who may run it, who waits for what, and whether the slot is lent.
using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Actors;

/// <summary>One entry of the Switcher's table. Only the Switcher touches it.</summary>
internal sealed class GuestHandle(GuestId id)
{
    public GuestId Id => id;

    /// <summary>The privileged state; null while the handle is empty.</summary>
    public MachineSlot? Slot { get; set; }

    /// <summary>The CPU actor; null while the handle is empty, and after it has died.</summary>
    public IActorRef? Cpu { get; set; }

    /// <summary>The world switch in, made once: it is sent hundreds of times a second.</summary>
    public GuestCpuProtocol.Enter? Enter { get; set; }

    /// <summary>Who initialised it; nobody if that was a one-time reference of an Ask.</summary>
    public IActorRef Owner { get; set; } = ActorRefs.Nobody;

    /// <summary>Whose Run is under way; null when the Guest may not run.</summary>
    public IActorRef? Runner { get; set; }

    /// <summary>Whether the CPU actor has the slot.</summary>
    public bool IsLent { get; set; }

    public bool IsBroken { get; set; }

    /// <summary>Whether a Run has been answered with the Guest's end.</summary>
    public bool EndTold { get; set; }

    /// <summary>Who waits for the slot to come back for good.</summary>
    public List<IActorRef> Closers { get; } = [];

    /// <summary>Who waits for a break to be over.</summary>
    public List<IActorRef> Breakers { get; } = [];

    public List<IActorRef> Askers { get; } = [];

    public Dictionary<GuestPhysical, IActorRef> Events { get; } = [];

    /// <summary>Number of a generation 1 Guest.</summary>
    public ushort Number { get; set; }

    /// <summary>Who answers its DMA calls; null for nobody.</summary>
    public IDmaPort? Dma { get; set; }

    /// <summary>Whether the Guest waits for the outcome of a DMA call.</summary>
    public bool AwaitsDma { get; set; }

    /// <summary>Whether that outcome is the runner's business: its next Run ends the waiting.</summary>
    public bool WithLauncher { get; set; }

    /// <summary>A rule that its DMA descriptors were found to break, to die of when the slot is at rest.</summary>
    public (KillReason Reason, string Detail)? Offence { get; set; }

    /// <summary>Who serves what it sends to a key of its own.</summary>
    public Dictionary<GuestPhysical, IActorRef> DmaTargets { get; } = [];

    /// <summary>Who waits for a buffer, and for which key, in order.</summary>
    public Queue<(IActorRef Asker, GuestPhysical Key)> DmaAskers { get; } = [];

    /// <summary>Its share of the processor; null for no limit.</summary>
    public CpuBudget? Budget { get; set; }

    /// <summary>What of the slot's processor time the budget has paid for.</summary>
    public long Paid { get; set; }

    /// <summary>Whether the Guest could do something if it were entered now.</summary>
    public bool IsRunnable(long now) =>
        !AwaitsDma && Slot is { } slot && Budget?.MayRun(now) != false
            && (!slot.IsHalted || slot.WouldWake || slot.HostAlarm <= now || (slot.HasVirtualTime && slot.HasAlarm));

    /// <summary>When a sleeping Guest, or one that rests because it has used up its share, has to be looked at.</summary>
    public long Due
    {
        get
        {
            if (Runner is null || IsLent || AwaitsDma || Slot is not { End: null } slot)
                return long.MaxValue;
            long wakes = !slot.IsHalted || slot.WouldWake ? (Budget is null ? long.MaxValue : 0) : slot.HostWake ?? long.MaxValue;
            return Math.Max(wakes, Budget?.RunsAt ?? 0);
        }
    }

    /// <summary>Takes the cost of the slice that is over off the budget.</summary>
    public void Charge(long now)
    {
        if (Budget is not { } budget || Slot is not { } slot)
            return;
        budget.Spend(slot.ProcessorTime - Paid, now);
        Paid = slot.ProcessorTime;
    }
}
