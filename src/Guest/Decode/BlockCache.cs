// All decoded blocks of one processor: finding them, and forgetting them when their bytes change.
//
//J:Guest:300 Forgetting code
// A block is a copy of Guest code, and the Guest may change the original at any time: Linux patches itself while booting, programs are
// loaded over the remains of others, a compiler may write the very next instruction. Three parties can write to a page that has been
// decoded: the CPU itself (such pages have no write tag in the soft TLB, so the store comes by Written below), a device
// (GuestMemory.Written queues the frame, ForgetWritten drains the queue before the next block), and the machine (TryWriteLinear). What was
// written is looked up in a bitmap of 64-byte granules first, so that data that shares a page with code costs little.
//
// A forgotten block may be the one that is executing. So its operations are not freed but rewritten: each becomes a Stale operation, which
// leaves the chain at its own address. The loop then decodes the new bytes. Links from other blocks into a forgotten one need no list for
// the same reason. The memory comes back when all blocks are forgotten: BlockRoom says when that is.
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Decode;

/// <summary>Decoded blocks by physical address, EIP and mode.</summary>
internal sealed unsafe class BlockCache : IDisposable
{
    private const int Buckets = 1 << 14;

    /// <summary>Bytes that blocks and their code together may come to, whatever the settings say: an offset into so much is what
    /// <see cref="Translator.FaultPlaces"/> can note.</summary>
    private const long MostRoom = 128L << 20, LeastRoom = 1L << 20;
    private const uint ProgramPrivilege = 3;

    private readonly Processor _processor;
    private readonly GuestMemory _memory;
    private readonly BlockBuilder _builder;
    private readonly NativePages _arena;
    private readonly NativePages _bucketPages;
    private readonly CodeFrames _frames = new();

    /// <summary>The few blocks that end in another frame than that where they begin.</summary>
    private readonly List<nint> _crossing = [];
    private readonly Block** _buckets;
    private readonly BlockRoom _room;
    private byte* _free;
    private long _touched, _most;

    /// <param name="processor">Whose blocks these will be.</param>
    /// <param name="bytes">That blocks and their code may come to.</param>
    public BlockCache(Processor processor, long bytes)
    {
        _processor = processor;
        _memory = processor.Memory;
        bytes = Math.Clamp(bytes, LeastRoom, MostRoom);
        _room = new BlockRoom(bytes);
        _arena = new NativePages(bytes);
        _bucketPages = new NativePages((long)Buckets * sizeof(Block*));
        _buckets = (Block**)_bucketPages.Base;
        _free = _arena.Base;
        _builder = new BlockBuilder(processor);
    }

    /// <summary>Changes whenever the arena is cleared: operations obtained before are gone.</summary>
    public uint Generation { get; private set; }

    /// <summary>The most bytes that blocks, their code, and the tables by which both are found have taken since the start.</summary>
    public long MostBytes => Math.Max(_most, Bytes);

    /// <summary>Where the blocks are.</summary>
    public nint Start => (nint)_arena.Base;

    /// <summary>Bytes that they take now: the room that has been used, too, until it is given back.</summary>
    public long Bytes => RoomTouched + _bucketPages.Length + _frames.Bytes + _processor.Engine.TableBytes;

    private long RoomUsed => _free - _arena.Base + _processor.Engine.CodeBytes;

    private long RoomTouched => Math.Max(_touched, _free - _arena.Base) + _processor.Engine.TouchedCodeBytes;

    /// <summary>Blocks decoded since the start.</summary>
    public ulong Decoded { get; private set; }

    //J:Guest:120 Blocks
    // A block is known by three things: the physical address of its first byte, so that two address spaces share the code that they map;
    // the offset in CS, because return addresses and branch targets are written into it; and the mode bits that it was decoded under,
    // because the same bytes mean something else with a 16-bit stack or a segment that is not flat. The look-up below asks a small table
    // first, which is keyed by EIP and good for one mapping epoch, then translates EIP as a fetch would, then asks the buckets, and only
    // then decodes.
    /// <summary>The block at an offset in CS under the current state; decodes it if need be. Null with an exception set up, and EIP at
    /// <paramref name="eip"/>, if the bytes cannot be fetched.</summary>
    public Op* Find(uint eip)
    {
        var c = _processor.State;
        var guess = EngineState.Of(c)->Jumps + JumpEntry.IndexOf(eip);
        if (guess->Eip == eip && guess->Key == EngineState.Of(c)->JumpKey)
            return guess->Head;
        c->Eip = eip;
        if ((EngineState.Of(c)->Mode & ModeBits.FlatCs) == 0 && eip > c->Cs.Limit)
        {
            _processor.Raise(Vectors.GeneralProtection, 0);
            return null;
        }

        uint linear = c->Cs.Base + eip;
        if (_processor.CodePage(linear) is not { } page)
            return null;
        uint physical = page | (linear & 0xfff);
        if (guess->Eip == eip && guess->Key != 0 && IsStill(guess->Head, physical))
        {
            // It was good in another address space, and is in this one.
            guess->Key = EngineState.Of(c)->JumpKey;
            return guess->Head;
        }

        var block = *Bucket(physical, eip, EngineState.Of(c)->Mode);
        while (block != null && (block->Physical != physical || block->Eip != eip || block->Mode != EngineState.Of(c)->Mode))
            block = block->NextInBucket;
        if (block != null && block->SecondFrame != Block.NoFrame && !SecondPageStillThere(block, linear))
        {
            if (EngineState.Of(c)->Exit != ExitKind.Continue)
                return null;
            Forget(block);
            block = null;
        }

        if (block != null && (EngineState.Of(c)->Mode & ModeBits.FlatCs) == 0 && eip + block->Length - 1 > c->Cs.Limit)
        {
            Forget(block);
            block = null;
        }

        if (block == null)
        {
            block = Decode(physical, linear, eip);
            if (block == null)
                return null;
        }

        if ((EngineState.Of(c)->Mode & (ModeBits.SingleStep | ModeBits.FlatCs)) != ModeBits.FlatCs)
            return Block.Head(block); // neither may be reached without the run loop
        guess->Eip = eip;
        guess->Key = EngineState.Of(c)->JumpKey;
        guess->Head = Block.Head(block);
        return guess->Head;
    }

