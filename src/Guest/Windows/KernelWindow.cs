// The window of a Guest's kernel: the pages that only rings 0 to 2 reach, which are the same in all address spaces, mapped once. What a
// kernel takes from a program is not in it.
//
//J:Translator:143 A window for the kernel
// A program that lives for a millisecond never earns a window, and yet most of its life is spent in the kernel: it is born there, its pages
// are found there, and it dies there. And the kernel runs for as long as the Guest. So the kernel's pages have a window of their own, one
// for all programs. Its base is loaded from the state in front of an access, since GS may be a program's; of the check of step 130 that
// load is all that is left.
//
// A page that ring 3 reaches too is never in it: programs' pages come and go. A block of the kernel's that reaches one, such as those that
// copy what a program asked for, faults once, and is translated again with the checks of the soft TLB (Block.AsksTlb). For the rest the
// window is kept true as the others are, but at the flush itself: the kernel is what is executing.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Windows;

/// <summary>One for each processor, once it has run for a while.</summary>
internal sealed unsafe class KernelWindow : IDisposable
{
    /// <summary>How much more than the time that it took to get it a window may cost at first, when all pages have to be mapped.</summary>
    private const long Trust = 20;

    /// <summary>Bytes that may have been mapped in front of a page.</summary>
    private const uint MostBefore = 16 << GuestMemory.PageShift;

    private readonly Processor _processor;
    private readonly Window _window;
    private readonly WindowFiller _pages;
    private readonly TableCopies _copies = new(user: false);
    private readonly List<uint> _changed = [];
    private readonly long _instructionsAFault;
    private readonly ulong _since;
    private readonly long _credit;
    private uint _lowest = uint.MaxValue;
    private uint _format;
    private long _faults;

    private KernelWindow(Processor processor, TranslatorSettings settings, Window window)
    {
        _processor = processor;
        _window = window;
        _pages = new WindowFiller(processor, user: false);
        _instructionsAFault = settings.InstructionsAFault ?? WindowProbe.InstructionsAFault;
        _since = processor.Instructions;
        _format = QuietTables.Format(processor.State);
        _credit = Trust * settings.WindowAfter;
    }

    /// <summary>Where linear address 0 is.</summary>
    public nint Base => _window.Base;

    /// <summary>Pages mapped since it was made.</summary>
    public long Mapped { get; private set; }

    /// <summary>Whether it has cost more than it can have brought.</summary>
    public bool IsTooExpensive => _faults * _instructionsAFault > (long)(_processor.Instructions - _since) + _credit;

    /// <summary>Null if there is no room.</summary>
    public static KernelWindow? TryMake(Processor processor, TranslatorSettings settings, MappingBudget budget) =>
        Window.TryMake(processor.Memory, budget) is { } window ? new KernelWindow(processor, settings, window) : null;

    /// <summary>Emitted code could not access a host address, and the interpreter has done what it wanted: maps the page.</summary>
    /// <returns>False if the window cannot have it.</returns>
    public bool TryMap(nint address, bool write)
    {
        _faults++;
        long at = address - Base;
        if (at is < 0 or > uint.MaxValue)
            return false;
        uint linear = (uint)at & ~(GuestMemory.PageSize - 1u);
        if (_pages.TryMap(_window, _copies, linear, write) is not { } count || _pages.WasRefused)
            return false;
        Mapped += count;
        _lowest = Math.Min(_lowest, linear - Math.Min(linear, MostBefore));
        return true;
    }

    /// <summary>Mappings below an address may have changed, or the root of the tables.</summary>
    public void Changed(uint end)
    {
        if (end <= _lowest)
            return;
        if (_format != QuietTables.Format(_processor.State))
        {
            Clear();
            return;
        }

        _copies.FindChanges(_processor, _window, _changed);
        _faults += _pages.Refresh(_window, _changed);
    }

    /// <summary>The mapping of a page may have changed.</summary>
    public void ChangedPage(uint linear)
    {
        if (!_window[linear].IsMapped)
            return;
        if (_copies.HasLarge)
        {
            Changed(uint.MaxValue); // it may be a part of one, whose other parts are meant too
            return;
        }

        _changed.Add(linear & ~0xfffu);
        _faults += _pages.Refresh(_window, _changed);
    }

    /// <summary>Code of a frame has been decoded: nobody may write it unseen.</summary>
    public void Protect(uint frame) => _window.ProtectFrame(frame);

    public void Dispose() => _window.Dispose();

    /// <summary>The same tables mean something else now.</summary>
    private void Clear()
    {
        _format = QuietTables.Format(_processor.State);
        _window.Clear();
        _copies.Clear();
        _lowest = uint.MaxValue;
        _faults++;
    }
}
