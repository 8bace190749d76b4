// Blocks that are loops: their turns are laid out one behind the other, so that the question at the head, and the way back to it, are there
// once for several.
//
//J:Translator:133 Several turns in a row
// Most time is spent in loops of a few instructions, and there the question for budget and attention would be half of the code. So a block
// that branches to its own head is written twice. In front comes the loop alone, several turns of it one behind the other: one question,
// for as many instructions as all turns have, then body upon body, each branch to the head turned over so that it leaves where the loop
// ends. Behind it comes the block as any other has it, for a budget that is too short, for ways in, and for what follows the loop.
//
// What has retired is taken off the budget when all turns are done. Whatever leaves in between, be it a branch, a check that fails or a
// fault, takes off the turns that were complete, and goes on with the very operation that the block behind would go on with; so nobody can
// tell in which turn it was.
using Iced.Intel;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>The most instructions that are written in copies.</summary>
    public const uint MostCopied = 96;

    private const int MostCopies = 8;
    private readonly List<CopyExit> _exits = [];

    /// <summary>The last branch to the block's own head; -1 if it has none.</summary>
    private int _last;

    /// <summary>The instructions of the turns in front of the current copy.</summary>
    private int _spent;

    /// <summary>A way from a copy of a branch to where the block goes on behind it, or, if taken, to what the branch does.</summary>
    private readonly record struct CopyExit(uint Jump, int At, bool Taken, int Spent);

    private int LastOfLoop()
    {
        for (int k = _count - 1; k >= 0; k--)
        {
            if (_instructions[k].Op0Kind == OpKind.NearBranch32 && _instructions[k].NearBranch32 == ((Op*)_ops[0])->Eip)
                return k;
        }

        return -1;
    }

    /// <summary>Writes the turns, if the block is a loop that gains by it.</summary>
    private void EmitCopies()
    {
        int once = _last + 1, copies = once == 0 ? 0 : Math.Min(MostCopies, (int)MostCopied / once);
        _exits.Clear();
        if (copies < 2 || !IsPlainLoop())
            return;
        uint start = _writer.Position;
        AskFor((copies * once) + _count - once + 1);
        _writer.Exchange64(Rcx, R11);
        uint good = _writer.SkipIfRcxIsZero();
        _writer.Move64(Rcx, R11);
        uint alone = _writer.JumpForward();
        _writer.LandHere(good);
        _writer.Move64(Rcx, R11);
        bool all = true;
        for (_spent = 0; all && _spent < copies * once; _spent += once)
            all = TryEmitTurn();
        _spent = 0;
        (_adjustDirty, _pointer, _runEnd) = (false, null, -1);
        if (!all)
        {
            _writer.Position = start;
            _places.ForgetFrom(start);
            _slow.Clear();
            _taken.Clear();
            _exits.Clear();
            return;
        }

        _writer.Lea64(R12, R12, -copies * once);
        _writer.Jump(_head);
        for (int k = 0; k < _exits.Count; k++)
        {
            if (_exits[k].Spent == 0)
                continue;
            _writer.Resolve(_exits[k].Jump);
            _writer.Lea64(R12, R12, -_exits[k].Spent);
            _exits[k] = _exits[k] with { Jump = _writer.JumpForward() };
        }

        _writer.Align(16);
        _writer.Resolve(alone);
    }

    /// <summary>Whether the loop has nothing but instructions that follow upon each other, and branches out of it or to its head: where
    /// another loop is inside, only that one matters. Processors guess what FLDCW brings, by its place, and forget if there are
    /// many.</summary>
    private bool IsPlainLoop()
    {
        uint head = ((Op*)_ops[0])->Eip;
        for (int k = 0; k <= _last; k++)
        {
            ref var i = ref _instructions[k];
            if (!_translatable[k] || i.Mnemonic == Mnemonic.Fldcw)
                return false;
            if (k < _last && i.FlowControl != FlowControl.Next
                && (i.FlowControl != FlowControl.ConditionalBranch || (i.NearBranch32 > head && i.NearBranch32 <= i.IP32)))
                return false;
        }

        return _instructions[_last].Mnemonic is not (Mnemonic.Jecxz or Mnemonic.Call);
    }

    private bool TryEmitTurn()
    {
        _runEnd = -1;
        for (_at = 0; _at < _last; _at++)
        {
            _op = (Op*)_ops[_at];
            if (EmitNext() != Emitted.Yes)
                return false;
            foreach (var taken in _taken)
                _exits.Add(new CopyExit(taken.Jump, taken.At, true, _spent));
            _taken.Clear();
        }

        StorePointer();
        ref var i = ref _instructions[_last];
        if (i.Mnemonic == Mnemonic.Loop)
        {
            _writer.Lea32(Rcx, Rcx, -1);
            _writer.Bytes(0x67, 0xe3, 2, 0xeb, 5); // jecxz over the jump that goes on
            _exits.Add(new CopyExit(_writer.JumpForward(), _last, false, _spent));
        }
        else if (i.Mnemonic != Mnemonic.Jmp)
        {
            _exits.Add(new CopyExit(_writer.JumpForwardIf(ConditionOf(i.ConditionCode) ^ 1), _last, false, _spent));
        }

        ClearAdjust();
        return true;
    }

    /// <summary>Here the block goes on behind the current branch, or does what it does if taken: copies of it lead here.</summary>
    private void ComeFromCopies(bool taken)
    {
        foreach (var exit in _exits)
        {
            if (exit.At == _at && exit.Taken == taken)
                _writer.Resolve(exit.Jump);
        }
    }
}
