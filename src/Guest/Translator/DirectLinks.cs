// Jumps that lead from the code of one block straight into that of another.
//
//J:Translator:127 Straight on
// A branch that follows Op.Target and then Op.Native loads twice before it knows where it goes, and a kernel whose blocks are executed a
// few times each finds neither in the cache, nor its jump among those that the processor predicts. So the way by the links is only the
// first one. A branch ends in a plain jump, which leads to a few instructions apart that take that way. When the interpreter has linked
// the branch and its destination has code, the jump's four bytes are written again, and lead there.
//
// What cuts a link must cut the jump. A block that is forgotten gets a way out written over its head, so nobody has to know who jumps
// there; it leads on by the links once the interpreter has found what stands there now. A link into another page is good for one mapping
// epoch; user code has many and keeps asking, but the kernel's goes on for as long as its code stays, so its jumps are written too, and all
// of them led back when it ends.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

/// <summary>The jumps of one engine's code that may be written again.</summary>
internal sealed unsafe class DirectLinks(EngineState* state, CodeWriter writer, EntryStubs stubs)
{
    private readonly nint _firstCode = writer.AddressOf(stubs.End);

    /// <summary>By the link, or the end of a block, that the interpreter links.</summary>
    private readonly Dictionary<nint, Jump> _jumps = [];

    /// <summary>By the first operation of a block without code: what will jump there.</summary>
    private readonly Dictionary<nint, List<(Jump Jump, uint? Epoch)>> _waiting = [];

    /// <summary>Those that are good for one epoch of the kernel's.</summary>
    private readonly List<Jump> _crossing = [];

    /// <summary>Bytes of a list beside its elements: two objects.</summary>
    private const int ListObject = 56;

    /// <summary>Counts the epochs of the kernel's code.</summary>
    private uint _epoch;

    /// <summary>Bytes of the lists, as near as their lengths tell.</summary>
    public long Bytes => SizeOf(_jumps) + SizeOf(_waiting) + (_crossing.Capacity * (long)sizeof(Jump))
        + _waiting.Values.Sum(list => ListObject + (list.Capacity * (long)sizeof((Jump, uint?))));

    /// <summary>Told of a block one of whose jumps has been written again.</summary>
    public Action<nint>? Changed { get; set; }

    /// <summary>Where a jump is.</summary>
    /// <param name="Block">The block that it ends.</param>
    /// <param name="Position">Behind the jump, as <see cref="CodeWriter.Resolve(uint, uint)"/> has it.</param>
    /// <param name="Slow">The way by the links.</param>
    /// <param name="Past">For a block that just runs on: behind the jump that goes on if this one leads nowhere; else 0.</param>
    public readonly record struct Jump(nint Block, uint Position, uint Slow, uint Past);

    /// <summary>A block has been translated, and ends with a jump for a branch, or for its end.</summary>
    public void Add(Op* end, Jump jump)
    {
        var block = (Block*)jump.Block;
        var first = Block.Head(block);
        if (jump.Past != 0)
        {
            _jumps[(nint)end] = jump;
            if (end->Native == stubs.Fall || (end->Native == stubs.FallChecked && IsGood(end)))
                Lead(jump, end->Target, end->Native == stubs.FallChecked);
            return;
        }

        var link = end->Target;
        if (link <= first || link >= first + block->Ops)
        {
            Lead(jump, link, isCrossing: false);
            return;
        }

        _jumps[(nint)link] = jump;
        if (link->Native == stubs.Checked && IsGood(link))
            Lead(jump, link->Target, isCrossing: true);
    }

    /// <summary>The interpreter has linked a branch, or a block's end, to a block.</summary>
    public void Linked(Op* link, Op* head, bool isCrossing)
    {
        if (_jumps.TryGetValue((nint)link, out var jump))
            Lead(jump, head, isCrossing);
    }

    /// <summary>A block has code now.</summary>
    public void Translated(Op* head)
    {
        if (!HasCode(head) || !_waiting.Remove((nint)head, out var waiting))
            return;
        foreach (var (jump, epoch) in waiting)
        {
            if (epoch is null || epoch == _epoch)
                Lead(jump, head, epoch is not null);
        }
    }

    /// <summary>A block is being forgotten: whatever jumps to its code leaves there.</summary>
    public void Forget(Block* block)
    {
        var head = Block.Head(block);
        for (uint i = 1; i < block->Ops; i++)
            _jumps.Remove((nint)(head + i));
        _waiting.Remove((nint)head);
        Replace(head);
    }

    /// <summary>The code of a block will not be good any more: whatever jumps there goes on by the block's first operation.</summary>
    public void Replace(Op* head)
    {
        if (!HasCode(head))
            return;
        uint end = writer.Position;
        writer.Position = OffsetOf(head);
        writer.Set64(R10, (ulong)head);
        writer.JumpThrough(R10, StateOffsets.OpNative);
        writer.Position = end;
    }

    /// <summary>The kernel's code may be elsewhere.</summary>
    public void EndEpoch()
    {
        _epoch++;
        foreach (var jump in _crossing)
        {
            writer.Resolve(jump.Position, jump.Slow);
            Changed?.Invoke(jump.Block);
        }

        _crossing.Clear();
    }

    /// <summary>All code is gone.</summary>
    /// <param name="givesBack">Whether the memory of the lists goes with it.</param>
    public void Clear(bool givesBack)
    {
        _jumps.Clear();
        _waiting.Clear();
        _crossing.Clear();
        if (!givesBack)
            return;
        _jumps.TrimExcess();
        _waiting.TrimExcess();
        _crossing.TrimExcess();
    }

    /// <summary>Whether a link that is good for one epoch is good now. What is translated is about to be executed, so the epoch is that of
    /// its code.</summary>
    private bool IsGood(Op* link) => link->Imm == state->Epoch;

    private static long SizeOf<TValue>(Dictionary<nint, TValue> table) =>
        table.Capacity * (long)((4 * sizeof(int)) + sizeof(nint) + Unsafe.SizeOf<TValue>());

    private bool HasCode(Op* head) => head->Native >= _firstCode;

    private uint OffsetOf(Op* head) => (uint)(head->Native - writer.AddressOf(0));

    private void Lead(Jump jump, Op* head, bool isCrossing)
    {
        if (isCrossing && (((Block*)jump.Block)->Mode & ModeBits.User) != 0)
            return;
        if (!HasCode(head))
        {
            if (!_waiting.TryGetValue((nint)head, out var waiting))
                _waiting[(nint)head] = waiting = [];
            waiting.Add((jump, isCrossing ? _epoch : null));
            return;
        }

        if (jump.Past != 0)
        {
            writer.Resolve(jump.Past, OffsetOf(head));
            writer.Resolve(jump.Position, jump.Position);
        }
        else
        {
            writer.Resolve(jump.Position, OffsetOf(head));
        }

        if (isCrossing)
            _crossing.Add(jump);
        Changed?.Invoke(jump.Block);
    }
}
