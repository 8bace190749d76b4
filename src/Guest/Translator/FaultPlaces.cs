// Which operation an emitted instruction belongs to, for those that may fault: the accesses to windows. Code is written from low addresses
// to high ones, so the list is sorted as it grows.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>Offsets in the code memory, ascending.</summary>
internal sealed unsafe class FaultPlaces
{
    private readonly List<Place> _places = [];

    /// <summary>An instruction at an offset, behind all others, reaches memory for an operation.</summary>
    /// <param name="position">Of its first byte.</param>
    /// <param name="op">What the interpreter does in its place.</param>
    /// <param name="adjustDirty">Whether AF is what the host left, where it should be clear.</param>
    public void Add(uint position, Op* op, bool adjustDirty) => _places.Add(new Place(position, (nint)op, adjustDirty));

    /// <summary>What was written from an offset on is not there any more.</summary>
    public void ForgetFrom(uint position)
    {
        int count = _places.Count;
        while (count > 0 && _places[count - 1].Position >= position)
            count--;
        _places.RemoveRange(count, _places.Count - count);
    }

    /// <summary>The operation of an instruction; null if it is not one that may fault.</summary>
    public Op* Find(uint position, out bool adjustDirty)
    {
        int low = 0, high = _places.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            var place = _places[middle];
            if (place.Position == position)
            {
                adjustDirty = place.AdjustDirty;
                return (Op*)place.Op;
            }

            if (place.Position < position)
                low = middle + 1;
            else
                high = middle - 1;
        }

        adjustDirty = false;
        return null;
    }

    private readonly record struct Place(uint Position, nint Op, bool AdjustDirty);
}
