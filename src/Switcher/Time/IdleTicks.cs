// Kernels without a tickless idle wake up some hundred times a second to find that there is nothing to do, and each time costs the Host
// more than the Guest: threads, caches and translated code have all gone cold. A Guest that has done nothing else for a while will not
// notice if its ticks come a little late and several at a time, and the fewer of its instructions are anything but ticks, the later.

using Lguest.Machine;

namespace Lguest.Switcher.Time;

/// <summary>Finds out whether a Guest only ticks, and when it is to be woken for that. For the owner of the slot.</summary>
internal sealed class IdleTicks
{
    /// <summary>How far apart a Guest that does little is woken: so late a tick of it may be. Counted on the Host's clock, so that all such
    /// Guests of a node are woken together.</summary>
    public const long Apart = 8_000_000;

    /// <summary>The same for one that does nothing but tick; a multiple of <see cref="Apart"/>.</summary>
    public const long FarApart = 5 * Apart;

    /// <summary>For how long it must have done nothing.</summary>
    public const long Watched = Nanoseconds.PerSecond;

    /// <summary>What is little: instructions in that time.</summary>
    public const ulong MostInstructions = 5_000_000;

    /// <summary>What is nothing: instructions for each interrupt. A tick of Linux 6.1 takes 2,300 to 2,720 in the mean, the more the nearer
    /// its wakes, and a program that runs at every wake makes that more than this, however far apart they are.</summary>
    public const ulong MostOfTick = 3_100;

    private long _since;
    private ulong _from;
    private long _fromInterrupt;
    private long _apart;

    /// <summary>Whether it does little but tick.</summary>
    public bool IsIdle => _apart != 0;

    /// <summary>A slice is over.</summary>
    /// <param name="now">Time in nanoseconds.</param>
    /// <param name="instructions">How many it has executed so far.</param>
    /// <param name="interrupts">How many it has taken so far.</param>
    /// <param name="wasCalled">Whether anything but its own clock has come for it.</param>
    public void Rested(long now, ulong instructions, long interrupts, bool wasCalled)
    {
        ulong executed = instructions - _from;
        bool isBusy = wasCalled || executed > MostInstructions;
        bool isProved = now - _since >= Watched;
        if (!isBusy && !isProved)
            return;
        bool onlyTicks = executed <= (ulong)(interrupts - _fromInterrupt) * MostOfTick;
        _apart = isBusy ? 0 : onlyTicks ? FarApart : Apart;
        (_since, _from, _fromInterrupt) = (now, instructions, interrupts);
    }

    /// <summary>The moment at which it is woken for its alarm; both by the Host's clock.</summary>
    public long? WakeFor(long? alarm) =>
        IsIdle && alarm is { } due && due < long.MaxValue - _apart ? (due + _apart - 1) / _apart * _apart : alarm;
}
