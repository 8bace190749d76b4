// Turns Guest code into a block of operations. Iced decodes; the row of OpTable for each instruction code lays down the operation. A block
// runs from its first instruction over conditional branches that are not taken, up to an unconditional one, an instruction that may change
// the mode, the end of the page, or the largest size.
//
//J:Guest:110 Decode
// To decode an instruction costs fifty times what executing it costs, so it is done once. Iced names the instruction by its code, one of
// some thousand forms; the row of OpTable for that code appends an operation: a function pointer, the operands already resolved to places
// in CpuState, an immediate, the offset of the next instruction. What can be known at this point is not asked again: whether segments are
// flat, whether the stack is 32 bits wide, whether anybody reads the flags that the instruction sets.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Decode;

/// <summary>Lays down one block at a time. The emitters of the instruction families work on it.</summary>
internal sealed unsafe class BlockBuilder
{
    public const int MaxInstructions = 48;

    /// <summary>Every instruction may need a link, and the block one more for its end.</summary>
    public const int MaxOps = (2 * MaxInstructions) + 2;

    private readonly Processor _processor;
    private readonly PageReader _reader = new();
    private readonly Decoder _decoder32;
    private readonly Decoder _decoder16;
    private readonly (int Op, uint Destination)[] _links = new (int, uint)[MaxInstructions];
    private Op* _head;
    private int _ops;
    private int _instructions;
    private int _pendingLinks;
    private bool _ended;

    public BlockBuilder(Processor processor)
    {
        _processor = processor;
        _decoder32 = Decoder.Create(32, _reader, Dialect);
        _decoder16 = Decoder.Create(16, _reader, Dialect);
    }

    /// <summary>This processor is older than TZCNT, LZCNT and WBNOINVD: there the F3 prefix means nothing. And it is older than what has
    /// moved into the reserved no-operations 0F18-0F1F since, ENDBR above all, which today's compilers put in front of every
    /// function.</summary>
    public const DecoderOptions Dialect = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD | DecoderOptions.NoWbnoinvd
        | DecoderOptions.ForceReservedNop;

    /// <summary><see cref="ModeBits"/> that the block is decoded under.</summary>
    public uint Mode { get; private set; }

    /// <summary>The instruction that is being laid down, as it is encoded.</summary>
    public ReadOnlySpan<byte> Bytes => _reader.Bytes;

    /// <summary>32-bit stack that is flat: PUSH and POP need no check.</summary>
    public bool FlatStack => (Mode & (ModeBits.FlatSs | ModeBits.Stack32)) == (ModeBits.FlatSs | ModeBits.Stack32);

    /// <summary>
    /// Decodes a block. False if not even the first instruction could be fetched: the exception is set up.
    /// </summary>
    public bool Build(Block* block, uint physical, uint linear, uint eip)
    {
        var c = _processor.State;
        Mode = EngineState.Of(c)->Mode;
        _head = Block.Head(block);
        _ops = _instructions = _pendingLinks = 0;
        _ended = false;
        *block = new Block { Physical = physical, Eip = eip, Mode = Mode, SecondFrame = Block.NoFrame };
        bool loop = (Mode & (ModeBits.SingleStep | ModeBits.FlatCs)) != ModeBits.FlatCs;
        int most = (Mode & ModeBits.SingleStep) != 0 ? 1 : MaxInstructions;
        var decoder = (Mode & ModeBits.Code32) != 0 ? _decoder32 : _decoder16;
        byte* page = _processor.Memory.Base + (physical & ~0xfffu);
        uint offset = physical & 0xfff;
        uint at = eip;
        _reader.Last = (Mode & ModeBits.FlatCs) != 0 ? uint.MaxValue : Math.Min(uint.MaxValue - offset, c->Cs.Limit - eip) + offset;
        while (!_ended && _instructions < most && offset < GuestMemory.PageSize)
        {
            _reader.Set(page, offset, null);
            decoder.IP = at;
            decoder.Decode(out var instruction);
            if (_reader.WantsNext)
            {
                if (_instructions > 0)
                    break;
                if (_processor.FetchPage((linear & ~0xfffu) + GuestMemory.PageSize) is not { } next)
                    return false;
                _processor.Blocks.Watch(next >> GuestMemory.PageShift);
                _reader.Set(page, offset, _processor.Memory.Base + next);
                decoder.IP = at;
                decoder.Decode(out instruction);
                if (!_reader.BeyondLimit)
                    block->SecondFrame = next >> GuestMemory.PageShift;
            }

            if (_reader.BeyondLimit)
            {
                if (_instructions > 0)
                    break;
                _processor.Raise(Vectors.GeneralProtection, 0);
                return false;
            }

            Emit(instruction);
            offset += (uint)instruction.Length;
            at += (uint)instruction.Length;
        }

        block->Length = (ushort)(at - eip);
        if (!_ended)
            AppendEnd(at, loop, eip);
        for (int i = 0; i < _pendingLinks; i++)
            AppendTakenLink(_links[i].Op, _links[i].Destination, loop, eip);
        block->Ops = (byte)_ops;
        _head->Native = EngineState.Of(c)->NativeCold;
        return true;
    }

