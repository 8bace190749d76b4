// Turns a block of operations that has proved hot into host code. The instructions are decoded again from the Guest's memory (a block whose
// bytes have changed is no longer there) and encoded for the host, operands replaced; what reaches memory goes through the soft TLB first.
//
//J:Translator:120 A block in host code
// Take `add [ebx+8], ecx; jne loop`. The add becomes a check of the address EBX + 8 and `add [r10+r8], ecx`; the branch becomes `jne` to a
// few instructions at the end of the code, which take what has retired off the budget and go on. Registers and flags are the host's own, so
// nothing is left of decoding, of operands in memory or of lazy flags.
//
// Between two instructions of a translated block everything is where EntryStubs says: no value is kept over from one instruction to the
// next. So each of them is a place where the interpreter can take over, before the instruction has changed anything, and a place where it
// can give back. The block begins with one question, whether the budget covers all of it and nothing asks for attention; then instruction
// follows upon instruction. What has no form here, be it string, x87 or system instruction, becomes a way out, and the code after it a way
// in, if so much of it follows that entering pays.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

/// <summary>Translates one block at a time.</summary>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>A word shifted left and then right by these is the offset of its jump entry.</summary>
    private static readonly uint _jumpLeft = 32 - (uint)int.Log2(JumpEntry.Count);

    private static readonly uint _jumpRight = _jumpLeft - (uint)int.Log2(sizeof(JumpEntry));
    private readonly GuestMemory _memory;
    private readonly CodeWriter _writer;
    private readonly EntryStubs _stubs;
    private readonly HostFlags _host;
    private readonly nint _dispatch;
    private readonly int _shortestStretch;
    private readonly PageReader _reader = new();
    private readonly Decoder _decoder;
    private readonly Instruction[] _instructions = new Instruction[BlockBuilder.MaxInstructions];
    private readonly nint[] _ops = new nint[BlockBuilder.MaxInstructions + 1];
    private readonly bool[] _translatable = new bool[BlockBuilder.MaxInstructions];
    private readonly uint[] _entries = new uint[BlockBuilder.MaxInstructions];
    private readonly List<SlowPath> _slow = [];
    private readonly List<TakenBranch> _taken = [];
    private Op* _op;
    private int _at;
    private int _count;
    private uint _mode;
    private uint _head;
    private bool _adjustDirty;

    /// <param name="dispatch">The operation that finds the block at <see cref="CpuState.Eip"/>.</param>
    public BlockTranslator(GuestMemory memory, CodeWriter writer, EntryStubs stubs, HostFlags host, Op* dispatch, int shortestStretch,
        FaultPlaces places)
    {
        _memory = memory;
        _writer = writer;
        _stubs = stubs;
        _host = host;
        _dispatch = (nint)dispatch;
        _shortestStretch = shortestStretch;
        _places = places;
        _decoder = Decoder.Create(32, _reader, BlockBuilder.Dialect);
    }

    private enum Leaving
    {
        /// <summary>From a failed address check: RCX is in R11.</summary>
        Address,

        /// <summary>The flags are saved in Temp.</summary>
        SavedFlags,

        /// <summary>The same, and EAX is in R10, EDX in TempHigh.</summary>
        SavedDividend,
    }

    /// <summary>The longest code of one instruction.</summary>
    public const uint MostBytes = 320;

    /// <summary>The longest ways out of one instruction.</summary>
    public const uint MostColdBytes = 160;

    /// <summary>In <see cref="_entries"/>: there is no way in here.</summary>
    private const uint NoEntry = uint.MaxValue;

    /// <summary>Writes the code of a block and enters it into its operations. False if the block would gain nothing.</summary>
    public bool Translate(Block* block)
    {
        if ((block->Mode & (ModeBits.Code32 | ModeBits.FlatCs | ModeBits.SingleStep)) != (ModeBits.Code32 | ModeBits.FlatCs))
            return false;
        _mode = block->Mode;
        Decode(block);
        _slow.Clear();
        _taken.Clear();
        Array.Clear(_entries);
        _adjustDirty = false;
        _runEnd = -1;
        uint start = _writer.Position, cold = _writer.ColdPosition;
        _writer.Align(BranchesToItself() ? 64u : 16u);
        _head = _writer.Position;
        bool flows = _translatable[0];
        if (flows)
            EmitHeadCheck();
        for (_at = 0; _at < _count; _at++)
        {
            _op = (Op*)_ops[_at];
            if (!_translatable[_at])
            {
                if (flows)
                    EmitLeaveTo(_op);
                flows = false;
                continue;
            }

            if (!flows)
                _adjustDirty = false;
            flows = true;
            _entries[_at] = _at == 0 ? _head : InRun ? NoEntry : _writer.Position;
            uint before = _writer.Position;
            int slow = _slow.Count, taken = _taken.Count;
            bool dirty = _adjustDirty;
            BeginRun();
            switch (EmitInstruction(_instructions[_at]))
            {
                case Emitted.Yes when InRun:
                    MoveInRun(_instructions[_at]);
                    break;
                case Emitted.Ends:
                    flows = false;
                    break;
                case Emitted.No:
                    _writer.Position = before;
                    _places.ForgetFrom(before);
                    _slow.RemoveRange(slow, _slow.Count - slow);
                    _taken.RemoveRange(taken, _taken.Count - taken);
                    _adjustDirty = dirty;
                    _translatable[_at] = false;
                    _runEnd = -1;
                    EmitLeaveTo(_op);
                    flows = false;
                    break;
            }
        }

        if (flows)
            EmitFall((Op*)_ops[_count]);
        foreach (var taken in _taken)
            EmitTaken(taken);
        EmitSlowPaths();
        if (Publish())
            return true;
        (_writer.Position, _writer.ColdPosition) = (start, cold);
        _places.ForgetFrom(start);
        return false;
    }

    private void Decode(Block* block)
    {
        byte* page = _memory.Base + (block->Physical & ~0xfffu);
        byte* next = block->SecondFrame == Block.NoFrame ? null : _memory.Base + ((nint)block->SecondFrame << GuestMemory.PageShift);
        uint offset = block->Physical & 0xfff;
        uint end = offset + block->Length;
        uint eip = block->Eip;
        var op = Block.Head(block);
        _count = 0;
        _reader.Last = uint.MaxValue;
        while (offset < end)
        {
            _reader.Set(page, offset, next);
            _decoder.IP = eip;
            ref var instruction = ref _instructions[_count];
            _decoder.Decode(out instruction);
            while (op->Eip != eip || IsFence(op))
                op++;
            _ops[_count] = (nint)op;
            _translatable[_count] = Supports(instruction);
            _count++;
            offset += (uint)instruction.Length;
            eip += (uint)instruction.Length;
            op++;
        }

        var last = Block.Head(block) + block->Ops;
        while (op < last && IsFence(op))
            op++;
        _ops[_count] = (nint)op;
    }

    /// <summary>Whether the block is a loop. Small loops are twice as fast if they begin with a line of the cache.</summary>
    private bool BranchesToItself()
    {
        for (int k = 0; k < _count; k++)
        {
            if (_instructions[k].Op0Kind == OpKind.NearBranch32 && _instructions[k].NearBranch32 == ((Op*)_ops[0])->Eip)
                return true;
        }

        return false;
    }

    /// <summary>A fence stands for the instruction after it.</summary>
    private static bool IsFence(Op* op) => op->Eip == op->Next;

    /// <summary>Lets the operations know their code, where entering it pays.</summary>
    private bool Publish()
    {
        bool any = false;
        for (int i = 0; i < _count;)
        {
            int end = i;
            while (end < _count && _translatable[end])
                end++;
            // Code that goes on to another block is worth entering however short it is, since most come to it from emitted code.
            bool goesOn = end == _count || (end > i && _instructions[end - 1].FlowControl != FlowControl.Next);
            for (int k = i; k < end && (goesOn || end - k >= _shortestStretch); k++)
            {
                if (_entries[k] == NoEntry)
                    continue;
                ((Op*)_ops[k])->Native = _writer.AddressOf(_entries[k]);
                any = true;
            }

            i = end + 1;
        }

        return any;
    }

    /// <summary>The block is left for the interpreter at its first instruction unless the budget covers it and nobody has asked for
    /// attention. The flags stay as they are.</summary>
    private void EmitHeadCheck()
    {
        _writer.Lea64(R8, R12, -(_count + 1));
        _writer.ShiftRight(true, R8, R8, R13);
        _writer.Load32(R11, R14, StateOffsets.Poll);
        _writer.LeaIndexed(true, R11, R11, R8, 0, 0);
        EmitUnlessZero((Op*)_ops[0]);
    }

    /// <summary>Leaves for the interpreter at <paramref name="op"/> unless R11 is zero.</summary>
    private void EmitUnlessZero(Op* op)
    {
        _writer.Exchange64(Rcx, R11);
        uint good = _writer.SkipIfRcxIsZero();
        _slow.Add(new SlowPath((nint)op, _writer.JumpForward(), Leaving.Address, _adjustDirty));
        _writer.LandHere(good);
        _writer.Move64(Rcx, R11);
    }

    private void EmitLeaveTo(Op* op)
    {
        _writer.Set64(R10, (ulong)op);
        _writer.Jump(_adjustDirty ? _stubs.LeaveClearingAdjust : _stubs.LeavePosition);
    }

    private void EmitFall(Op* end)
    {
        ClearAdjust();
        _writer.Set64(R10, (ulong)end);
        _writer.JumpThrough(R10, StateOffsets.OpNative);
    }

    private void EmitTaken(TakenBranch taken)
    {
        _writer.Resolve(taken.Jump);
        if (taken.AdjustDirty)
            EntryStubs.EmitClearAdjust(_writer);
        EmitGoTo((Op*)taken.Op, taken.Destination);
    }

    //J:Translator:125 From block to block
    // A branch of emitted code does not know where its destination's code is. It loads the pointer to its own operation, follows the link
    // there (Op.Target), and jumps through Op.Native of what it finds. That is a load more than a jump straight into the other code, and
    // it leaves nothing to keep in step: the links are those of the interpreter, and there is no second set to cut. If the destination is
    // not translated, Native is the way out, and the interpreter goes on there. If it is translated later, Native changes, and all
    // branches to it have changed. If it is forgotten, because its bytes were written, Native is the way out again, and the interpreter
    // finds a signpost. A link that is good for one epoch has a stub as its Native, which compares the epoch first; a return or a jump
    // through a register asks the table of guesses, as the interpreter does.
    /// <summary>From a branch that retires to its destination.</summary>
    private void EmitGoTo(Op* branch, uint destination)
    {
        _writer.Lea64(R12, R12, -(branch->Index + 1));
        if (destination == ((Op*)_ops[0])->Eip && _translatable[0])
        {
            _writer.Jump(_head);
            return;
        }

        _writer.Set64(R10, (ulong)branch);
        EntryStubs.EmitGo(_writer);
    }

    /// <summary>The ways out lie apart from all blocks: so what is executed lies close together.</summary>
    private void EmitSlowPaths()
    {
        uint hot = _writer.Position;
        _writer.Position = _writer.ColdPosition;
        foreach (var slow in _slow)
            EmitSlow(slow);
        _writer.ColdPosition = _writer.Position;
        _writer.Position = hot;
    }

    private void EmitSlow(SlowPath slow)
    {
        _writer.Resolve(slow.Jump);
        switch (slow.Kind)
        {
            case Leaving.Address:
                _writer.Move64(Rcx, R11);
                break;
            case Leaving.SavedFlags:
                EmitLoadFlags();
                break;
            case Leaving.SavedDividend:
                _writer.Move32(Rax, R10);
                _writer.Load32(Rdx, R14, StateOffsets.Temp + 8);
                EmitLoadFlags();
                break;
        }

        _writer.Set64(R10, (ulong)slow.Op);
        _writer.Jump(slow.AdjustDirty ? _stubs.LeaveClearingAdjust : _stubs.LeavePosition);
    }

    /// <summary>Saves the flags in Temp and loses them. Uses R10.</summary>
    private void EmitSaveFlags()
    {
        _writer.Move64(R10, Rax);
        _writer.Bytes(0x9f); // lahf
        _writer.Bytes(0x0f, 0x90, 0xc0); // seto al
        _writer.Store32(Rax, R14, StateOffsets.Temp);
        _writer.Move64(Rax, R10);
    }

    /// <summary>Takes the flags back. Uses R8.</summary>
    private void EmitLoadFlags()
    {
        _writer.Move64(R8, Rax);
        _writer.Load32(Rax, R14, StateOffsets.Temp);
        EntryStubs.EmitRestoreFlags(_writer);
        _writer.Move64(Rax, R8);
    }

    private void ClearAdjust()
    {
        if (_adjustDirty)
            EntryStubs.EmitClearAdjust(_writer);
        _adjustDirty = false;
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

    private readonly record struct SlowPath(nint Op, uint Jump, Leaving Kind, bool AdjustDirty);

    private readonly record struct TakenBranch(nint Op, uint Jump, uint Destination, bool AdjustDirty);
}
