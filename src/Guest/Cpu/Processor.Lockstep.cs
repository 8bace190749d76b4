// What a comparison of two processors wants of each: to stop at a place that the other has come to, and to tell which frames it writes.
using Lguest.Guest.Lockstep;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private LockstepPair? _pair;

    /// <summary>The comparison that this processor is the first of, if its engine is <see cref="EngineKind.Lockstep"/>.</summary>
    internal LockstepPair? Pair => _pair;

    /// <summary>Notes the frames that it writes; null where it is not compared.</summary>
    internal FrameNotes? Notes { get; set; }

    /// <summary>Exceptions and software interrupts since the start, the one that is being delivered included.</summary>
    internal long Deliveries { get; private set; }

    /// <summary>The number of <see cref="Deliveries"/> after which a run ends.</summary>
    internal long StopAtDelivery { get; set; } = long.MaxValue;

    /// <summary>What was left of the budget at the end of the last run.</summary>
    internal long LeftOver { get; private set; }

    /// <summary>Whether the store that is being made to a device has been refused.</summary>
    internal bool IsStoreRefused => _isRefused;

    /// <summary>Becomes the first of a pair; the machine is then what this gives back.</summary>
    private IMachine StartPair(IMachine machine, TranslatorSettings settings)
    {
        try
        {
            _pair = new LockstepPair(this, machine, settings);
        }
        catch (NotSupportedException)
        {
            Memory.CodeWritten = null;
            Engine.Dispose();
            Release();
            throw;
        }

        return _pair.Machine;
    }

    /// <summary>Maps the window that another processor has.</summary>
    internal void MapSameWindow(Processor other)
    {
        _windowBase = other._windowBase;
        _window = other._window;
        _windowLength = other._windowLength;
    }

    /// <summary>A frame is about to be written, at a place in this process.</summary>
    internal void NoteWrite(void* host)
    {
        nint offset = (nint)((byte*)host - Memory.Base);
        if (Notes is { } notes && offset >= 0 && offset < Memory.Length)
            notes.Add((uint)(offset >> GuestMemory.PageShift));
    }
}
