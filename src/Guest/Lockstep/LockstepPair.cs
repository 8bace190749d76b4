// The engine that is two: the interpreter runs the Guest, and the translator runs it again, a stretch at a time, on a memory of its own; at
// the end of each stretch all that a Guest can see must be the same. It is for finding faults of the translator, and slow.
//
//J:Translator:900 Two engines side by side
// A stretch goes from one call of the machine to the next, for what the machine does, a hypercall, an interrupt, a frame in memory, is done
// once. The first processor belongs to the Guest and runs first. When it comes to a trap or to a poll, or its slice is over, the second
// starts where the first one started, with the same registers and the same memory. What the first was told in the middle of an instruction,
// by a port, a device or the clock, is read to the second from a script. Then the two are compared: count of instructions, registers,
// flags, units, and each page that either of them has written. Only then does the machine hear of the trap, and what it changes in
// registers and memory is given to the second as well.
//
// Devices would spoil it, since they write memory at any moment. So the memory has a gate, and they wait in front of it during a stretch.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Lockstep;

/// <summary>A processor and its twin. For the thread that owns the first.</summary>
internal sealed unsafe class LockstepPair : IDisposable
{
    /// <summary>Code that runs twice is translated: what is interpreted by both finds no fault.</summary>
    private const uint HotAfter = 2;

    private readonly Processor _first;
    private readonly IMachine _machine;
    private readonly GuestMemory _mirror;
    private readonly MemoryGate _gate = new();
    private readonly List<Answer> _script = [];
    private readonly SecondMachine _replay;
    private readonly Processor _second;
    private CpuState _start;
    private bool _awaitsWindow;
    private long _budget;
    private long _deliveries;
    private bool _isInside;
    private bool _isCopied;

    /// <param name="first">The Guest's processor; nothing has run on it.</param>
    /// <param name="machine">What stands behind it.</param>
    /// <param name="settings">Bounds of the translator.</param>
    /// <exception cref="NotSupportedException">This host cannot run the translator.</exception>
    public LockstepPair(Processor first, IMachine machine, TranslatorSettings settings)
    {
        _first = first;
        _machine = machine;
        Machine = machine is IBus bus ? new FirstBus(this, machine, bus) : new FirstMachine(this, machine);
        _mirror = LikeFirst();
        var eager = settings with
        {
            HotAfter = Math.Min(settings.HotAfter, HotAfter),
            ShortestStretch = 1,
            Windows = false,
            Describes = true,
        };
        _replay = Replaying(_mirror, EngineKind.Translator, eager, out _second);
        _first.Notes = new FrameNotes(first.Memory, keeps: false);
        first.Memory.Gate = _gate;
    }

    /// <summary>What the first processor takes for the machine.</summary>
    public IMachine Machine { get; }

    /// <summary>Stretches that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>The second processor.</summary>
    internal Processor Second => _second;

    /// <summary>As <see cref="Processor.Run"/>.</summary>
    /// <exception cref="EngineDifferenceException">The engines do not do the same.</exception>
    public ulong Run(long instructions)
    {
        Close();
        try
        {
            Begin(instructions);
            ulong done = _first.RunAlone(instructions);
            if (_first.IsHalted || _first.LeftOver <= 0)
                FollowAndCompare(null);
            else
                FollowTo(_first.LeftOver);
            return done;
        }
        finally
        {
            if (_isInside)
                Open();
        }
    }

    /// <summary>The first has come to a trap.</summary>
    public void Trapped(TrapTold trap) => FollowAndCompare(trap);

    /// <summary>The first has come to a poll.</summary>
    public void Polled() => FollowTo(_first.Execution->Budget);

    /// <summary>Others may write memory.</summary>
    public void Open()
    {
        _isInside = false;
        _gate.Exit();
    }

    /// <summary>The machine has done what it does between two instructions: a new stretch begins.</summary>
    public void Begin()
    {
        Close();
        Begin(_first.Execution->Budget);
    }

    /// <summary>Asks the machine in the middle of an instruction, and writes down what it answers.</summary>
    public Answer Ask(Question question, ulong address, int bytes, ulong written, Action<Answer> machine)
    {
        Answer answer = new(question, _first.Instructions, address, bytes, written);
        Open();
        machine(answer);
        Close();
        _gate.Take(frame => answer.Frames.Add((frame, Page(_first.Memory, frame).ToArray())));
        answer.IsRefused = _first.IsStoreRefused;
        _script.Add(answer);
        return answer;
    }

    public void Dispose()
    {
        _first.Memory.Gate = null;
        _second.Dispose();
        _mirror.Dispose();
    }

