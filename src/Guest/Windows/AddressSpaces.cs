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

    /// <summary>Pages that one fault maps at most.</summary>
    private const int MostPages = 16;

    /// <summary>System calls that one fault makes for them at most: one for each run of frames that follow upon each other.</summary>
    private const int MostRuns = 4;

    private readonly CpuState* _c = processor.State;

    /// <summary>The latest first.</summary>
    private readonly List<AddressSpace> _spaces =
        [.. Enumerable.Range(0, Most).Select(_ => new AddressSpace(settings.WindowAfter))];

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
        var key = (_c->Cr3, UserTables.Format(_c));
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

    /// <summary>What a page of the window may be now; null if it may not be there.</summary>
    private WindowPage? Peek(uint linear)
    {
        if (processor.IsOutOfReach(linear) || UserTables.Peek(processor, linear) is not { } found)
            return null;
        return new WindowPage(found.Frame, found.Writable && processor.Memory.CodeFlags[found.Frame] == 0);
    }

    /// <summary>Maps a page, and neighbours that are there already and not mapped yet: they are likely to be next, and to map them now
    /// spares their faults.</summary>
    private bool TryMap(Window window, uint linear, bool write)
    {
        if (Peek(linear) is not { } page || (write && !page.IsWritable))
            return false;
        int before = Neighbours(window, linear, page, -1, MostPages - 1);
        linear -= (uint)before << GuestMemory.PageShift;
        int left = MostPages;
        WindowPage? first = page.After(-before);
        for (int runs = 0; runs < MostRuns && left > 0 && first is { } begin && !(runs > 0 && window[linear].IsMapped); runs++)
        {
            int known = runs == 0 ? before : 0;
            uint last = linear + ((uint)known << GuestMemory.PageShift);
            int count = known + 1 + Neighbours(window, last, begin.After(known), 1, left - known - 1);
            _current!.Copies.Add(processor, linear, count);
            if (!window.TryMap(linear, begin, count))
            {
                _current.Refused(); // there is no room for it, now or soon
                break;
            }

            Mapped += count;
            _current.Mapped(count - (runs == 0 ? 1 : 0));
            left -= count;
            linear += (uint)count << GuestMemory.PageShift;
            first = linear == 0 ? null : Peek(linear);
        }

        return true;
    }

    /// <summary>How many pages beside one can be mapped with it, because their frames follow upon its frame.</summary>
    private int Neighbours(Window window, uint linear, WindowPage page, int step, int most)
    {
        int count = 0;
        while (count < most)
        {
            long next = linear + ((count + 1L) * step * GuestMemory.PageSize);
            if (next is < 0 or > uint.MaxValue || window[(uint)next].IsMapped
                || (long)page.Frame + ((count + 1) * step) < 0 || Peek((uint)next) != page.After((count + 1) * step))
                break;
            count++;
        }

        return count;
    }

    /// <summary>Looks the changed pages up again, and takes away, in runs, what is not as it was.</summary>
    private void Refresh(AddressSpace space, Window window)
    {
        if (_changed.Count == 0)
            return;
        for (int i = 0; i < _changed.Count;)
        {
            var needed = Needed(window, _changed[i]);
            int end = i + 1;
            while (end < _changed.Count && _changed[end] == _changed[end - 1] + GuestMemory.PageSize
                && Needed(window, _changed[end]) == needed)
                end++;
            if (needed == Change.Drop)
                window.Drop(_changed[i], end - i);
            else if (needed == Change.Protect)
                window.Protect(_changed[i], end - i);
            if (needed != Change.None)
                space.Faulted();
            i = end;
        }

        _changed.Clear();
    }

    private Change Needed(Window window, uint linear)
    {
        var mapped = window[linear];
        return Peek(linear) is not { } now || now.Frame != mapped.Frame ? Change.Drop
            : mapped.IsWritable && !now.IsWritable ? Change.Protect
            : Change.None;
    }

    private enum Change
    {
        None,
        Protect,
        Drop,
    }
}
