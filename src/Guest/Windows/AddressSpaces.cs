// Which address spaces of a Guest have windows, and what keeps those windows true.
//
// A window is a cache of page tables, as a TLB is, and may be wrong for as long as that may be wrong: until the Guest flushes. No paging
// hypercall is trusted to tell what has changed. At a flush, and at a change of CR3, the window is only marked; when ring 3 is about to run
// again, the tables that the window's pages rest on are compared with what they were, and what has changed is taken away.
//
// Whether code uses the window is part of the mode under which it is decoded, and that may change only where ring 3 is entered, between two
// slices, and at a flush: never under code that is executing. So what turns out too expensive in between is dropped later.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Windows;

/// <summary>The last address spaces of a processor, and their windows.</summary>
internal sealed unsafe class AddressSpaces(Processor processor, TranslatorSettings settings, MappingBudget budget) : IDisposable
{
    private const int Most = 8;

    private readonly CpuState* _c = processor.State;

    /// <summary>The latest first.</summary>
    private readonly List<AddressSpace> _spaces =
        [.. Enumerable.Range(0, Most).Select(_ => new AddressSpace(settings.WindowAfter))];

    private readonly WindowFiller _pages = new(processor, user: true);
    private readonly List<uint> _changed = [];
    private readonly long _instructionsAFault = settings.InstructionsAFault ?? WindowProbe.InstructionsAFault;

    /// <summary>A page that the current address space has asked for, and could not be mapped then.</summary>
    private (uint Linear, bool Write)? _wanted;
    private AddressSpace? _current;
    private bool _isMarked = true;
    private ulong _enteredAt;

    /// <summary>Pages mapped since the start.</summary>
    public long Mapped { get; private set; }

    /// <summary>Windows dropped since the start because they did not pay.</summary>
    public int GivenUp { get; private set; }

    /// <summary>Windows made since the start.</summary>
    public int Made { get; private set; }

    /// <summary>Whether the current address space has one.</summary>
    public bool HasWindow => Window is not null;

    /// <summary>The window of the code that is executing.</summary>
    private Window? Window => _current?.Window;

    /// <summary>Ring 3 is about to run: the mode bit with which it does.</summary>
    public uint Enter()
    {
        _enteredAt = processor.Instructions;
        if (_isMarked)
            Choose();
        if (_wanted is { } wanted && Window is { } window)
            TryMap(window, wanted.Linear, wanted.Write);
        _wanted = null;
        return Window is null ? 0 : ModeBits.Window;
    }

    /// <summary>Ring 3 has run.</summary>
    public void Leave()
    {
        if (_current is null)
            return;
        long ran = (long)(processor.Instructions - _enteredAt);
        _enteredAt = processor.Instructions;
        if (ran > 0)
            _current.Ran(ran);
        _isMarked |= _current.DeservesWindow || _current.IsTooExpensive(_instructionsAFault);
    }

    /// <summary>Any mapping may have changed, or the root of the tables.</summary>
    public void Changed() => _isMarked = true;

    /// <summary>The mapping of a page may have changed.</summary>
    public void Changed(uint linear)
    {
        if (_isMarked || Window is not { } window || !window[linear].IsMapped)
            return;
        if (_current!.Copies.HasLarge)
        {
            _isMarked = true; // it may be a part of a large page, whose other parts are meant too
            return;
        }

        _changed.Add(linear & ~0xfffu);
        Refresh(_current!, window);
    }

    /// <summary>Code of a frame has been decoded: no window may write it.</summary>
    public void Protect(uint frame)
    {
        foreach (var space in _spaces)
            space.Window?.ProtectFrame(frame);
    }

    /// <summary>Points emitted code at the current window.</summary>
    public void Select()
    {
        if (Window is not { } window || !WindowRegister.TrySelect(window.Base))
            throw new InvalidOperationException("code for a window runs without one");
    }

    /// <summary>Emitted code could not access a host address, and the interpreter has done what it wanted: maps the page, if that can be
    /// mapped now. If the Guest has to find a page first, it is mapped when ring 3 runs again.</summary>
    public void Faulted(nint address, bool write)
    {
        if (Window is not { } window)
            return;
        _current!.Faulted();
        long linear = address - window.Base;
        if (linear is >= 0 and <= uint.MaxValue)
            _wanted = TryMap(window, (uint)linear & ~0xfffu, write) ? null : ((uint)linear & ~0xfffu, write);
    }

    public void Dispose()
    {
        foreach (var space in _spaces)
            space.Dispose();
    }

    /// <summary>Finds the current address space, makes or drops its window, and makes it true.</summary>
    private void Choose()
    {
        _isMarked = false;
        var key = (_c->Cr3, QuietTables.Format(_c));
        uint epoch = processor.UserEpoch;
        int found = _spaces.FindIndex(space => space.Key == key);
        _current = _spaces[found < 0 ? Most - 1 : found];
        _spaces.Remove(_current);
        _spaces.Insert(0, _current);
        if (found != 0)
            _wanted = null;
        if (found < 0)
            _current.Begin(key, epoch, settings.WindowAfter);
        else if (_current.Epoch != epoch)
            _current.Renew(epoch);
        if (Window is { } window)
        {
            _current.Copies.FindChanges(processor, window, _changed);
            Refresh(_current, window);
            if (_current.IsTooExpensive(_instructionsAFault))
                GiveUp(_current);
        }
        else if (_current.DeservesWindow)
        {
            MakeWindow(_current);
        }
    }

    private void GiveUp(AddressSpace space)
    {
        space.GiveUp();
        GivenUp++;
    }

    private void MakeWindow(AddressSpace space)
    {
        var others = _spaces.Where(other => other.Window is not null).ToArray();
        if (others.Length >= settings.MostWindows)
            others[^1].DropWindow();
        if (space.TryMakeWindow(processor.Memory, budget))
            Made++;
    }

    /// <summary>Maps a page of the current window, and neighbours.</summary>
    private bool TryMap(Window window, uint linear, bool write)
    {
        if (_pages.TryMap(window, _current!.Copies, linear, write) is not { } count)
            return false;
        Mapped += count;
        if (_pages.WasRefused)
            _current.Refused(); // there is no room for it, now or soon
        _current.Mapped(Math.Max(0, count - 1));
        return true;
    }

    /// <summary>Looks the changed pages up again, and takes away what is not as it was.</summary>
    private void Refresh(AddressSpace space, Window window)
    {
        for (int changes = _pages.Refresh(window, _changed); changes > 0; changes--)
            space.Faulted();
    }
}
