// Where code was found in one address space: the linear pages that blocks were looked up in, and the frames that they stood for. All links
// between pages and all guesses of an epoch rest on these and on nothing else. So a flush of the TLB need not end the epoch: it is enough
// that all of them still stand where they stood.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Decode;

/// <summary>The pages of one epoch.</summary>
internal sealed unsafe class CodeMap : IDisposable
{
    private const int AllPages = 1 << 20;

    private readonly NativePages _bits = new(AllPages / 8);
    private readonly List<(uint Linear, uint Physical)> _pages = [];

    /// <summary>The epoch whose links rest on these pages.</summary>
    public uint Epoch { get; private set; }

    /// <summary>The page table root that the pages were found under.</summary>
    public uint Root { get; private set; }

    /// <summary>The lowest linear page; uint.MaxValue if there is none.</summary>
    public uint Lowest { get; private set; } = uint.MaxValue;

    /// <summary>Page addresses, in the order in which they were found.</summary>
    public IReadOnlyList<(uint Linear, uint Physical)> Pages => _pages;

    /// <summary>Adds the page of a linear address, which stands for the frame at <paramref name="physical"/>.</summary>
    public void Add(uint linear, uint physical)
    {
        uint page = linear & ~0xfffu;
        byte* bits = _bits.Base + (page >> 15);
        int bit = 1 << (int)((page >> 12) & 7);
        if ((*bits & bit) != 0)
            return;
        *bits |= (byte)bit;
        _pages.Add((page, physical));
        Lowest = Math.Min(Lowest, page);
    }

    /// <summary>Whether the page of a linear address is among them.</summary>
    public bool Contains(uint linear) => (_bits.Base[linear >> 15] & (1 << (int)((linear >> 12) & 7))) != 0;

    /// <summary>Without pages, for a new epoch.</summary>
    public void Begin(uint root, uint epoch)
    {
        foreach (var (linear, _) in _pages)
            _bits.Base[linear >> 15] = 0;
        _pages.Clear();
        Lowest = uint.MaxValue;
        Root = root;
        Epoch = epoch;
    }

    public void Dispose() => _bits.Dispose();
}
