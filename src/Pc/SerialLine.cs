// The cable between a board's serial port and what is at its other end, a terminal as a rule. The board belongs to the thread that runs its
// processor, the other end to somebody else: what crosses over goes in pieces, and nobody waits for anybody. While the other end takes
// nothing, the cable holds a little, and then the port's transmitter stays busy; unless the other end always takes all, and has its reasons
// to make the board's owner wait for that.

namespace Lguest.Pc;

/// <summary>Bytes in both directions.</summary>
public sealed class SerialLine
{
    private const int MostAtATime = 4096;

    // A driver that has seen an empty transmitter writes as much as a FIFO holds before it looks again; the largest ever built held 128.
    private const int Spare = 128;

    private readonly byte[] _sent = new byte[MostAtATime];
    private int _count;
    private volatile byte[]? _typed;
    private int _taken;

    /// <summary>Takes what the Guest sends, in pieces, and says how much of it; called by the owner of the board, and again, if it did not
    /// take all, when something else happens on the line. Null: it is lost.</summary>
    public Func<ReadOnlyMemory<byte>, int>? Print { get; set; }

    /// <summary>Called by the owner of the board when all that was typed has been taken.</summary>
    public Action? WantsMore { get; set; }

    /// <summary>Called when something was typed. Any thread.</summary>
    public Action? Attention { get; set; }

    /// <summary>Whether the Guest has sent anything.</summary>
    public bool HasPrinted { get; private set; }

    /// <summary>Whether all that was typed has been taken, so that there may be more. Any thread.</summary>
    public bool WantsInput => _typed is null;

    /// <summary>What was typed and not taken yet. Owner of the board.</summary>
    internal ReadOnlyMemory<byte> Typed => _typed is { } typed ? typed.AsMemory(_taken) : default;

    /// <summary>Whether all that was sent has gone out. Owner of the board.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Somebody types; only while <see cref="WantsInput"/>. One thread at a time.</summary>
    public void Type(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _typed = bytes.ToArray();
        Attention?.Invoke();
    }

    /// <summary>Whether there is room for what a driver sends at once. Owner of the board.</summary>
    internal bool HasRoom => _count <= MostAtATime - Spare;

    /// <summary>The Guest sends a byte, which is lost if it does so against <see cref="HasRoom"/> for long. Owner of the board.</summary>
    internal void Send(byte value)
    {
        if (_count == MostAtATime)
            return;
        _sent[_count++] = value;
        if (!HasRoom)
            Flush();
    }

    /// <summary>What was sent goes out now, as far as it is taken. Owner of the board; after the Guest's end, who had the other
    /// end.</summary>
    public void Flush()
    {
        if (_count == 0)
            return;
        HasPrinted = true;
        int taken = Print?.Invoke(_sent.AsMemory(0, _count)) ?? _count;
        _sent.AsSpan(taken, _count - taken).CopyTo(_sent);
        _count -= taken;
    }

    /// <summary>The Guest has taken bytes of <see cref="Typed"/>. Owner of the board.</summary>
    internal void Taken(int count)
    {
        _taken += count;
        if (_typed is not { } typed || _taken < typed.Length)
            return;
        _taken = 0;
        _typed = null;
        WantsMore?.Invoke();
    }
}
