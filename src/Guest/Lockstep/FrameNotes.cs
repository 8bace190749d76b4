// Which frames a processor has written since the two were last the same. The soft TLB is emptied at the start of each stretch, so that the
// first store to a page takes the slow path, which notes it here: before it is written, so that its old bytes can be kept.
using System.Runtime.InteropServices;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Lockstep;

/// <summary>The frames that one processor has written.</summary>
/// <param name="memory">Its memory.</param>
/// <param name="keeps">Whether to keep the bytes that were there.</param>
internal sealed unsafe class FrameNotes(GuestMemory memory, bool keeps)
{
    private readonly bool[] _isNoted = new bool[memory.FrameLimit];
    private readonly List<uint> _frames = [];
    private readonly List<byte[]> _before = [];

    /// <summary>Those that are noted, each once.</summary>
    public ReadOnlySpan<uint> Frames => CollectionsMarshal.AsSpan(_frames);

    /// <summary>A frame is about to be written.</summary>
    public void Add(uint frame)
    {
        if (_isNoted[frame])
            return;
        _isNoted[frame] = true;
        if (keeps)
        {
            // Pages of earlier stretches serve again.
            if (_before.Count == _frames.Count)
                _before.Add(new byte[GuestMemory.PageSize]);
            Page(frame).CopyTo(_before[_frames.Count]);
        }

        _frames.Add(frame);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        foreach (uint frame in _frames)
            _isNoted[frame] = false;
        _frames.Clear();
    }

    /// <summary>Puts the old bytes back, and forgets all.</summary>
    public void Undo()
    {
        for (int i = 0; i < _frames.Count; i++)
        {
            if (!Page(_frames[i]).SequenceEqual(_before[i]))
                memory.TryWrite(new GuestPhysical(_frames[i] << GuestMemory.PageShift), _before[i]);
        }

        Clear();
    }

    private Span<byte> Page(uint frame) => new(memory.Base + ((nint)frame << GuestMemory.PageShift), GuestMemory.PageSize);
}
