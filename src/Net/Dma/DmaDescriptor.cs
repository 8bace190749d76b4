// struct lguest_dma, the one structure of generation 1 I/O: up to sixteen sections of memory, and a word for the number of bytes stored
// there. It is read once, as a whole, since the Guest may run and change it meanwhile.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>A DMA descriptor as it was when it was read (ABI sheet 9.2: 100 bytes, little-endian).</summary>
public readonly struct DmaDescriptor
{
    /// <summary>Bytes of a descriptor in memory.</summary>
    public const int Size = 100;

    /// <summary>The most sections (LGUEST_MAX_DMA_SECTIONS).</summary>
    public const int MostSections = 16;

    /// <summary>The most bytes that good sections name.</summary>
    public const int MostBytes = MostSections * GuestMemory.PageSize;

    private const int AddressesAt = 4;
    private const int LengthsAt = 68;
    private readonly Image _image;

    private DmaDescriptor(in Image image)
    {
        _image = image;
        while (Count < MostSections && LengthOf(Count) != 0)
            Count++;
    }

    /// <summary>used_len: 0 while the buffer is free.</summary>
    public uint UsedLength => BinaryPrimitives.ReadUInt32LittleEndian(_image);

    /// <summary>Sections before the first of length 0.</summary>
    public int Count { get; }

    /// <summary>Bytes of all sections.</summary>
    public int Length
    {
        get
        {
            int length = 0;
            for (int i = 0; i < Count; i++)
                length += LengthOf(i);
            return length;
        }
    }

    /// <summary>A section, 0 to <see cref="Count"/> - 1.</summary>
    public DmaSection this[int index] => new(
        new GuestPhysical(BinaryPrimitives.ReadUInt32LittleEndian(((ReadOnlySpan<byte>)_image)[(AddressesAt + (index * sizeof(uint)))..])),
            LengthOf(index));

    /// <summary>Reads a descriptor; null if it does not lie in memory.</summary>
    public static DmaDescriptor? Read(GuestMemory memory, GuestPhysical at)
    {
        var image = default(Image);
        return memory.TryRead(at, image) ? new DmaDescriptor(image) : null;
    }

    /// <summary>Writes used_len of the descriptor at an address.</summary>
    /// <returns>False if it does not lie in memory.</returns>
    public static bool SetUsedLength(GuestMemory memory, GuestPhysical at, uint length) => memory.TryWrite(at, length);

    /// <summary>The first section that may not take part in a transfer; null if all may.</summary>
    public DmaSection? FirstBad(GuestMemory memory)
    {
        for (int i = 0; i < Count; i++)
            if (!this[i].IsGood(memory))
                return this[i];
        return null;
    }

    private int LengthOf(int index) => BinaryPrimitives.ReadUInt16LittleEndian(
        ((ReadOnlySpan<byte>)_image)[(LengthsAt + (index * sizeof(ushort)))..]);

    [InlineArray(Size)]
    private struct Image
    {
        private byte _first;
    }
}
