// When a Guest that is at rest has to be looked at again: its own alarm, the end of its rest when it has used up its share of the
// processor, a new lease for the node.
using Lguest.Switcher.Slots;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Actors;

/// <content>Alarms and leases.</content>
public sealed partial class SwitcherActor
{
    private long _leaseEnd = long.MaxValue;

    private void OnRing()
    {
        _alarm.Rang();
        foreach (var guest in _guests.Values)
        {
            if (guest.Due != long.MaxValue)
                GoOn(guest);
        }

        SetAlarm();
    }

    private void OnLease(Lease lease)
    {
        _leaseEnd = lease.Until;
        foreach (var guest in _guests.Values)
            GoOn(guest);
    }

    private void SetAlarm()
    {
        long due = long.MaxValue;

        // Without a lease nobody is entered, and there is nothing to wake up for until there is one again.
        if (_leaseEnd != long.MaxValue && _clock.Monotonic >= _leaseEnd)
        {
            _alarm.Set(due);
            return;
        }

        foreach (var guest in _guests.Values)
            due = Math.Min(due, guest.Due);
        _alarm.Set(due);
    }
}
