// Feeds Iced's decoder with Guest code, byte by byte, so that exactly the bytes that an instruction needs are looked at: the next page is
// touched only when an instruction really reaches into it.
using Iced.Intel;

namespace Lguest.Guest.Decode;

/// <summary>Reads one page, and the page after it once that is given.</summary>
internal sealed unsafe class PageReader : CodeReader
{
    private const int LongestInstruction = 15;

    private byte* _page;
    private byte* _next;
    private uint _position;
    private readonly byte[] _bytes = new byte[LongestInstruction];
    private int _count;

    /// <summary>Set when a byte after the page was wanted while no next page was given.</summary>
    public bool WantsNext { get; private set; }

    /// <summary>Highest offset that may be read, for code segments with a limit.</summary>
    public uint Last { get; set; }

    /// <summary>Set when a byte after <see cref="Last"/> was wanted.</summary>
    public bool BeyondLimit { get; private set; }

    /// <summary>What has been read since <see cref="Set"/>: the instruction, once it is decoded.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <param name="page">Host address of the page.</param>
    /// <param name="offset">Where in the page to begin.</param>
    /// <param name="next">Host address of the page after it, or null.</param>
    public void Set(byte* page, uint offset, byte* next)
    {
        _page = page;
        _position = offset;
        _next = next;
        _count = 0;
        WantsNext = false;
        BeyondLimit = false;
    }

    public override int ReadByte()
    {
        uint at = _position;
        if (at > Last)
        {
            BeyondLimit = true;
            return -1;
        }

        _position++;
        byte read;
        if (at < 4096)
        {
            read = _page[at];
        }
        else if (_next != null)
        {
            read = _next[at - 4096];
        }
        else
        {
            WantsNext = true;
            return -1;
        }

        if (_count < LongestInstruction)
            _bytes[_count++] = read;
        return read;
    }
}
