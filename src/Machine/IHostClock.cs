// The one source of time. Whatever measures, waits or dates (Guests in real time, shares of the processor, links, trunks, leases) is handed
// this, and so a test can hand it another. A Guest's own time is made of it, or of instructions, and is not this.
namespace Lguest.Machine;

/// <summary>The clocks of the Host. Any thread.</summary>
public interface IHostClock
{
    /// <summary>Since some fixed moment; never goes back.</summary>
    Nanoseconds Monotonic { get; }

    /// <summary>Processor time that the calling thread has had. Where nobody counts them, as on some hosts, the time that
    /// has passed.</summary>
    Nanoseconds Processor => Monotonic;

    /// <summary>Since 1970-01-01T00:00:00Z.</summary>
    Nanoseconds Wall { get; }

    /// <summary>What is to be added to <see cref="Monotonic"/> for <see cref="Wall"/>, as long as nobody sets the wall clock.</summary>
    long WallOffset()
    {
        // Two clocks cannot be read at once. Of a few tries the one that took the shortest is the best.
        long offset = 0, shortest = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = Monotonic;
            long wall = Wall;
            long took = Monotonic - before;
            if (took >= shortest)
                continue;
            shortest = took;
            offset = wall - before - took / 2;
        }

        return offset;
    }
}
