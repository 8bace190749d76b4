// Two engines can be compared only if both see the same memory at the same instruction. Where that is wanted, memory has a gate: while the
// CPU runs, writers from outside wait at it, and what they write once it is open is noted, to be written into the other memory as well.
namespace Lguest.Guest.Memory;

/// <summary>Lets either the CPU or writers from outside at a memory. Any thread.</summary>
internal sealed class MemoryGate
{
    private readonly object _lock = new();
    private readonly List<(uint First, uint Last)> _written = [];
    private int _waiting;

    /// <summary>A writer from outside comes in; it waits for the CPU.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _waiting);
        Monitor.Enter(_lock);
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>The writer or the CPU that came in goes out.</summary>
    public void Exit() => Monitor.Exit(_lock);

    /// <summary>The CPU comes in, after all who wait already.</summary>
    public void EnterLast()
    {
        while (Volatile.Read(ref _waiting) > 0)
            Thread.Yield();
        Monitor.Enter(_lock);
    }

    /// <summary>Bytes have been written that the CPU has not written.</summary>
    public void Note(uint address, uint length)
    {
        lock (_lock)
            _written.Add((address >> GuestMemory.PageShift, (address + length - 1) >> GuestMemory.PageShift));
    }

    /// <summary>Gives the frames that were noted, and forgets them. Only inside.</summary>
    public void Take(Action<uint> frame)
    {
        foreach (var (first, last) in _written)
        {
            for (uint at = first; at <= last; at++)
                frame(at);
        }

        _written.Clear();
    }
}
