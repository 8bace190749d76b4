// The sixteen characters that a 16550A holds for its driver, as a plain value.

using System.Runtime.CompilerServices;

namespace Lguest.Pc.Chips;

/// <summary>Up to sixteen characters, each with the LSR bits that came with it (low byte the character, high byte errors).</summary>
public struct ReceiveFifo
{
    /// <summary>The depth in FIFO mode.</summary>
    public const int Capacity = 16;

    private Slots _slots;
    private byte _first;

    /// <summary>Characters held.</summary>
    public byte Count { get; private set; }

    /// <summary>The LSR bits of the first character.</summary>
    public readonly byte FirstErrors => Count == 0 ? (byte)0 : (byte)(_slots[_first] >> 8);

    /// <summary>Whether any character came with an error.</summary>
    public readonly bool HasErrors
    {
        get
        {
            for (int i = 0; i < Count; i++)
                if (_slots[(_first + i) % Capacity] > byte.MaxValue)
                    return true;
            return false;
        }
    }

    /// <summary>Adds one at the end; the caller has looked that there is room.</summary>
    public void Add(byte character, byte errors)
    {
        _slots[(_first + Count) % Capacity] = (ushort)((errors << 8) | character);
        Count++;
    }

    /// <summary>Takes the first one; 0 if there is no character.</summary>
    public byte Take()
    {
        if (Count == 0)
            return 0;
        byte character = (byte)_slots[_first];
        _first = (byte)((_first + 1) % Capacity);
        Count--;
        return character;
    }

    /// <summary>The errors of the first character were told.</summary>
    public void ForgiveFirst()
    {
        if (Count > 0)
            _slots[_first] &= byte.MaxValue;
    }

    [InlineArray(Capacity)]
    private struct Slots
    {
        private ushort _slot;
    }
}
