// The machine as the second processor sees it: a script of what the first has been told. A question that is not the next one in the script
// is a difference.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Lockstep;

/// <summary>What the first processor came to at a trap.</summary>
internal readonly record struct TrapTold(byte Vector, uint Error, TrapCause Cause, uint Address);

/// <summary>Answers from a script, without a bus.</summary>
/// <param name="first">The processor that the script was written with.</param>
/// <param name="machine">What may be asked as often as one likes.</param>
/// <param name="script">What it was told, in order.</param>
internal unsafe class SecondMachine(Processor first, IMachine machine, List<Answer> script) : IMachine
{
    private int _next;

    /// <summary>The trap at which it has stopped; null if it has not come to one.</summary>
    public TrapTold? Told { get; private set; }

    /// <summary>The state at that trap.</summary>
    public CpuState AtTrap { get; private set; }

    /// <summary>Instructions at that trap.</summary>
    public ulong CountAtTrap { get; private set; }

    /// <summary>A question that was not in the script, and what is there instead.</summary>
    public string? Astray { get; private set; }

    /// <summary>Whether all questions of the script have been asked.</summary>
    public bool IsAtEnd => _next == script.Count;

    /// <summary>The processor that asks.</summary>
    public Processor Processor { get; set; } = null!;

    /// <summary>The script begins again.</summary>
    public void Rewind()
    {
        _next = 0;
        Told = null;
        Astray = null;
    }

    public void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        Told = new TrapTold(vector, errorCode, cause, address.Value);
        AtTrap = *processor.State;
        CountAtTrap = processor.Instructions;
        processor.Stop();
    }

    public void Poll(Processor processor)
    {
        // Only the first hears of those who want attention.
    }

    public bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address)
    {
        if (machine.AcceptEntry(first, level, entry, address))
            return true;
        processor.Stop();
        return false;
    }

    public ulong ReadTimeStamp(Processor processor) => Replay(Question.TimeStamp, 0, 0, 0).Value;

    /// <summary>The script's answer to a question, with all that happened meanwhile.</summary>
    protected Answer Replay(Question question, ulong address, int bytes, ulong written)
    {
        Answer asked = new(question, Processor.Instructions, address, bytes, written);
        if (Astray is not null || IsAtEnd || !script[_next].IsSame(asked))
        {
            Astray ??= $"it asked {asked.Asked}; the other {(IsAtEnd ? "asked nothing more" : $"asked {script[_next].Asked}")}";
            Processor.Stop();
            return asked;
        }

        var answer = script[_next++];
        foreach (var (frame, content) in answer.Frames)
        {
            Processor.Notes?.Add(frame);
            Processor.Memory.TryWrite(new GuestPhysical(frame << GuestMemory.PageShift), content);
        }

        if (answer.IsRefused)
            Processor.RefuseStore();
        return answer;
    }
}
