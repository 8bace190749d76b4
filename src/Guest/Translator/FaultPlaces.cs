// Which operation an emitted instruction belongs to, for those that may fault: the accesses to windows. Code is written from low addresses
// to high ones, so the list is sorted as it grows.
using Lguest.Guest.Decode;
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
    /// <param name="pointer">The x87's instruction pointer, if the state has an older one.</param>
    /// <param name="spent">What earlier turns of a loop have to take off the budget.</param>
    /// <param name="block">That of the operation.</param>
    public void Add(uint position, Block* block, Op* op, bool adjustDirty, uint? pointer, int spent) =>
        _places.Add(new Place(position, (nint)block, (nint)op, adjustDirty, pointer, spent));

    /// <summary>What was written from an offset on is not there any more.</summary>
    public void ForgetFrom(uint position)
    {
        int count = _places.Count;
        while (count > 0 && _places[count - 1].Position >= position)
            count--;
        _places.RemoveRange(count, _places.Count - count);
    }

    /// <summary>What is known of an instruction; null if it is not one that may fault.</summary>
    public Place? Find(uint position)
    {
        int low = 0, high = _places.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            var place = _places[middle];
            if (place.Position == position)
                return place;
            if (place.Position < position)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return null;
    }

    /// <summary>An instruction that may fault, as <see cref="Add"/> has it.</summary>
    internal readonly record struct Place(uint Position, nint Block, nint Op, bool AdjustDirty, uint? Pointer, int Spent);
}
