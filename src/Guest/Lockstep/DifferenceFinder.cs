// A difference is seen at the end of a stretch, which may be many thousand instructions long. So the stretch is lived again in small steps,
// by the translator and by an interpreter that starts from the same memory, until a step ends in two states. The interpreter ends each
// step, for code is not entered with little budget left, and may hide what it does; so the state at which code is left between two blocks
// is compared as well. The blocks of the step are the suspects, and they are shown with the code that was made of them.
using System.Text;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Lockstep;

/// <summary>Looks for the blocks where a difference comes from.</summary>
/// <param name="pair">Who has found it.</param>
/// <param name="second">The translator's processor, behind the difference.</param>
/// <param name="replay">What it takes for the machine.</param>
internal sealed unsafe class DifferenceFinder(LockstepPair pair, Processor second, SecondMachine replay)
{
    /// <summary>The smallest budget with which emitted code is entered, and larger ones: some code asks for several turns of a loop at
    /// once.</summary>
    private static readonly int[] _steps = [BlockBuilder.MaxInstructions + 1, 20 * BlockBuilder.MaxInstructions, int.MaxValue];

    private const int MostBlocks = 100;

    /// <summary>States at which the code of one step was left.</summary>
    private readonly List<CpuState> _left = [];

    /// <summary>Where it comes from, as text in several lines.</summary>
    /// <param name="until">Instructions at the end of the stretch.</param>
    public string Tell(ulong until)
    {
        second.Notes!.Undo();
        using GuestMemory start = pair.LikeFirst(), memory = pair.LikeFirst();
        Copy(second.Memory, start);
        ((TranslatorEngine)second.Engine).Left = op => Leave((Op*)op);
        var otherReplay = pair.Replaying(memory, EngineKind.Interpreter, null, out var other);
        using (other)
        {
            foreach (int step in _steps)
            {
                Copy(start, memory);
                Copy(start, second.Memory);
                if (Live(until, step, other, otherReplay) is { } told)
                    return told;
            }
        }

        return "it does not come again when the stretch is lived again in small steps";
    }

    /// <summary>Makes one memory like another.</summary>
    private static void Copy(GuestMemory from, GuestMemory to)
    {
        for (uint frame = 0; frame < from.FrameLimit; frame++)
        {
            var page = LockstepPair.Page(from, frame);
            if (!page.SequenceEqual(LockstepPair.Page(to, frame)))
                to.TryWrite(new GuestPhysical(frame << GuestMemory.PageShift), page);
        }
    }

    /// <summary>Lives the stretch in steps of one size; null if nothing comes of it.</summary>
    private string? Live(ulong until, int step, Processor other, SecondMachine otherReplay)
    {
        replay.Rewind();
        otherReplay.Rewind();
        other.Notes!.Clear();
        second.Notes!.Clear();
        pair.PutAtStart(second);
        pair.PutAtStart(other);
        while (other.Instructions < until + MostBlocks)
        {
            var from = *other.State;
            _left.Clear();
            long budget = Math.Min(step, (long)(until - from.Retired) + MostBlocks);
            second.RunAlone(budget);
            string? why = OfLeft(other);
            long left = budget - (long)(other.Instructions - from.Retired);
            if (why is null && left > 0)
                other.RunAlone(left);
            var state = Differences.StateOf(other, otherReplay);
            why ??= Differences.OfWay(replay, otherReplay.Told)
                ?? Differences.OfStates(state, Differences.StateOf(second, replay)) ?? Differences.OfMemories(other, second);
            if (otherReplay.Astray is { } astray)
                return $"the interpreter cannot live it again either: {astray}";
            if (why is not null)
                return $"first in these blocks: {why}\n{Blocks(from, other, state.Retired)}";
            if (otherReplay.Told is not null || otherReplay.Astray is not null || other.Instructions == from.Retired)
                break;
            other.Notes.Clear();
            second.Notes.Clear();
        }

        return null;
    }

    /// <summary>Code was left at an operation: of interest if that is between two blocks.</summary>
    private void Leave(Op* op)
    {
        bool isInside = op->Index > 0 && op->Role is not (OpRole.End or OpRole.Link);
        if (isInside)
            return;
        var state = *second.State;
        state.Retired = second.Instructions + op->Index;
        _left.Add(state);
    }

    /// <summary>The first difference where code was left; the interpreter comes as far.</summary>
    private string? OfLeft(Processor other)
    {
        foreach (var state in _left)
        {
            if (state.Retired > other.Instructions)
                other.RunAlone((long)(state.Retired - other.Instructions));
            if (state.Retired == other.Instructions && Differences.OfStates(*other.State, state) is { } why)
                return why;
        }

        return null;
    }

    /// <summary>The blocks of one step, each with its code.</summary>
    private string Blocks(CpuState from, Processor other, ulong until)
    {
        other.Notes!.Undo();
        second.Notes!.Undo();
        *other.State = from;
        other.RefreshMode();
        other.FlushTlb();
        StringBuilder text = new();
        HashSet<uint> told = [];
        for (int i = 0; i < MostBlocks && (i == 0 || other.Instructions < until); i++)
        {
            uint eip = other.State->Eip;
            if (told.Add(eip))
                text.Append(CodeOf(eip, *other.State));
            if (other.RunAlone(1) == 0)
                break;
        }

        return text.ToString();
    }

    private string CodeOf(uint eip, CpuState state)
    {
        *second.State = state;
        second.RefreshMode();
        second.FlushTlb();
        second.Execution->Exit = ExitKind.Continue;
        var head = second.Blocks.Find(eip);
        if (head == null)
            return $"block {eip:x8} cannot be fetched\n";
        return $"block {eip:x8}\n{((TranslatorEngine)second.Engine).Inspector!.Describe((Block*)head - 1)}";
    }
}
