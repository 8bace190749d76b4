// A Guest that may have a part of a core gets slices like any other, and rests as long as they cost too much. What counts is processor
// time, not the time on the wall, so that a Guest is not charged for what the host did meanwhile.
using Lguest.Machine;

namespace Lguest.Switcher.Time;

/// <summary>An account of processor time that fills at a steady rate and may be overdrawn by a slice. Only for the Switcher.</summary>
/// <param name="share">Part of one core, above 0.</param>
/// <param name="now">The moment of <see cref="IHostClock.Monotonic"/> at which it is opened, empty.</param>
internal sealed class CpuBudget(double share, long now)
{
    /// <summary>What a Guest that did not need its share may save up: as much as this time brings in.</summary>
    private const long LongestSaving = 50_000_000;

    /// <summary>The same for one that had to rest because it had used up its share: that it is woken late, on a host that is busy, must not
    /// cost it anything.</summary>
    private const long LongestLateness = Nanoseconds.PerSecond;

    private long _since = now;
    private double _balance;
    private bool _hadToRest;

    /// <summary>Whether the Guest may run.</summary>
    public bool MayRun(long now) => Fill(now) >= 0;

    /// <summary>When a Guest that may not run may do so again, by <see cref="IHostClock.Monotonic"/>; a moment that has passed if it
    /// may.</summary>
    public long RunsAt => _since + (long)Math.Ceiling(-_balance / share);

    /// <summary>Takes off what a slice cost.</summary>
    public void Spend(long nanoseconds, long now)
    {
        Fill(now);
        _balance -= nanoseconds;
        _hadToRest |= _balance < 0;
        if (_balance >= 0 && _balance <= LongestSaving * share)
            _hadToRest = false;
    }

    private double Fill(long now)
    {
        if (now > _since)
        {
            _balance = Math.Min(_balance + ((now - _since) * share), (_hadToRest ? LongestLateness : LongestSaving) * share);
            _since = now;
        }

        return _balance;
    }
}