    public bool Has(uint physical, uint eip, uint mode)
    {
        var block = *Bucket(physical, eip, mode);
        while (block != null && (block->Physical != physical || block->Eip != eip || block->Mode != mode))
            block = block->NextInBucket;
        return block != null;
    }

    /// <summary>Bytes of a frame are about to be changed by the CPU or the machine, on the CPU's thread.</summary>
    public void Written(uint physical, uint length)
    {
        uint frame = physical >> GuestMemory.PageShift;
        _processor.Notes?.Add(frame);
        if (_memory.CodeFlags[frame] == 0)
            return;
        int first = (int)((physical & 0xfff) >> 6);
        int last = (int)(((physical & 0xfff) + length - 1) >> 6);
        ulong touched = (ulong.MaxValue >> (63 - (last - first))) << first;
        if ((_frames.Add(frame)->Granules & touched) == 0)
            return;
        ForgetRange(frame, physical & 0xfff, length);
    }

    /// <summary>Forgets what devices have overwritten since the last call.</summary>
    public void ForgetWritten()
    {
        while (_memory.TryTakeWritten(out uint frame, out uint count))
        {
            for (uint f = frame; f < frame + count && f < _memory.FrameLimit; f++)
            {
                if (_memory.CodeFlags[f] != 0)
                    ForgetRange(f, 0, GuestMemory.PageSize);
            }
        }
    }

    /// <summary>The Guest rests: what takes more memory than that needs is forgotten. Not while anything is executed.</summary>
    public void Rested()
    {
        if (_room.Rested(RoomTouched, _processor.Instructions))
            Clear(givesBack: true);
    }

    /// <summary>Forgets everything. No operation obtained earlier may be executed afterwards.</summary>
    /// <param name="givesBack">Whether the system gets the memory, or it is to be used again at once.</param>
    public void Clear(bool givesBack = false)
    {
        _most = MostBytes;
        _touched = givesBack ? 0 : Math.Max(_touched, _free - _arena.Base);
        new Span<byte>(_bucketPages.Base, (int)_bucketPages.Length).Clear();
        _frames.Clear(_memory);
        _crossing.Clear();
        new Span<JumpEntry>(_processor.Execution->Jumps, JumpEntry.Count).Clear();
        _free = _arena.Base;
        if (givesBack)
            _arena.GiveBack();
        Generation++;
        _processor.Engine.Cleared(givesBack);
    }

    public void Dispose()
    {
        _arena.Dispose();
        _bucketPages.Dispose();
        _frames.Dispose();
    }

    /// <summary>From now on every write to a frame is noticed, whether the CPU or a device makes it. Comes before the first of its bytes is
    /// decoded: a device
    /// that stores while
    /// we read either finds the flag, or has stored before we read (see <see cref="GuestMemory.Written"/>).</summary>
    public void Watch(uint frame)
    {
        if (_memory.CodeFlags[frame] != 0)
            return;
        _frames.Add(frame);
        _memory.CodeFlags[frame] = 1;
        Thread.MemoryBarrier();
        _processor.ProtectCode(frame);
    }

    private Block** Bucket(uint physical, uint eip, uint mode) => _buckets + (Hash(physical, eip, mode) >> 3 & (Buckets - 1));

    private static uint Hash(uint physical, uint eip, uint mode) => (physical * 0x9e3779b1u) ^ eip ^ (mode << 5);

    /// <summary>Whether the block of a guess, which has not been forgotten, is the one at a place, decoded under the current
    /// mode.</summary>
    private bool IsStill(Op* head, uint physical)
    {
        var block = (Block*)head - 1;
        return block->Physical == physical && block->Mode == _processor.Execution->Mode && block->SecondFrame == Block.NoFrame;
    }

