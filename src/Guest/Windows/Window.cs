// One address space of a Guest as a range of the process: what lies at a linear address lies at the same distance from the range's start,
// mapped there by the host's own MMU. An access needs no check then. What is not mapped, or not for writing, faults.
//
//J:Translator:138 Windows
// A check of the soft TLB is nine instructions, and loops that do little but move bytes spend half their time in it. The host has a TLB of
// its own, which checks every access for nothing. So for a program that has run for a while its address space is laid out in the process:
// 4 GiB of nothing, into which pages of the Guest's memory are mapped one after another, as they are needed, with the rights that the
// Guest's page tables give. The segment register GS, which nobody else uses, holds where that is; an instruction of the Guest becomes the
// same instruction with two prefixes, GS and "addresses of 32 bits", and cannot reach anything else.
//
// That is not free. To map a page costs as much as twenty thousand instructions (a signal, a system call, a first touch), to take it away
// half of that, and Linux counts the mappings of a process. So windows are for what runs long and keeps its pages, and each one has to
// earn its faults (AddressSpaces).
using Lguest.Guest.Memory;

namespace Lguest.Guest.Windows;

/// <summary>4 GiB of this process, and which pages of Guest memory are mapped there. One thread at a time.</summary>
internal sealed unsafe class Window : IDisposable
{
    /// <summary>Bytes that an operand may have: where it begins at the last address, the others are in the room behind.</summary>
    public const int LongestOperand = 64;

    /// <summary>Room behind the 4 GiB in which nothing is ever mapped.</summary>
    private const long Guard = 1 << 16;

    private const long Reach = 1L << 32;
    private static readonly nuint _length = unchecked((nuint)(Reach + Guard));
    private const int Nothing = LinuxMemory.Private | LinuxMemory.Anonymous | LinuxMemory.NoReserve;
    private readonly GuestMemory _memory;
    private readonly MappingBudget _budget;
    private readonly NativePages _pageWords = new((Reach >> GuestMemory.PageShift) * sizeof(uint));
    private readonly SortedSet<uint> _chunks = [];
    private nint _base;
    private long _mappings = 1;

    private Window(GuestMemory memory, MappingBudget budget, nint start)
    {
        _memory = memory;
        _budget = budget;
        _base = start;
    }

    ~Window() => Release();

    /// <summary>Where linear address 0 is.</summary>
    public nint Base => _base;

    /// <summary>Pages that are mapped.</summary>
    public int Pages { get; private set; }

    /// <summary>A word for each linear page: <see cref="WindowPage"/>.</summary>
    private uint* Words => (uint*)_pageWords.Base;

    /// <summary>Reserves the addresses. Null if there is no room.</summary>
    public static Window? TryMake(GuestMemory memory, MappingBudget budget)
    {
        if (!budget.TryTake(1))
            return null;
        nint start = LinuxMemory.Map(0, _length, LinuxMemory.None, Nothing, -1, 0);
        if (start != LinuxMemory.Failed)
            return new Window(memory, budget, start);
        budget.GiveBack(1);
        return null;
    }

    /// <summary>What is mapped at a linear address.</summary>
    public WindowPage this[uint linear] => new(Words[linear >> GuestMemory.PageShift]);

    /// <summary>Maps pages that follow upon each other, of frames that do, all with the same rights.</summary>
    /// <param name="linear">Address of the first.</param>
    /// <param name="first">The first.</param>
    /// <param name="count">How many.</param>
    /// <returns>False if the budget does not cover it.</returns>
    public bool TryMap(uint linear, WindowPage first, int count)
    {
        uint page = linear >> GuestMemory.PageShift;
        long before = Borders(page, count);
        uint[] old = new ReadOnlySpan<uint>(Words + page, count).ToArray();
        for (int i = 0; i < count; i++)
            Words[page + i] = first.After(i).Word;
        long more = Borders(page, count) - before;
        if (more > 0 && !_budget.TryTake(more))
        {
            old.CopyTo(new Span<uint>(Words + page, count));
            return false;
        }

        if (more < 0)
            _budget.GiveBack(-more);
        _mappings += more;
        Pages += count - old.Count(word => word != 0);
        for (uint chunk = WindowChunk.Of(linear); chunk <= WindowChunk.Of(linear + ((uint)(count - 1) << GuestMemory.PageShift)); chunk++)
            _chunks.Add(chunk);
        int rights = first.IsWritable ? LinuxMemory.ReadWrite : LinuxMemory.Read;
        int flags = LinuxMemory.Shared | LinuxMemory.Fixed | LinuxMemory.NoReserve | LinuxMemory.Populate;
        bool done = LinuxMemory.Map(
            _base + (nint)linear, (nuint)count << GuestMemory.PageShift, rights, flags, _memory.File,
            (nint)first.Frame << GuestMemory.PageShift) != LinuxMemory.Failed;
        Change(done);
        return done;
    }

