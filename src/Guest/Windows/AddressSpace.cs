// What is known of one address space of a Guest: how long its programs have run, whether they have a window for it, and whether that pays.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Windows;

/// <summary>One of the last address spaces.</summary>
/// <param name="threshold">Instructions after which it gets a window.</param>
internal sealed class AddressSpace(long threshold) : IDisposable
{
    /// <summary>How much longer it takes to get the next window, after one that did not pay.</summary>
    private const int Patience = 8;

    private long _threshold = threshold;
    private long _instructions;
    private long _faults;

    /// <summary>Root and format of its page tables.</summary>
    public (uint Root, uint Format) Key { get; private set; }

    /// <summary>Epoch of its code: with another one, another program may have come.</summary>
    public uint Epoch { get; private set; }

    public Window? Window { get; private set; }

    /// <summary>What the pages of the window rest on.</summary>
    public TableCopies Copies { get; } = new();

    /// <summary>Whether its programs have run long enough for a window.</summary>
    public bool DeservesWindow => Window is null && _instructions >= _threshold;

    /// <summary>Starts anew for other page tables.</summary>
    public void Begin((uint Root, uint Format) key, uint epoch, long threshold)
    {
        DropWindow();
        Key = key;
        _threshold = threshold;
        Renew(epoch);
    }

    /// <summary>Another program has come: it has run for no time.</summary>
    public void Renew(uint epoch)
    {
        Epoch = epoch;
        if (Window is null)
            _instructions = 0;
    }

    /// <summary>Its programs have run for a while.</summary>
    public void Ran(long instructions) => _instructions += instructions;

    /// <summary>Pages had to be mapped or taken away.</summary>
    public void Faulted(int count = 1) => _faults += count;

    /// <summary>Whether the window has cost more than it can have brought.</summary>
    /// <param name="instructionsAFault">What must run with it for each fault; 0 if it need not pay.</param>
    public bool IsTooDear(long instructionsAFault) =>
        Window is not null && (_faults * instructionsAFault) > _instructions + _threshold;

    public bool TryMakeWindow(GuestMemory memory, MappingBudget budget)
    {
        Window = Window.TryMake(memory, budget);
        _instructions = 0;
        _faults = 0;
        return Window is not null;
    }

    /// <summary>Drops a window that does not pay: the next one comes much later.</summary>
    public void GiveUp()
    {
        DropWindow();
        _threshold *= Patience;
    }

    public void DropWindow()
    {
        Window?.Dispose();
        Window = null;
        Copies.Clear();
        _instructions = 0;
        _faults = 0;
    }

    public void Dispose() => DropWindow();
}
