// How one block hands over to the next. Every way out of a block passes here: it settles the instruction budget, looks whether somebody
// wants attention, and finds the next block with as little work as the case allows:
//   within the page          a plain pointer, for the page that is executing cannot change under us
//   to another page          a pointer that is good for one mapping epoch (TLB flushes end an epoch)
//   through a register       the jump table of JumpEntry, keyed by EIP, mode and epoch
//
//J:Guest:130 Links
// A fresh branch points to a link operation after its block, which knows the destination's address only. When it runs for the first time
// it finds (or decodes) the destination and, if both are in one page, writes the destination into the branch itself: the link is never
// executed again. Across pages the link stays in between and remembers the epoch in which it was made.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute;

/// <summary>Handlers and helpers for block ends.</summary>
internal static unsafe class Links
{
    /// <summary><see cref="Op.Extra"/> of the end of a block whose successor the run loop finds; 1 is for one in the same page.</summary>
    public const byte ToLoop = 2;

    /// <summary>One address of <see cref="Stale"/>, taken once so that it can be compared.</summary>
    private static readonly nint _stale = (nint)(delegate*<CpuState*, Op*, Op*>)&Stale;

    /// <summary>Makes an operation of a forgotten block harmless. Its operands stay: it may be executing, and have forgotten its block by
    /// its own store.</summary>
    public static void Forget(CpuState* c, Op* op)
    {
        op->Run = (delegate*<CpuState*, Op*, Op*>)_stale;
        op->Native = EngineState.Of(c)->NativeLeave;
    }

    /// <summary>Whether an operation's block has been forgotten, perhaps by the very decoding that a link asked for.</summary>
    private static bool IsForgotten(Op* op) => (nint)op->Run == _stale;

    /// <summary>Leaves a block from the branch <paramref name="op"/>, which retires, to <paramref name="target"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Leave(CpuState* c, Op* op, Op* target)
    {
        EngineState.Of(c)->Budget -= op->Index + 1;
        if (EngineState.Of(c)->Budget > 0 & EngineState.Of(c)->Poll == 0)
            return target;
        c->Eip = target->Eip;
        return null;
    }

    /// <summary>Leaves a block from the branch <paramref name="op"/>, which retires, to an offset in CS known only now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* LeaveTo(CpuState* c, Op* op, uint eip)
    {
        EngineState.Of(c)->Budget -= op->Index + 1;
        if (EngineState.Of(c)->Budget > 0 & EngineState.Of(c)->Poll == 0)
        {
            var guess = EngineState.Of(c)->Jumps + JumpEntry.IndexOf(eip);
            if (guess->Eip == eip && guess->Key == EngineState.Of(c)->JumpKey)
                return guess->Head;
            return FindFresh(c, eip);
        }

        c->Eip = eip;
        return null;
    }

    /// <summary>Link of a taken branch, not yet resolved. Extra = 1: destination in the same page.</summary>
    public static Op* TakenUnlinked(CpuState* c, Op* op)
    {
        var p = Processor.Of(c);
        uint generation = p.Blocks.Generation;
        var head = p.Blocks.Find(op->Eip);
        if (head == null || generation != p.Blocks.Generation || IsForgotten(op))
            return head;
        if (op->Extra != 0 && !CrossesPage(head))
        {
            // The branch's own target pointer is in op->Target; from now on it goes straight to the block.
            op->Target->Target = head;
            p.Engine.Linked(op, head, isCrossing: false);
        }
        else
        {
            op->Target = head;
            op->Imm = EngineState.Of(c)->Epoch;
            op->Run = &TakenChecked;
            op->Native = EngineState.Of(c)->NativeChecked;
            p.Engine.Linked(op, head, isCrossing: true);
        }

        return head;
    }

    /// <summary>Link of a taken branch into another page.</summary>
    public static Op* TakenChecked(CpuState* c, Op* op)
    {
        if (op->Imm == EngineState.Of(c)->Epoch)
            return op->Target;
        var p = Processor.Of(c);
        uint generation = p.Blocks.Generation;
        var head = p.Blocks.Find(op->Eip);
        if (head == null || generation != p.Blocks.Generation)
            return head;
        op->Target = head;
        op->Imm = EngineState.Of(c)->Epoch;
        p.Engine.Linked(op, head, isCrossing: true);
        return head;
    }

    /// <summary>End of a block that just runs on, not yet resolved. Index counts all instructions of the block. Extra = 1: same
    /// page.</summary>
    public static Op* FallUnlinked(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index;
        if (EngineState.Of(c)->Budget <= 0 | EngineState.Of(c)->Poll != 0)
        {
            c->Eip = op->Eip;
            return null;
        }

        var p = Processor.Of(c);
        uint generation = p.Blocks.Generation;
        var head = p.Blocks.Find(op->Eip);
        if (head == null || generation != p.Blocks.Generation || IsForgotten(op))
            return head;
        op->Target = head;
        op->Imm = EngineState.Of(c)->Epoch;
        bool samePage = op->Extra != 0 && !CrossesPage(head);
        op->Run = samePage ? &FallLinked : &FallChecked;
        op->Native = samePage ? EngineState.Of(c)->NativeFall : EngineState.Of(c)->NativeFallChecked;
        p.Engine.Linked(op, head, !samePage);
        return head;
    }

    /// <summary>End of a block that runs on within the page.</summary>
    public static Op* FallLinked(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index;
        if (EngineState.Of(c)->Budget > 0 & EngineState.Of(c)->Poll == 0)
            return op->Target;
        c->Eip = op->Eip;
        return null;
    }

    /// <summary>End of a block that runs on into another page.</summary>
    public static Op* FallChecked(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index;
        if (EngineState.Of(c)->Budget > 0 & EngineState.Of(c)->Poll == 0)
            return TakenChecked(c, op);
        c->Eip = op->Eip;
        return null;
    }

    /// <summary>End of a block whose successor the run loop has to find: single step, non-flat code, a mode change. Index as for the Fall
    /// links.</summary>
    public static Op* FallToLoop(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index;
        c->Eip = op->Eip;
        return null;
    }

    /// <summary>Link of a taken branch, in the same circumstances. The branch has settled the budget.</summary>
    public static Op* TakenToLoop(CpuState* c, Op* op)
    {
        c->Eip = op->Eip;
        return null;
    }

    /// <summary>What an operation of a forgotten block becomes: nothing of it is executed.</summary>
    public static Op* Stale(CpuState* c, Op* op)
    {
        EngineState.Of(c)->Budget -= op->Index;
        c->Eip = op->Eip;
        return null;
    }

    /// <summary>What the first operation of a forgotten block becomes, for blocks that are linked to it for good: the way to whatever
    /// stands there now. Kernels patch themselves once and go that way ever after, so it becomes a link, too.</summary>
    public static Op* Signpost(CpuState* c, Op* op)
    {
        op->Imm = 0; // no epoch, so it is made at once
        op->Run = &TakenChecked;
        op->Native = EngineState.Of(c)->NativeChecked;
        return TakenChecked(c, op);
    }

    private static bool CrossesPage(Op* head) => ((Block*)head - 1)->SecondFrame != Block.NoFrame;

    private static Op* FindFresh(CpuState* c, uint eip)
    {
        if ((EngineState.Of(c)->Mode & (ModeBits.SingleStep | ModeBits.FlatCs)) == ModeBits.FlatCs)
            return Processor.Of(c).Blocks.Find(eip);
        c->Eip = eip;
        return null;
    }
}