    /// <summary>Adds the operation of <paramref name="i"/>; its place in the code is filled in, the rest is zero.</summary>
    public Op* Append(in Instruction i)
    {
        var op = AppendRaw();
        op->Eip = i.IP32;
        op->Length = (byte)i.Length;
        op->Role = OpRole.Instruction;
        op->Index = (byte)_instructions;
        op->Seg = SegmentRegister.Ds;
        op->B = op->C = ZeroRegister;
        return op;
    }

    /// <summary>Gives a branch a link to its destination; sets <see cref="Op.Target"/>.</summary>
    public void Link(Op* branch, uint destination)
    {
        branch->Role = OpRole.Branch;
        _links[_pendingLinks++] = ((int)(branch - _head), destination);
    }

    /// <summary>The operation added last never reaches the one after it: the block ends here.</summary>
    public void End() => _ended = true;

    /// <summary>The instruction may change what <see cref="ModeBits"/> describe, or the mapping: the block ends after it, for the run
    /// loop.</summary>
    public void EndForLoop(in Instruction i)
    {
        _instructions++;
        AppendEnd(i.NextIP32, true, i.IP32);
        _instructions--;
        _ended = true;
    }

    /// <summary>Fills in the memory operand.</summary>
    public void Memory(Op* op, in Instruction i)
    {
        op->B = i.MemoryBase == Register.None ? ZeroRegister : Operand(i.MemoryBase);
        op->C = i.MemoryIndex == Register.None ? ZeroRegister : Operand(i.MemoryIndex);
        op->Scale = i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };
        op->Disp = (int)i.MemoryDisplacement32;
        op->Seg = SegmentOf(i.MemorySegment);
        op->Traits = IsAddress16(i) ? Op.Address16 : (byte)0;
    }

    /// <summary>Whether the memory operand needs neither segment check nor 16-bit wrap.</summary>
    public bool IsFlat(in Instruction i) => !IsAddress16(i) && IsFlat(SegmentOf(i.MemorySegment));

    /// <summary>Whether a segment is known to be flat in this mode. FS and GS never are.</summary>
    public bool IsFlat(SegmentRegister segment) => segment switch
    {
        SegmentRegister.Es => (Mode & ModeBits.FlatEs) != 0,
        SegmentRegister.Ss => (Mode & ModeBits.FlatSs) != 0,
        SegmentRegister.Ds => (Mode & ModeBits.FlatDs) != 0,
        _ => false,
    };

    /// <summary>16-bit effective address.</summary>
    public static bool IsAddress16(in Instruction i)
    {
        var register = i.MemoryBase != Register.None ? i.MemoryBase : i.MemoryIndex;
        return register != Register.None ? register is >= Register.AX and <= Register.DI : i.MemoryDisplSize == 2;
    }

    /// <summary>Byte offset in CpuState of a general register (8, 16 or 32 bits).</summary>
    public static byte Operand(Register register) => register switch
    {
        >= Register.EAX and <= Register.EDI => (byte)((register - Register.EAX) * 4),
        >= Register.AX and <= Register.DI => (byte)((register - Register.AX) * 4),
        >= Register.AL and <= Register.BL => (byte)((register - Register.AL) * 4),
        >= Register.AH and <= Register.BH => (byte)(((register - Register.AH) * 4) + 1),
        _ => throw new ArgumentOutOfRangeException(nameof(register), register, "not a general register"),
    };

    public static SegmentRegister SegmentOf(Register register) => register switch
    {
        Register.ES => SegmentRegister.Es,
        Register.CS => SegmentRegister.Cs,
        Register.SS => SegmentRegister.Ss,
        Register.FS => SegmentRegister.Fs,
        Register.GS => SegmentRegister.Gs,
        _ => SegmentRegister.Ds,
    };

    /// <summary>Offset of <see cref="CpuState.Zero"/>.</summary>
    public const byte ZeroRegister = 32;

    private void Emit(in Instruction instruction)
    {
        var row = OpTable.Rows[(int)instruction.Code];
        if (row == null)
        {
            if (instruction.Code == Code.INVALID)
                Undefined(instruction);
            else
                Missing(instruction);
        }
        else
        {
            row(this, instruction);
        }

        _instructions++;
        if (!_ended && Orders(instruction))
            AppendFence(instruction);
    }

    /// <summary>Whether the instruction keeps earlier stores in front of later loads (Intel SDM vol. 3, 9.2.5 and 9.3).</summary>
    private static bool Orders(in Instruction i) =>
        i.HasLockPrefix || i.Mnemonic == Mnemonic.Mfence || (i.Mnemonic == Mnemonic.Xchg && i.Op0Kind == OpKind.Memory);

    /// <summary>Adds an operation that raises #UD.</summary>
    public void Undefined(in Instruction instruction)
    {
        Append(instruction)->Run = &Raise.InvalidOpcode;
        End();
    }

    private void Missing(in Instruction instruction)
    {
        _processor.DescribeMissing(instruction);
        var op = Append(instruction);
        op->Disp = (int)instruction.Code;
        op->Run = &Raise.Missing;
        End();
    }

    private Op* AppendRaw()
    {
        var op = _head + _ops++;
        *op = default;
        op->Native = _processor.Execution->NativeLeave;
        return op;
    }

    /// <summary>The operation after an instruction that orders memory. It stands for the next instruction, should its block be forgotten
    /// by this one.</summary>
    private void AppendFence(in Instruction i)
    {
        var op = AppendRaw();
        op->Eip = i.NextIP32;
        op->Role = OpRole.Fence;
        op->Index = (byte)_instructions;
        op->Run = &Fences.Full;
    }

    private void AppendEnd(uint next, bool loop, uint eip)
    {
        var op = AppendRaw();
        op->Eip = next;
        op->Role = OpRole.End;
        op->Index = (byte)_instructions;
        op->Extra = loop ? Links.ToLoop : SamePage(next, eip);
        op->Run = loop ? &Links.FallToLoop : &Links.FallUnlinked;
    }

    private void AppendTakenLink(int branch, uint destination, bool loop, uint eip)
    {
        var op = AppendRaw();
        op->Eip = destination;
        op->Role = OpRole.Link;
        op->Extra = SamePage(destination, eip);
        op->Run = loop ? &Links.TakenToLoop : &Links.TakenUnlinked;
        op->Target = _head + branch;
        _head[branch].Target = op;
    }

    private static byte SamePage(uint a, uint b) => ((a ^ b) & ~0xfffu) == 0 ? (byte)1 : (byte)0;
}
