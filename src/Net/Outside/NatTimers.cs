// The timers of the router's stack. The stack makes them, sets them and frees them as it likes, also while one of them expires; its thread
// asks how long it may sleep and lets those expire that are due.

using System.Diagnostics.CodeAnalysis;

namespace Lguest.Net.Outside;

/// <summary>Timers by number. Times are milliseconds of the stack's clock. One thread.</summary>
internal sealed class NatTimers
{
    private readonly Dictionary<nint, Timer> _timers = [];
    private nint _last;

    /// <summary>A timer that is not set yet.</summary>
    /// <param name="expired">What happens each time that it expires.</param>
    /// <returns>Its number, never 0, which the stack takes for none.</returns>
    public nint Add(Action expired)
    {
        _timers.Add(++_last, new Timer(expired));
        return _last;
    }

    /// <summary>Lets a timer expire at a moment, once; an earlier setting is forgotten.</summary>
    public void Set(nint timer, long due)
    {
        if (_timers.TryGetValue(timer, out var set))
            set.Due = due;
    }

    /// <summary>The timer never expires again.</summary>
    public void Free(nint timer) => _timers.Remove(timer);

    /// <summary>How long may be waited so that no timer expires late.</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="most">How long may be waited otherwise.</param>
    public uint Wait(long now, uint most)
    {
        foreach (var timer in _timers.Values)
            most = (uint)Math.Clamp(timer.Due - now, 0, most);
        return most;
    }

    /// <summary>Lets those expire that are due, each once. One that is freed or set anew meanwhile does not.</summary>
    public void Run(long now)
    {
        foreach (nint number in _timers.Where(timer => timer.Value.Due <= now).Select(timer => timer.Key).ToList())
            if (IsDue(number, now, out var timer))
            {
                timer.Due = long.MaxValue;
                timer.Expired();
            }
    }

    private bool IsDue(nint number, long now, [NotNullWhen(true)] out Timer? timer) =>
        _timers.TryGetValue(number, out timer) && timer.Due <= now;

    private sealed class Timer(Action expired)
    {
        public Action Expired { get; } = expired;

        public long Due { get; set; } = long.MaxValue;
    }
}
