// Guest memory is native: reading it after it was unmapped ends the whole process, not one Guest. Its CPU, its devices and the node's DMA
// end at different times and in no fixed order, so each of them holds the memory for as long as it may touch it.
namespace Lguest.Guest.Memory;

/// <summary>Keeps a <see cref="GuestMemory"/> mapped until it is disposed. Any thread; disposing twice is the same as once.</summary>
public sealed class MemoryHold : IDisposable
{
    private GuestMemory? _memory;

    internal MemoryHold(GuestMemory memory) => _memory = memory;

    public void Dispose() => Interlocked.Exchange(ref _memory, null)?.LetGo();
}
