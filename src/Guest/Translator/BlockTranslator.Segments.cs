// Segment registers: a kernel saves those of a program at each system call, loads its own, and brings the program's back.
//
//J:Translator:134 The same selector again
// To load a segment register means to read a descriptor, to check it, and to remember it. That is the interpreter's. But it notes what the
// load came to (SegmentMemo), and as long as the descriptor tables are as they were, a load of the same selector comes to the same: emitted
// code compares the selector, and copies sixteen bytes. DS and ES are noted only if they are flat then, so the mode of the block, under
// which it was decoded, goes on as well. Another selector, a table that was changed, a program of ring 3: the interpreter does it.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>Where ECX is kept while RCX is tested: its own place in the state.</summary>
    private const int SavedCounter = 4;

    /// <summary>Whether an instruction reads or loads a segment register in a form that is translated.</summary>
    private bool IsSegmentMove(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Push:
                return FlatStack && !HasWindow && i.Op0Register.IsSegmentRegister() && i.StackPointerIncrement == -4;
            case Mnemonic.Pop:
                return FlatStack && MayLoad(i.Op0Register) && i.StackPointerIncrement == 4;
            case Mnemonic.Mov when i.Op1Kind == OpKind.Register && i.Op1Register.IsSegmentRegister():
                return i.Op0Kind == OpKind.Register;
            case Mnemonic.Mov when i.Op0Kind == OpKind.Register && i.Op0Register.IsSegmentRegister():
                return MayLoad(i.Op0Register) && (i.Op1Kind == OpKind.Register
                    || (!BlockBuilder.IsAddress16(i) && IsFlat(i.MemorySegment)));
            default:
                return false;
        }
    }

    private bool MayLoad(Register register) => !IsUser && register switch
    {
        Register.DS => (_mode & ModeBits.FlatDs) != 0,
        Register.ES => (_mode & ModeBits.FlatEs) != 0,
        Register.FS or Register.GS => true,
        _ => false,
    };

    /// <summary>Whether it may leave for the interpreter because of what it loads.</summary>
    private static bool LoadsSegment(in Instruction i) =>
        i.Mnemonic is Mnemonic.Mov or Mnemonic.Pop && i.Op0Kind == OpKind.Register && i.Op0Register.IsSegmentRegister();

    private Emitted EmitSegmentMove(in Instruction i)
    {
        if (i.Mnemonic == Mnemonic.Pop)
            EmitPopSegment(i);
        else if (i.Mnemonic == Mnemonic.Push)
            EmitPushSegment(i);
        else if (LoadsSegment(i))
            EmitMoveToSegment(i);
        else
            EmitMoveFromSegment(i);
        return Emitted.Yes;
    }

    /// <summary>Four bytes down, of which two are written.</summary>
    private void EmitPushSegment(in Instruction i)
    {
        int at = 0;
        if (InRun)
            at = OffsetInRun(i);
        else
            EmitStackSlot();
        LoadSelector(i.Op0Register);
        EncodeElement(Instruction.Create(Code.Mov_rm16_r16, Indexed(at), Register.R11W));
        if (InRun)
            MoveStack(-4);
        else
            _writer.Lea32(R15, R15, -4);
    }

    private void EmitPopSegment(in Instruction i)
    {
        if (InRun)
        {
            _writer.LoadIndexed(false, R11, R10, R8, 0, OffsetInRun(i));
        }
        else
        {
            _writer.Move32(R10, R15);
            EmitCheck(4, false);
            NotePlaceIfOpen();
            _writer.LoadIndexed(false, R11, R10, R8, 0, 0);
        }

        EncodeElement(Instruction.Create(Code.Movzx_r32_rm16, Register.R11D, Register.R11W));
        EmitLoadSegment(i, isPop: true);
        if (InRun)
            MoveStack(4);
        else
            _writer.Lea32(R15, R15, 4);
    }

    private void EmitMoveToSegment(in Instruction i)
    {
        if (i.Op1Kind == OpKind.Register)
        {
            var from = Register.AX + (i.Op1Register.GetFullRegister32() - Register.EAX);
            EncodeElement(Instruction.Create(Code.Movzx_r32_rm16, Register.R11D, Renamed(from)));
        }
        else
        {
            EmitAddress(i);
            EmitCheck(2, false);
            EncodeElement(Instruction.Create(Code.Movzx_r32_rm16, Register.R11D, Indexed(0)));
        }

        EmitLoadSegment(i, isPop: false);
    }

    private void EmitMoveFromSegment(in Instruction i)
    {
        LoadSelector(i.Op1Register);
        EncodeElement(i.Op0Register.IsGPR16()
            ? Instruction.Create(Code.Mov_rm16_r16, Renamed(i.Op0Register), Register.R11W)
            : Instruction.Create(Code.Movzx_r32_rm16, Renamed(i.Op0Register), Register.R11W));
    }

    /// <summary>The selector in R11, to the register of an instruction. Leaves R8 and R10 to the run.</summary>
    private void EmitLoadSegment(in Instruction i, bool isPop)
    {
        var register = BlockBuilder.SegmentOf(i.Op0Register);
        int memo = StateOffsets.Memo(register, isPop), segment = StateOffsets.SegmentBase(register);
        _writer.Store32(Rcx, R14, SavedCounter);
        _writer.Load32(Rcx, R14, memo);
        _writer.LeaIndexed(false, Rcx, Rcx, R11, 0, 0);
        uint good = _writer.SkipIfRcxIsZero();
        _slow.Add(new SlowPath((nint)_op, _writer.JumpForward(), Leaving.SavedCounter, _adjustDirty));
        _writer.LandHere(good);
        _writer.Load32(Rcx, R14, SavedCounter);
        for (int at = 0; at < sizeof(SegmentCache); at += sizeof(ulong))
        {
            _writer.Load64(R11, R14, memo + StateOffsets.MemoSegment + at);
            _writer.Store64(R11, R14, segment + at);
        }
    }

    /// <summary>A selector, in R11, with some other bits above.</summary>
    private void LoadSelector(Register register) =>
        _writer.Load32(R11, R14, StateOffsets.SegmentSelector(BlockBuilder.SegmentOf(register)));

    /// <summary>Memory that was checked.</summary>
    private static MemoryOperand Indexed(int displacement) =>
        new(Register.R10, Register.R8, 1, displacement, displacement == 0 ? 0 : 1);
}