    private bool SecondPageStillThere(Block* block, uint linear)
    {
        uint next = (linear & ~0xfffu) + GuestMemory.PageSize;
        if (_processor.CodePage(next) is not { } page)
            return false;
        return page >> GuestMemory.PageShift == block->SecondFrame;
    }

    private Block* Decode(uint physical, uint linear, uint eip)
    {
        if (RoomUsed + sizeof(Block) + (BlockBuilder.MaxOps * sizeof(Op)) > _room.Bytes)
        {
            _room.Full(_processor.Instructions);
            Clear();
        }

        if (!_hasPrograms && _processor.State->Cpl == ProgramPrivilege)
        {
            // Most of what a kernel has executed until its first program is not executed again. What is, is soon back.
            _hasPrograms = true;
            _room.Changed(_processor.Instructions);
            Clear(givesBack: true);
        }

        var block = (Block*)_free;
        uint frame = physical >> GuestMemory.PageShift;
        Watch(frame);
        if (!_builder.Build(block, physical, linear, eip))
        {
            RecomputeGranules(frame);
            return null;
        }

        Decoded++;
        _room.Decoded(Hash(physical, eip, block->Mode));
        _free += sizeof(Block) + (block->Ops * sizeof(Op));
        var bucket = Bucket(physical, eip, block->Mode);
        block->NextInBucket = *bucket;
        *bucket = block;
        var first = _frames.Add(frame);
        block->NextInFrame = first->First;
        first->First = block;
        uint start = physical & 0xfff;
        Mark(frame, start, Math.Min(block->Length, GuestMemory.PageSize - start));
        if (block->SecondFrame != Block.NoFrame)
        {
            _crossing.Add((nint)block);
            _processor.NoteExecuted((linear & ~0xfffu) + GuestMemory.PageSize, block->SecondFrame << GuestMemory.PageShift);
            Mark(block->SecondFrame, 0, start + block->Length - GuestMemory.PageSize);
        }

        return block;
    }

    private bool _hasPrograms;

    private void Mark(uint frame, uint start, uint length)
    {
        int first = (int)(start >> 6);
        int last = (int)((start + length - 1) >> 6);
        _frames.Add(frame)->Granules |= (ulong.MaxValue >> (63 - (last - first))) << first;
    }

    private void ForgetRange(uint frame, uint start, uint length)
    {
        Block* next;
        for (var block = _frames.Add(frame)->First; block != null; block = next)
        {
            next = block->NextInFrame;
            uint first = block->Physical & 0xfff;
            if (first < start + length && start < first + block->Length)
                Forget(block);
        }

        for (int i = _crossing.Count - 1; i >= 0; i--)
        {
            var block = (Block*)_crossing[i];
            if (block->SecondFrame == frame && start < (block->Physical & 0xfff) + block->Length - GuestMemory.PageSize)
                Forget(block);
        }

        RecomputeGranules(frame);
    }

    /// <summary>Recomputes the granules of a frame from the blocks that are left; without any, stores to it are fast again.</summary>
    private void RecomputeGranules(uint frame)
    {
        ulong left = 0;
        var entry = _frames.Add(frame);
        for (var block = entry->First; block != null; block = block->NextInFrame)
            left |= Granules(block->Physical & 0xfff, block->Length);
        foreach (nint crossing in _crossing)
        {
            var block = (Block*)crossing;
            if (block->SecondFrame == frame)
                left |= Granules(0, (block->Physical & 0xfff) + block->Length - GuestMemory.PageSize);
        }

        entry->Granules = left;
        if (left == 0)
            _memory.CodeFlags[frame] = 0;

        static ulong Granules(uint start, uint length)
        {
            int first = (int)(start >> 6);
            int last = (int)Math.Min((start + length - 1) >> 6, 63);
            return (ulong.MaxValue >> (63 - (last - first))) << first;
        }
    }

    private void Forget(Block* block)
    {
        _processor.Engine.Forgetting(block);
        var op = Block.Head(block);
        for (uint i = 0; i < block->Ops; i++)
            Links.Forget(_processor.State, op + i);

        var guess = _processor.Execution->Jumps + JumpEntry.IndexOf(block->Eip);
        if (guess->Head == op)
            guess->Key = 0;
        if ((block->Mode & (ModeBits.SingleStep | ModeBits.FlatCs)) == ModeBits.FlatCs)
        {
            // Other blocks may be linked to this one for good. Its first operation becomes a signpost to whatever stands there now.
            op->Run = &Links.Signpost;
        }

        Unlink(Bucket(block->Physical, block->Eip, block->Mode), block, isBucket: true);
        Unlink(&_frames.Add(block->Physical >> GuestMemory.PageShift)->First, block, isBucket: false);
        if (block->SecondFrame != Block.NoFrame)
            _crossing.Remove((nint)block);
    }

    private static void Unlink(Block** link, Block* block, bool isBucket)
    {
        while (*link != null && *link != block)
            link = isBucket ? &(*link)->NextInBucket : &(*link)->NextInFrame;
        if (*link != null)
            *link = isBucket ? block->NextInBucket : block->NextInFrame;
    }
}
