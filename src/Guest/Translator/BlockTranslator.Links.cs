// How emitted code goes on to the next block: by a jump that DirectLinks may lead there, by the interpreter's links until then, and by the
// table of guesses where the destination is known only when the code runs.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    private void EmitFall(Op* end)
    {
        ClearAdjust();
        StorePointer();
        if (end->Extra == Links.ToLoop || (end->Extra == 0 && IsUser))
        {
            _writer.Set64(R10, (ulong)end);
            _writer.JumpThrough(R10, StateOffsets.OpNative);
            return;
        }

        uint jump = _writer.JumpForward();
        _writer.Lea64(R12, R12, -end->Index);
        _jumps.Add(new PendingJump((nint)end, jump, _writer.JumpForward()));
    }

    private void EmitTaken(TakenBranch taken)
    {
        _writer.Resolve(taken.Jump);
        _at = taken.At;
        ComeFromCopies(taken: true);
        if (taken.AdjustDirty)
            EntryStubs.EmitClearAdjust(_writer);
        EmitGoTo((Op*)taken.Op, taken.Destination);
    }

    //J:Translator:125 From block to block
    // At first a branch of emitted code does not know where its destination's code is. It loads the pointer to its own operation, follows
    // the link there (Op.Target), and jumps through Op.Native of what it finds. That is a load more than a jump straight into the other
    // code, and it leaves nothing to keep in step: the links are those of the interpreter. If the destination is not translated, Native
    // is the way out, and the interpreter goes on there. If it is translated later, Native changes, and all branches to it have changed.
    // If it is forgotten, because its bytes were written, Native is the way out again, and the interpreter finds a signpost. A link that
    // is good for one epoch has a stub as its Native, which compares the epoch first; a return or a jump through a register asks the
    // table of guesses, as the interpreter does.
    /// <summary>From a branch that retires to its destination.</summary>
    private void EmitGoTo(Op* branch, uint destination)
    {
        _writer.Lea64(R12, R12, -(branch->Index + 1));
        if (destination == ((Op*)_ops[0])->Eip && _translatable[0])
        {
            _writer.Jump(_head);
            return;
        }

        if (IsUser && IsLink(branch->Target) && branch->Target->Extra == 0)
        {
            _writer.Set64(R10, (ulong)branch);
            EntryStubs.EmitGo(_writer);
            return;
        }

        _jumps.Add(new PendingJump((nint)branch, _writer.JumpForward(), 0));
    }

    private bool IsUser => (_mode & ModeBits.User) != 0;

    /// <summary>Whether an operation is a link of the block, and not the head of another one.</summary>
    private bool IsLink(Op* op) => op > Block.Head(_block) && op < Block.Head(_block) + _block->Ops;

    /// <summary>The way by the links, for each jump that goes on to another block: it is the jump's destination until that is
    /// known.</summary>
    private void EmitSlowJumps()
    {
        for (int i = 0; i < _jumps.Count; i++)
        {
            var jump = _jumps[i] = _jumps[i] with { Slow = _writer.Position };
            _writer.Resolve(jump.Position);
            if (jump.Past != 0)
                _writer.Resolve(jump.Past);
            _writer.Set64(R10, (ulong)jump.Op);
            if (jump.Past == 0)
                EntryStubs.EmitGo(_writer);
            else
                _writer.JumpThrough(R10, StateOffsets.OpNative);
        }
    }

    /// <summary>To the block at the offset in R10: by the table of guesses, or by the interpreter.</summary>
    private void EmitIndirect()
    {
        ClearAdjust();
        _writer.Lea64(R12, R12, -(_op->Index + 1));
        _writer.RotateRight32(R8, R10, JumpEntry.Turn);
        _writer.LeaIndexed(false, R8, R8, R10, 0, 0);
        _writer.Set32(R11, _jumpLeft);
        _writer.ShiftLeft32(R8, R8, R11);
        _writer.Set32(R11, _jumpRight);
        _writer.ShiftRight(false, R8, R8, R11);
        _writer.Load64(R11, R14, StateOffsets.Jumps);
        _writer.LeaIndexed(true, R8, R8, R11, 0, 0);
        _writer.Load32(R11, R8, 0);
        _writer.Not32(R11);
        _writer.LeaIndexed(false, R11, R11, R10, 0, 1);
        _writer.Store32(R10, R14, StateOffsets.Eip);
        _writer.Store32(Rcx, R14, 4);
        _writer.Load32(Rcx, R8, 4);
        _writer.Not32(Rcx);
        _writer.Load32(R10, R14, StateOffsets.JumpKey);
        _writer.LeaIndexed(false, Rcx, Rcx, R10, 0, 1);
        _writer.LeaIndexed(true, Rcx, Rcx, R11, 0, 0);
        uint good = _writer.SkipIfRcxIsZero();
        _writer.Load32(Rcx, R14, 4);
        _writer.Set64(R10, (ulong)_dispatch);
        _writer.Jump(_stubs.LeavePosition);
        _writer.LandHere(good);
        _writer.Load32(Rcx, R14, 4);
        _writer.Load64(R10, R8, 8);
        _writer.JumpThrough(R10, StateOffsets.OpNative);
    }

    /// <summary>A jump that <see cref="DirectLinks"/> may write again, as it has it.</summary>
    private readonly record struct PendingJump(nint Op, uint Position, uint Past, uint Slow = 0);
}
