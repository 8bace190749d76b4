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
// follows upon instruction. What has no form here, be it a sine or a system instruction, becomes a way out, and the code after it a way
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
    private readonly EngineState* _state;
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
    private readonly DirectLinks _links;
    private readonly List<PendingJump> _jumps = [];
    private Block* _block;
    private Op* _op;
    private int _at;
    private int _count;
    private uint _mode;
    private uint _head;
    private bool _adjustDirty;

    /// <param name="dispatch">The operation that finds the block at <see cref="CpuState.Eip"/>.</param>
    public BlockTranslator(GuestMemory memory, CodeWriter writer, EntryStubs stubs, HostFlags host, Op* dispatch, int shortestStretch,
        FaultPlaces places, DirectLinks links, EngineState* state)
    {
        _state = state;
        _links = links;
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

        /// <summary>ECX is in its place in the state.</summary>
        SavedCounter,
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
        _isOpen = !IsUser && _state->KernelWindow != 0 && !block->AsksTlb;
        _block = block;
        Decode(block);
        _slow.Clear();
        _taken.Clear();
        _jumps.Clear();
        Array.Clear(_entries);
        (_adjustDirty, _pointer) = (false, null);
        _runEnd = -1;
        uint start = _writer.Position, cold = _writer.ColdPosition;
        _last = LastOfLoop();
        _writer.Align(_last >= 0 ? 64u : 16u);
        _head = _writer.Position;
        EmitCopies();
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
                (_adjustDirty, _pointer) = (false, null);
            flows = true;
            _entries[_at] = _at == 0 ? _head : InRun ? NoEntry : _writer.Position;
            switch (EmitNext())
            {
                case Emitted.Ends:
                    flows = false;
                    break;
                case Emitted.No:
                    _translatable[_at] = false;
                    EmitLeaveTo(_op);
                    flows = false;
                    break;
            }

            ComeFromCopies(taken: false);
        }

        if (flows)
            EmitFall((Op*)_ops[_count]);
        foreach (var taken in _taken)
            EmitTaken(taken);
        EmitSlowPaths();
        if (Publish())
        {
            foreach (var (op, jump, past, slow) in _jumps)
                _links.Add((Op*)op, new DirectLinks.Jump((nint)block, jump, slow, past));
            return true;
        }

        (_writer.Position, _writer.ColdPosition) = (start, cold);
        _places.ForgetFrom(start);
        return false;
    }

    /// <summary>Emits the current instruction; what could not be encoded leaves no trace.</summary>
    private Emitted EmitNext()
    {
        if (_instructions[_at].FlowControl != FlowControl.Next)
            StorePointer();
        uint before = _writer.Position;
        int slow = _slow.Count, taken = _taken.Count, jumps = _jumps.Count;
        bool dirty = _adjustDirty;
        BeginRun();
        var emitted = EmitInstruction(_instructions[_at]);
        for (int k = slow; k < _slow.Count; k++)
            _slow[k] = _slow[k] with { Pointer = _pointer, Spent = _spent };
        if (emitted == Emitted.Yes && InRun)
            MoveInRun(_instructions[_at]);
        if (emitted == Emitted.No)
        {
            _writer.Position = before;
            _places.ForgetFrom(before);
            _slow.RemoveRange(slow, _slow.Count - slow);
            _taken.RemoveRange(taken, _taken.Count - taken);
            _jumps.RemoveRange(jumps, _jumps.Count - jumps);
            _adjustDirty = dirty;
            _runEnd = -1;
        }
        else if (emitted == Emitted.Yes && SetsPointer(_instructions[_at]))
        {
            _pointer = _op->Eip;
        }

        return emitted;
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
            DropIdleRepeat(ref instruction);
            while (op->Eip != eip || IsFence(op))
                op++;
            _ops[_count] = (nint)op;
            _translatable[_count] = Supports(instruction);
            _needs[_count] = _translatable[_count] ? UnitsOf(instruction) : HostUnits.None;
            _count++;
            offset += (uint)instruction.Length;
            eip += (uint)instruction.Length;
            op++;
        }

        for (int k = _count - 2; k >= 0; k--)
            _needs[k] |= _translatable[k] ? _needs[k + 1] : HostUnits.None;
        var last = Block.Head(block) + block->Ops;
        while (op < last && IsFence(op))
            op++;
        _ops[_count] = (nint)op;
    }

    /// <summary>A fence stands for the instruction after it.</summary>
    private static bool IsFence(Op* op) => op->Role == OpRole.Fence;

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
                ((Op*)_ops[k])->Needs = _needs[k];
                ((Op*)_ops[k])->Native = _writer.AddressOf(_entries[k]);
                any = true;
            }

            i = end + 1;
        }

        return any;
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
        StorePointer();
        _writer.Set64(R10, (ulong)op);
        _writer.Jump(_adjustDirty ? _stubs.LeaveClearingAdjust : _stubs.LeavePosition);
    }

    /// <summary>The ways out lie apart from all blocks: so what is executed lies close together.</summary>
    private void EmitSlowPaths()
    {
        uint hot = _writer.Position;
        _writer.Position = _writer.ColdPosition;
        foreach (var slow in _slow)
            EmitSlow(slow);
        EmitSlowJumps();
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
            case Leaving.SavedCounter:
                _writer.Load32(Rcx, R14, SavedCounter);
                break;
            case Leaving.SavedDividend:
                _writer.Move32(Rax, R10);
                _writer.Load32(Rdx, R14, StateOffsets.Temp + 8);
                EmitLoadFlags();
                break;
        }

        if (slow.Spent != 0)
            _writer.Lea64(R12, R12, -slow.Spent);
        if (slow.Pointer is { } pointer)
            _writer.StoreImmediate32(R14, StateOffsets.X87Pointer, pointer);
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

    /// <param name="Op">With which it leaves.</param>
    /// <param name="Jump">What leads there.</param>
    /// <param name="Kind">What it puts right.</param>
    /// <param name="AdjustDirty">Whether AF has to be cleared.</param>
    /// <param name="Pointer">The x87's instruction pointer, if the state has an older one.</param>
    /// <param name="Spent">What earlier turns of a loop have to take off the budget.</param>
    private readonly record struct SlowPath(
        nint Op, uint Jump, Leaving Kind, bool AdjustDirty, uint? Pointer = null, int Spent = 0);

    /// <param name="At">The branch's place in the block.</param>
    private readonly record struct TakenBranch(nint Op, uint Jump, uint Destination, bool AdjustDirty, int At);
}