    /// <summary>Another processor that can live the same stretch again.</summary>
    /// <param name="memory">Its memory.</param>
    /// <param name="engine">Its engine.</param>
    /// <param name="settings">Bounds of the translator.</param>
    /// <param name="processor">The processor.</param>
    internal SecondMachine Replaying(GuestMemory memory, EngineKind engine, TranslatorSettings? settings, out Processor processor)
    {
        var replay = _machine is IBus bus ? new SecondBus(_first, _machine, bus, _script) : new SecondMachine(_first, _machine, _script);
        processor = new Processor(memory, replay, engine, settings) { Notes = new FrameNotes(memory, keeps: true) };
        replay.Processor = processor;
        return replay;
    }

    /// <summary>A memory as large as the first one's.</summary>
    internal GuestMemory LikeFirst()
    {
        var memory = _first.Memory;
        int devicePages = (int)((memory.Length - memory.RamBytes) >> GuestMemory.PageShift);
        return new GuestMemory(memory.RamBytes, devicePages, memory.LowBytes < memory.Length ? memory.LowBytes : null);
    }

    /// <summary>A processor is where the stretch began.</summary>
    internal void PutAtStart(Processor processor)
    {
        *processor.State = _start;
        processor.HostOwnsRing0 = _first.HostOwnsRing0;
        processor.AwaitsWindow = _awaitsWindow;
        processor.MapSameWindow(_first);
        processor.RefreshMode();
        processor.FlushTlb();

        // The machine has told only the first of descriptors that it changed.
        processor.ForgetDescriptors();
    }

    internal static Span<byte> Page(GuestMemory memory, uint frame) =>
        new(memory.Base + ((nint)frame << GuestMemory.PageShift), GuestMemory.PageSize);

    private void Close()
    {
        _gate.EnterLast();
        _isInside = true;
    }

    private void Begin(long budget)
    {
        for (uint frame = 0; !_isCopied && frame < _mirror.FrameLimit; frame++)
            CopyFrame(frame);
        _isCopied = true;
        foreach (uint frame in _first.Notes!.Frames)
            CopyFrame(frame);
        _gate.Take(CopyFrame);
        _first.Notes.Clear();
        _second.Notes!.Clear();
        _first.FlushTlb();
        _script.Clear();
        _replay.Rewind();
        _start = *_first.State;
        _start.Retired = _first.Instructions;
        _awaitsWindow = _first.AwaitsWindow;
        _budget = budget;
        _deliveries = _first.Deliveries;
    }

    private void CopyFrame(uint frame)
    {
        var page = Page(_first.Memory, frame);
        if (!page.SequenceEqual(Page(_mirror, frame)))
            _mirror.TryWrite(new GuestPhysical(frame << GuestMemory.PageShift), page);
    }

    /// <summary>The second lives the stretch until it comes to its own end.</summary>
    private void FollowAndCompare(TrapTold? trap)
    {
        if (trap is null && _budget <= 0)
            return;
        PutAtStart(_second);
        _second.RunAlone(_budget);
        Compare(trap);
    }

    /// <summary>The second lives the stretch up to where the first was called away: as much budget spent, and as many exceptions
    /// delivered, the last of which may have cost nothing.</summary>
    private void FollowTo(long left)
    {
        long spent = _budget - left;
        long deliveries = _first.Deliveries - _deliveries;
        if (spent == 0 && deliveries == 0)
            return; // and what the machine has changed at the start is not in the state at the start
        PutAtStart(_second);
        if (deliveries > 0)
        {
            _second.StopAtDelivery = _second.Deliveries + deliveries;
            _second.RunAlone(spent + 1);
            _second.StopAtDelivery = long.MaxValue;
            spent = _second.LeftOver - 1;
        }

        if (spent > 0 && _replay.Told is null && _replay.Astray is null)
            _second.RunAlone(spent);
        Compare(null);
    }

    private void Compare(TrapTold? trap)
    {
        Compared++;
        var first = *_first.State;
        first.Retired = _first.Instructions;
        string? why = Differences.OfWay(_replay, trap) ?? Differences.OfStates(first, Differences.StateOf(_second, _replay))
            ?? Differences.OfMemories(_first, _second);
        if (why is null)
            return;
        string where = $"between {_start.Eip:x8} after {_start.Retired} instructions and {first.Eip:x8} after {first.Retired}";
        string told = new DifferenceFinder(this, _second, _replay).Tell(first.Retired);
        throw new EngineDifferenceException($"translator and interpreter differ {where}: {why}\n{told}");
    }
}