    /// <summary>Takes away pages that follow upon each other.</summary>
    public void Drop(uint linear, int count)
    {
        uint page = linear >> GuestMemory.PageShift;
        long before = Borders(page, count);
        Pages -= count - new ReadOnlySpan<uint>(Words + page, count).Count(0u);
        new Span<uint>(Words + page, count).Clear();
        Settle(Borders(page, count) - before);
        Change(LinuxMemory.Map(
            _base + (nint)linear, (nuint)count << GuestMemory.PageShift, LinuxMemory.None, Nothing | LinuxMemory.Fixed, -1, 0)
                != LinuxMemory.Failed);
    }

    /// <summary>Takes the right to write from mapped pages that follow upon each other.</summary>
    public void Protect(uint linear, int count)
    {
        uint page = linear >> GuestMemory.PageShift;
        long before = Borders(page, count);
        for (int i = 0; i < count; i++)
            Words[page + i] = new WindowPage(Words[page + i]).ReadOnly.Word;
        Settle(Borders(page, count) - before);
        Change(LinuxMemory.Protect(_base + (nint)linear, (nuint)count << GuestMemory.PageShift, LinuxMemory.Read) == 0);
    }

    /// <summary>Takes the right to write a frame, wherever it is mapped: its code has been decoded.</summary>
    public void ProtectFrame(uint frame)
    {
        uint wanted = new WindowPage(frame, true).Word;
        foreach (uint chunk in _chunks)
        {
            uint* words = Words + (chunk * WindowChunk.Pages);
            for (int at = 0; at < WindowChunk.Pages; at++)
            {
                int next = new ReadOnlySpan<uint>(words + at, WindowChunk.Pages - at).IndexOf(wanted);
                if (next < 0)
                    break;
                at += next;
                Protect(WindowChunk.Start(chunk) + ((uint)at << GuestMemory.PageShift), 1);
            }
        }
    }

    /// <summary>Takes away all pages.</summary>
    public void Clear() => Change(done: false);

    /// <summary>The 4 MiB chunks in which pages are mapped, or were.</summary>
    public uint[] Chunks() => [.. _chunks];

    /// <summary>The words of a chunk.</summary>
    public ReadOnlySpan<uint> WordsOf(uint chunk) => new(Words + (chunk * WindowChunk.Pages), WindowChunk.Pages);

    public void Dispose()
    {
        Release();
        _pageWords.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends between mappings at the ends of and between these pages. A gap is a mapping too.</summary>
    private long Borders(uint page, int count)
    {
        const uint last = (uint)(Reach >> GuestMemory.PageShift);
        long borders = 0;
        for (uint at = page; at <= page + (uint)count; at++)
        {
            uint left = at == 0 ? 0 : Words[at - 1], right = at == last ? 0 : Words[at];
            if (!new WindowPage(left).IsFollowedBy(new WindowPage(right)))
                borders++;
        }

        return borders;
    }

    /// <summary>What is taken away may split a mapping in three. That must not fail, so here the budget may be exceeded.</summary>
    private void Settle(long more)
    {
        _budget.GiveBack(-more);
        _mappings += more;
    }

    /// <summary>After a change that the operating system refused, when others have used up the mappings of the process: one mapping for all
    /// of it, which needs no other, and no page.</summary>
    private void Change(bool done)
    {
        if (done)
            return;
        if (LinuxMemory.Map(_base, _length, LinuxMemory.None, Nothing | LinuxMemory.Fixed, -1, 0) == LinuxMemory.Failed)
            Environment.FailFast("a mapping of Guest memory could not be taken away");
        foreach (uint chunk in _chunks)
            new Span<uint>(Words + (chunk * WindowChunk.Pages), WindowChunk.Pages).Clear();
        Settle(1 - _mappings);
        Pages = 0;
        _chunks.Clear();
    }

    private void Release()
    {
        if (_base == 0)
            return;
        _ = LinuxMemory.Unmap(_base, _length);
        _base = 0;
        _budget.GiveBack(_mappings);
    }
}
