// What is known of one address space of a Guest: how long its programs have run, whether they have a window for it, and whether that pays.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Windows;

/// <summary>One of the last address spaces.</summary>
/// <param name="threshold">Instructions after which it gets a window.</param>
internal sealed class AddressSpace(long threshold) : IDisposable
{
    /// <summary>How much longer it takes to get the next window, after one that did not pay.</summary>
    private const int Patience = 8;

    /// <summary>How much more that one may cost. It is less, so that all of them cost a small part of the time.</summary>
    private const int Trust = 4;

    /// <summary>What a fault costs; a page that is mapped with others costs one of these.</summary>
    private const int UnitsAFault = 4;

    private long _threshold = threshold;
    private long _credit = threshold / 2;
    private long _instructions;
    private long _units;

    /// <summary>Root and format of its page tables.</summary>
    public (uint Root, uint Format) Key { get; private set; }

    /// <summary>Epoch of its code: with another one, another program may have come.</summary>
    public uint Epoch { get; private set; }

    public Window? Window { get; private set; }

    /// <summary>What the pages of the window rest on.</summary>
    public TableCopies Copies { get; } = new(user: true);

    /// <summary>Whether its programs have run long enough for a window.</summary>
    public bool DeservesWindow => Window is null && _instructions >= _threshold;

    /// <summary>Starts anew for other page tables.</summary>
    public void Begin((uint Root, uint Format) key, uint epoch, long threshold)
    {
        DropWindow();
        Key = key;
        _threshold = threshold;
        _credit = threshold / 2;
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

    /// <summary>A page had to be mapped, or some to be taken away.</summary>
    public void Faulted() => _units += UnitsAFault;

    /// <summary>So many more were mapped with it.</summary>
    public void Mapped(int pages) => _units += pages;

    /// <summary>The window cannot be kept, whatever it brings.</summary>
    public void Refused() => _units = int.MaxValue;

    /// <summary>Whether the window has cost more than it can have brought.</summary>
    /// <param name="instructionsAFault">What must run with it for each fault; 0 if it need not pay.</param>
    public bool IsTooExpensive(long instructionsAFault) =>
        Window is not null && (_units / UnitsAFault * instructionsAFault) > _instructions + _credit;

    public bool TryMakeWindow(GuestMemory memory, MappingBudget budget)
    {
        Window = Window.TryMake(memory, budget);
        _instructions = 0;
        _units = 0;
        return Window is not null;
    }

    /// <summary>Drops a window that does not pay: the next one comes much later.</summary>
    public void GiveUp()
    {
        DropWindow();
        _threshold *= Patience;
        _credit *= Trust;
    }

    public void DropWindow()
    {
        Window?.Dispose();
        Window = null;
        Copies.Clear();
        _instructions = 0;
        _units = 0;
    }

    public void Dispose() => DropWindow();
}
