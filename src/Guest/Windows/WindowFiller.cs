// What may be mapped into a window, by the Guest's page tables as they are now: pages are brought in where they were missed, with those
// beside them, and taken away when their entries are not as they were.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Windows;

/// <summary>Maps pages of a processor's current address space.</summary>
/// <param name="processor">Whose.</param>
/// <param name="user">Whether they are the pages that ring 3 reaches; else those that only the kernel does.</param>
internal sealed unsafe class WindowFiller(Processor processor, bool user)
{
    /// <summary>Pages that one fault maps at most.</summary>
    private const int MostPages = 16;

    /// <summary>System calls that one fault makes for them at most: one for each run of frames that follow upon each other.</summary>
    private const int MostRuns = 4;

    private enum Change
    {
        None,
        Protect,
        Drop,
    }

    /// <summary>Whether the last page asked for could not be mapped for want of room.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>Maps a page, and neighbours that are there already and not mapped yet: they are likely to be next, and to map them now
    /// spares their faults.</summary>
    /// <returns>How many pages; null if the access may not pass.</returns>
    public int? TryMap(Window window, TableCopies copies, uint linear, bool write)
    {
        WasRefused = false;
        if (Peek(linear) is not { } page || (write && !page.IsWritable))
            return null;
        int before = Neighbours(window, linear, page, -1, MostPages - 1);
        linear -= (uint)before << GuestMemory.PageShift;
        int left = MostPages;
        WindowPage? first = page.After(-before);
        for (int runs = 0; runs < MostRuns && left > 0 && first is { } begin && !(runs > 0 && window[linear].IsMapped); runs++)
        {
            int known = runs == 0 ? before : 0;
            uint last = linear + ((uint)known << GuestMemory.PageShift);
            int count = known + 1 + Neighbours(window, last, begin.After(known), 1, left - known - 1);
            copies.Add(processor, linear, count);
            if (!window.TryMap(linear, begin, count))
            {
                WasRefused = true;
                break;
            }

            left -= count;
            linear += (uint)count << GuestMemory.PageShift;
            first = linear == 0 ? null : Peek(linear);
        }

        return MostPages - left;
    }

    /// <summary>Looks changed pages up again, and takes away, in runs, what is not as it was.</summary>
    /// <param name="window">Where they are mapped.</param>
    /// <param name="changed">Their addresses, ascending within a table; empty afterwards.</param>
    /// <returns>How many runs were changed.</returns>
    public int Refresh(Window window, List<uint> changed)
    {
        int changes = 0;
        for (int i = 0; i < changed.Count;)
        {
            var needed = Needed(window, changed[i]);
            int end = i + 1;
            while (end < changed.Count && changed[end] == changed[end - 1] + GuestMemory.PageSize && Needed(window, changed[end]) == needed)
                end++;
            if (needed == Change.Drop)
                window.Drop(changed[i], end - i);
            else if (needed == Change.Protect)
                window.Protect(changed[i], end - i);
            if (needed != Change.None)
                changes++;
            i = end;
        }

        changed.Clear();
        return changes;
    }

    /// <summary>What a page of the window may be now; null if it may not be there.</summary>
    private WindowPage? Peek(uint linear)
    {
        if (processor.IsOutOfReach(linear) || QuietTables.Peek(processor, linear, user) is not { } found)
            return null;
        return new WindowPage(found.Frame, found.Writable && processor.Memory.CodeFlags[found.Frame] == 0);
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

    private Change Needed(Window window, uint linear)
    {
        var mapped = window[linear];
        return Peek(linear) is not { } now || now.Frame != mapped.Frame ? Change.Drop
            : mapped.IsWritable && !now.IsWritable ? Change.Protect
            : Change.None;
    }
}
