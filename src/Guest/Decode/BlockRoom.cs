// How much room a Guest's blocks and their code get. Most of what a Guest executes while it starts it does not execute again, and most of
// what it does at its shell is new only once. So memory that is given whenever it is wanted would be full of what has been. The room
// is small: when it is used up all is forgotten, and what is needed is soon back, as to decode a block takes a microsecond and to translate
// one five.
//
// Some need more than that at a time: what was forgotten is wanted again at once. Those get more, half as much again each time, up to what
// the settings allow. A Guest that starts has more at first, so that nobody waits longer for its shell. And when a Guest rests it is back
// at the small room, for whatever made it need more is over.
namespace Lguest.Guest.Decode;

/// <summary>Decides how large the room is; the cache tells what goes on.</summary>
/// <param name="most">Bytes that it may become.</param>
internal sealed class BlockRoom(long most)
{
    /// <summary>Bytes for a Guest that has not rested yet. Debian's starts take three or four hundredths longer for it than with room for
    /// all; with half as much they take a sixth longer.</summary>
    public const long ToStart = 12_000_000;

    /// <summary>Bytes for one that has.</summary>
    public const long AtRest = 6_500_000;

    /// <summary>Instructions, a second at the speed of the host or thereabouts: if the room lasts so long, then to fill it again is no
    /// burden.</summary>
    public const ulong LongEnough = 1UL << 30;

    private const int SeenBits = 1 << 18;
    private const uint HashesOfBit = (uint)((1UL << 32) / SeenBits);

    private readonly ulong[] _seen = new ulong[SeenBits / 64];
    private ulong _since;
    private int _decoded, _cameBack;

    /// <summary>Bytes that may be used.</summary>
    public long Bytes { get; private set; } = Math.Min(ToStart, most);

    /// <summary>A block has been decoded.</summary>
    /// <param name="hash">The same for the same block. Its upper bits tell blocks apart, as far as need be: a few are taken for
    /// others.</param>
    public void Decoded(uint hash)
    {
        uint bit = hash / HashesOfBit;
        ref ulong word = ref _seen[bit / 64];
        _decoded++;
        if ((word & (1UL << (int)(bit % 64))) != 0)
            _cameBack++;
        word |= 1UL << (int)(bit % 64);
    }

    /// <summary>The room is full, and all of it is about to be forgotten.</summary>
    /// <param name="instructions">That the Guest has executed since its start.</param>
    public void Full(ulong instructions)
    {
        if (instructions - _since < LongEnough && 8L * _cameBack > 7L * _decoded)
            Bytes = Math.Min(Bytes + (Bytes / 2), most);
        Begin(instructions);
    }

    /// <summary>All is about to be forgotten because the Guest does something else from now on.</summary>
    /// <param name="instructions">That the Guest has executed since its start.</param>
    public void Changed(ulong instructions)
    {
        Array.Clear(_seen);
        Begin(instructions);
    }

    /// <summary>The Guest rests. True if what it uses is more than such a Guest should have, and is to be forgotten.</summary>
    /// <param name="used">Bytes, those that have been forgotten but not given back among them.</param>
    /// <param name="instructions">That the Guest has executed since its start.</param>
    public bool Rested(long used, ulong instructions)
    {
        Bytes = Math.Min(AtRest, most);
        if (used <= Bytes)
            return false;
        Begin(instructions);
        return true;
    }

    private void Begin(ulong instructions)
    {
        _since = instructions;
        _decoded = _cameBack = 0;
    }
}
