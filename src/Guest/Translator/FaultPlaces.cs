// Which operation an emitted instruction belongs to, for those that may fault: the accesses to windows. Code is written from low addresses
// to high ones, so the list is sorted as it grows. A Guest has twenty thousand of them and asks for few, so each is two numbers; what most
// do not have lies apart.
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>Offsets in the code memory, ascending.</summary>
/// <param name="blocks">Where the first block is; all are multiples of eight bytes from there.</param>
internal sealed unsafe class FaultPlaces(nint blocks)
{
    private const int Unit = 8, OpBits = 7;

    private readonly List<(uint Position, uint Word)> _places = [];
    private readonly Dictionary<uint, Rare> _rare = [];

    /// <summary>Bytes of the lists.</summary>
    public long Bytes => (_places.Capacity * (long)sizeof((uint, uint))) + (_rare.Capacity * (long)(sizeof(Rare) + (4 * sizeof(int))));

    /// <summary>An instruction at an offset, behind all others, reaches memory for an operation.</summary>
    /// <param name="position">Of its first byte.</param>
    /// <param name="op">What the interpreter does in its place.</param>
    /// <param name="adjustDirty">Whether AF is what the host left, where it should be clear.</param>
    /// <param name="pointer">The x87's instruction pointer, if the state has an older one.</param>
    /// <param name="spent">What earlier turns of a loop have to take off the budget.</param>
    /// <param name="block">That of the operation.</param>
    public void Add(uint position, Block* block, Op* op, bool adjustDirty, uint? pointer, int spent)
    {
        uint number = (uint)(op - Block.Head(block));
        uint unit = (uint)(((nint)block - blocks) / Unit);
        _places.Add((position, (unit << (OpBits + 1)) | (number << 1) | (adjustDirty ? 1u : 0)));
        if (pointer is not null || spent != 0)
            _rare[position] = new Rare(pointer, spent);
    }

    /// <summary>What was written from an offset on is not there any more.</summary>
    public void ForgetFrom(uint position)
    {
        int count = _places.Count;
        for (; count > 0 && _places[count - 1].Position >= position; count--)
            _rare.Remove(_places[count - 1].Position);
        _places.RemoveRange(count, _places.Count - count);
    }

    /// <summary>No code is there any more.</summary>
    /// <param name="givesBack">Whether the memory of the lists goes with it.</param>
    public void Clear(bool givesBack)
    {
        _places.Clear();
        _rare.Clear();
        if (!givesBack)
            return;
        _places.TrimExcess();
        _rare.TrimExcess();
    }

    /// <summary>What is known of an instruction; null if it is not one that may fault.</summary>
    public Place? Find(uint position)
    {
        int low = 0, high = _places.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (_places[middle].Position == position)
                return PlaceOf(_places[middle].Word, _rare.GetValueOrDefault(position));
            if (_places[middle].Position < position)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return null;
    }

    private Place PlaceOf(uint word, Rare rare)
    {
        var block = (Block*)(blocks + (nint)((word >> (OpBits + 1)) * Unit));
        var op = Block.Head(block) + ((word >> 1) & ((1 << OpBits) - 1));
        return new Place((nint)block, (nint)op, (word & 1) != 0, rare.Pointer, rare.Spent);
    }

    /// <summary>An instruction that may fault, as <see cref="Add"/> has it.</summary>
    internal readonly record struct Place(nint Block, nint Op, bool AdjustDirty, uint? Pointer, int Spent);

    private readonly record struct Rare(uint? Pointer, int Spent);
}
