// How long a link between blocks of different pages stays good: for one mapping epoch.
//
//J:Guest:160 Epochs
// A link to a block in another page rests on that page's mapping, and so does a guess where an indirect branch goes. A flush of the TLB
// says that mappings may have changed. To look for the links that it concerns would be slow; so each link says in which epoch it was made,
// and a change of what it rests on ends the epoch.
//
// Most flushes change nothing for code: a process is switched to and back, a page of data is copied. So each epoch has a list of the pages
// that code was found in, and after a flush they are looked up again; if all are where they were, the epoch goes on. The kernel has one
// epoch, as it is the same in all address spaces; user code has one in each of the last few address spaces, so that two processes that
// talk to each other find their links again at every switch.
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    /// <summary>An epoch and a mode share the 32 bits of a jump key.</summary>
    private const uint MostEpochs = (1 << (32 - ModeBits.Width)) - 1;

    private const int AddressSpaces = 8;

    private readonly CodeMap _supervisorCode = new();

    /// <summary>Of the last address spaces, the latest first.</summary>
    private readonly List<CodeMap> _userCode = [.. Enumerable.Range(0, AddressSpaces).Select(_ => new CodeMap())];
    private uint _epochs;

    /// <summary>Pages that code was looked up in since the last flush, at the places that the low bits of their numbers choose. A tag is
    /// the page's address, one, and two more for ring 3; 0 for none.</summary>
    private readonly (uint Tag, uint Physical)[] _fetched = new (uint, uint)[FetchedPages];

    private const int FetchedPages = 64;

    /// <summary>Code at a linear address has been looked up at the current privilege level, and stands at a physical one.</summary>
    internal void NoteExecuted(uint linear, uint physical) =>
        (_c->Cpl == 3 ? _userCode[0] : _supervisorCode).Add(linear, physical & PageMask);

    /// <summary>The physical page of code at a linear address; null with the fault set up. A new address space has none of the old one's
    /// guesses, so a program asks for each of its blocks once more, a few dozen times in a page: that walks the tables once.</summary>
    internal uint? CodePage(uint linear)
    {
        uint tag = (linear & PageMask) | (_c->Cpl == 3 ? 3u : 1u);
        ref var known = ref _fetched[(linear >> GuestMemory.PageShift) & (FetchedPages - 1)];
        if (known.Tag == tag)
            return known.Physical;
        if (FetchPage(linear) is not { } page)
            return null;
        NoteExecuted(linear, page);
        known = (tag, page);
        return page;
    }

    /// <summary>Ends all epochs.</summary>
    private void ForgetCode()
    {
        Array.Clear(_fetched);
        Array.Clear(_largeCode);
        BeginSupervisor();
        foreach (var map in _userCode)
            map.Begin(_c->Cr3, NextEpoch());
        RefreshEpoch();
    }

    /// <summary>Mappings below a linear address, or the root of the page tables, may have changed. Ends the epochs whose code they
    /// concern.</summary>
    private void CheckCode(uint end)
    {
        Array.Clear(_fetched);
        if (_supervisorCode.Lowest < end && !StillThere(_supervisorCode, user: false))
            BeginSupervisor();

        int found = _userCode.FindIndex(map => map.Root == _c->Cr3);
        var current = _userCode[found < 0 ? AddressSpaces - 1 : found];
        if (found != 0)
        {
            _userCode.Remove(current);
            _userCode.Insert(0, current);
        }

        if (found < 0 || !StillThere(current, user: true))
            current.Begin(_c->Cr3, NextEpoch());
        Windows?.Changed();
        Kernel?.Changed(end);
        ChooseWindow();
        RefreshEpoch();
    }

    /// <summary>The mapping of one page may have changed, in the current address space or, for the kernel's half, in all.</summary>
    private void CheckCodePage(uint linear)
    {
        _fetched[(linear >> GuestMemory.PageShift) & (FetchedPages - 1)] = default;
        if (_supervisorCode.Contains(linear) && !StillThere(_supervisorCode, user: false))
            BeginSupervisor();
        if (_userCode[0].Contains(linear) && !StillThere(_userCode[0], user: true))
            _userCode[0].Begin(_c->Cr3, NextEpoch());
        Windows?.Changed(linear);
        Kernel?.ChangedPage(linear);
        RefreshEpoch();
    }

    private void BeginSupervisor()
    {
        _supervisorCode.Begin(_c->Cr3, NextEpoch());
        Engine.SupervisorEpochEnded();
        _hasLocalCode = false;
    }

    private bool StillThere(CodeMap map, bool user)
    {
        foreach (var (linear, physical) in map.Pages)
        {
            if (IsOutOfReach(linear) || PageWalker.Peek(this, linear, user) != physical)
                return false;
        }

        return true;
    }

    private uint NextEpoch()
    {
        if (_epochs == MostEpochs)
        {
            // After eight million epochs the counter wraps: links made under the old values must not come back to life.
            _epochs = 0;
            _blocks.Clear();
            ForgetCode();
        }

        return ++_epochs;
    }

    private void RefreshEpoch()
    {
        _e->Epoch = ((_e->Mode & ModeBits.User) != 0 ? _userCode[0] : _supervisorCode).Epoch;
        _e->JumpKey = (_e->Epoch << ModeBits.Width) | _e->Mode;
    }

    private void DisposeCode()
    {
        _supervisorCode.Dispose();
        foreach (var map in _userCode)
            map.Dispose();
    }
}
