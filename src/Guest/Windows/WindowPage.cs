// One page of a window, in one word: whether it is mapped, of which frame, and whether it may be written.
namespace Lguest.Guest.Windows;

/// <summary>A mapped page; the word 0 stands for none.</summary>
internal readonly record struct WindowPage(uint Word)
{
    private const uint Mapped = 1;
    private const uint Writable = 2;
    private const int FrameShift = 2;

    public WindowPage(uint frame, bool writable)
        : this((frame << FrameShift) | (writable ? Writable : 0) | Mapped)
    {
    }

    public bool IsMapped => Word != 0;

    public bool IsWritable => (Word & Writable) != 0;

    public uint Frame => Word >> FrameShift;

    public WindowPage ReadOnly => new(Word & ~Writable);

    /// <summary>The page so many pages on, if frames follow upon each other.</summary>
    public WindowPage After(int pages) => new(Word + ((uint)pages << FrameShift));

    /// <summary>Whether the host has one mapping for this page and the one behind it.</summary>
    public bool IsFollowedBy(WindowPage next) => IsMapped ? next.Word == After(1).Word : !next.IsMapped;
}

/// <summary>Windows are looked through by chunks of 4 MiB, as much as one page table covers.</summary>
internal static class WindowChunk
{
    public const int Pages = 1024;

    public static uint Of(uint linear) => linear >> 22;

    public static uint Start(uint chunk) => chunk << 22;
}
