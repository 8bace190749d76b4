// The cable between a board's serial port and what is at its other end, a terminal as a rule. The board belongs to the thread that runs its
// processor, the other end to somebody else: what crosses over goes in pieces, and nobody waits for anybody.

namespace Lguest.Pc;

/// <summary>Bytes in both directions.</summary>
public sealed class SerialLine
{
    private const int MostAtATime = 4096;

    private readonly byte[] _sent = new byte[MostAtATime];
    private int _count;
    private volatile byte[]? _typed;
    private int _taken;

    /// <summary>Takes what the Guest sends, in pieces; called by the owner of the board. Null: it is lost.</summary>
    public Action<ReadOnlyMemory<byte>>? Print { get; set; }

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

    /// <summary>Somebody types; only while <see cref="WantsInput"/>. One thread at a time.</summary>
    public void Type(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _typed = bytes.ToArray();
        Attention?.Invoke();
    }

    /// <summary>The Guest sends a byte. Owner of the board.</summary>
    internal void Send(byte value)
    {
        _sent[_count++] = value;
        if (_count == MostAtATime)
            Flush();
    }

    /// <summary>What was sent goes out now. Owner of the board.</summary>
    internal void Flush()
    {
        if (_count == 0)
            return;
        HasPrinted = true;
        Print?.Invoke(_sent.AsSpan(0, _count).ToArray());
        _count = 0;
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
