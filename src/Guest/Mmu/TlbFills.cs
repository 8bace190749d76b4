// Which entries of the soft TLB were filled since it was last empty. A Guest that switches address spaces fills some dozen entries between
// two flushes; looking through all two thousand each time would cost a short process more than the TLB saves it.
namespace Lguest.Guest.Mmu;

/// <summary>The filled entries of one processor's soft TLB, or the knowledge that there are too many to list.</summary>
internal sealed unsafe class TlbFills
{
    private const int Most = 256;

    private readonly nint[] _entries = new nint[Most];
    private int _count;

    /// <summary>Whether more were filled than are listed: all entries have to be looked at.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Notes an entry that is being filled. Entries may be listed twice, and may have been emptied since.</summary>
    public void Add(TlbEntry* entry)
    {
        if (_count < Most)
            _entries[_count++] = (nint)entry;
        else
            IsTooLong = true;
    }

    /// <summary>Empties the listed entries of pages below <paramref name="end"/>; the others stay listed.</summary>
    public void EmptyBelow(uint end)
    {
        int left = 0;
        for (int i = 0; i < _count; i++)
        {
            var entry = (TlbEntry*)_entries[i];
            if (entry->ReadTag < end)
                entry->Clear();
            else if (!entry->IsEmpty)
                _entries[left++] = (nint)entry;
        }

        _count = left;
    }

    /// <summary>Starts anew with an empty TLB.</summary>
    public void Reset()
    {
        _count = 0;
        IsTooLong = false;
    }
}
