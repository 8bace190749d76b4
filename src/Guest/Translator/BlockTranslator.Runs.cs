// One address check for several accesses: instructions that reach the same few bytes through the same register.
//
//J:Translator:135 Runs
// Half of all accesses have a neighbour. A function begins with four pushes and ends with four pops; in between it takes the fields of one
// structure through one register, and its locals through EBP or ESP. A check costs a dozen instructions and may stand for 64 bytes of a
// page. So before an access is checked, the translator looks ahead: as long as the register keeps its value (of ESP it is enough to know
// how far it has moved), and nothing in between needs the two scratch registers that hold the checked address, further accesses join the
// run. The first instruction checks for all of them, and the others use what it found.
//
// If the check fails, the interpreter does the first instruction, and the rest of the run as well: there is no way in behind the check.
// So faults stay exact, for nothing of a later instruction has been done. A write does not join a run of reads: a page that may only be
// read would send the reads to the interpreter each time. But stacks are written, and there a run of reads may become one of writes.
using Iced.Intel;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>The most bytes that one check stands for.</summary>
    private const int MostRunBytes = 64;

    /// <summary>The last instruction of the current run; less than the current one if there is none.</summary>
    private int _runEnd;

    /// <summary>What R10 stands for: the register as it was when the run began, plus this.</summary>
    private int _runLow;

    /// <summary>How far ESP is from what it was then.</summary>
    private int _runMoved;

    /// <summary>How far ESP is ahead of R15: pushes and pops in a row move it once.</summary>
    private int _stackOwed;

    private bool InRun => _at <= _runEnd;

    /// <summary>What one instruction does to memory and to the stack pointer, as far as runs go.</summary>
    /// <param name="Base">The register of its address; None if it reaches no memory.</param>
    /// <param name="Offset">From that register, as it is before the instruction.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="Writes">Whether it writes them.</param>
    /// <param name="Moves">What it adds to ESP.</param>
    private readonly record struct Reach(Register Base, int Offset, int Size, bool Writes, int Moves);

    /// <summary>Begins a run with the current instruction if another one can join it: checks, and leaves R10 and R8 for all.</summary>
    private void BeginRun()
    {
        var first = ReachOf(_instructions[_at]);
        if (HasWindow || _isOpen || InRun || first is not { Base: not Register.None } start)
            return;
        bool stack = start.Base is Register.ESP or Register.EBP;
        bool writes = start.Writes;
        int moved = 0, end = _at;
        long low = start.Offset, high = low + start.Size;
        for (int k = _at; k < _count && _translatable[k]; k++)
        {
            ref var i = ref _instructions[k];
            if (ReachOf(i) is not { } reach || (reach.Base != Register.None && reach.Base != start.Base))
                break;
            if (reach.Base != Register.None)
            {
                long at = reach.Offset + (start.Base == Register.ESP ? moved : 0);
                if (Math.Max(high, at + reach.Size) - Math.Min(low, at) > MostRunBytes || (reach.Writes && !writes && !stack))
                    break;
                (low, high) = (Math.Min(low, at), Math.Max(high, at + reach.Size));
                writes |= reach.Writes;
                end = k;
            }

            if (i.FlowControl is not (FlowControl.Next or FlowControl.ConditionalBranch) || k == _last)
                break;
            moved += reach.Moves;
            if (Changes(i, start.Base))
                break;
        }

        if (end == _at)
            return;
        _runEnd = end;
        _runLow = (int)low;
        _runMoved = 0;
        _stackOwed = 0;
        _writer.Lea32(R10, HostOf(start.Base), _runLow);
        EmitCheck((int)(high - low), writes);
    }

    /// <summary>Where the current instruction's memory is from R10 + R8, in a run.</summary>
    private int OffsetInRun(in Instruction i)
    {
        var reach = ReachOf(i)!.Value;
        return reach.Offset + (reach.Base == Register.ESP ? _runMoved : 0) - _runLow;
    }

    /// <summary>The current instruction of a run moves ESP by so much; R15 follows when something else than the stack comes.</summary>
    private void MoveStack(int by)
    {
        _runMoved += by;
        _stackOwed += by;
        if (_at == _runEnd || _instructions[_at + 1].Mnemonic is not (Mnemonic.Push or Mnemonic.Pop or Mnemonic.Call or Mnemonic.Ret)
            || LoadsSegment(_instructions[_at + 1]))
            PayStack();
    }

    /// <summary>The current instruction of a run has been written; pushes and pops have told what they do.</summary>
    private void MoveInRun(in Instruction i)
    {
        if (i.Mnemonic is not (Mnemonic.Push or Mnemonic.Pop))
            _runMoved += StackMove(i);
    }

    private void PayStack()
    {
        if (_stackOwed != 0)
            _writer.Lea32(R15, R15, _stackOwed);
        _stackOwed = 0;
    }

    /// <summary>What an instruction does that may be part of a run; null if it may not.</summary>
    private Reach? ReachOf(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Push when i.Op0Kind != OpKind.Memory && i.Op0Register != Register.ESP:
                return new Reach(Register.ESP, -4, 4, true, -4);
            case Mnemonic.Pop when i.Op0Register != Register.ESP:
                return new Reach(Register.ESP, 0, 4, false, 4);
            case Mnemonic.Call when i.Op0Kind == OpKind.NearBranch32:
                return new Reach(Register.ESP, -4, 4, true, -4);
            case Mnemonic.Ret:
                return new Reach(Register.ESP, 0, 4, false, 4);
            case Mnemonic.Mov when LoadsSegment(i) && i.Op1Kind == OpKind.Memory:
                return null;
            case Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Sub or Mnemonic.Adc
                or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.Test or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Inc
                or Mnemonic.Dec or Mnemonic.Not or Mnemonic.Neg or Mnemonic.Nop or Mnemonic.Cdq or Mnemonic.Cwde or Mnemonic.Movnti:
                break;
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar when _host.Shifts:
                break;
            case Mnemonic.Imul when _host.Multiplications:
                break;
            case not Mnemonic.Fldcw when UnitsOf(i) != HostUnits.None && !IsAligned(i):
                break;
            default:
                if (i.IsJccShort || i.IsJccNear || (i.ConditionCode != ConditionCode.None && i.FlowControl == FlowControl.Next))
                    break;
                return null;
        }

        for (int k = 0; k < i.OpCount && i.Mnemonic is not (Mnemonic.Lea or Mnemonic.Nop); k++)
        {
            if (i.GetOpKind(k) != OpKind.Memory)
                continue;
            if (i.MemoryIndex != Register.None || i.MemorySegment is Register.FS or Register.GS || !i.MemoryBase.IsGPR32())
                return null;
            return new Reach(i.MemoryBase, (int)i.MemoryDisplacement32, BytesOf(i), WritesMemory(i), 0);
        }

        return new Reach(Register.None, 0, 0, false, StackMove(i));
    }

    /// <summary>ADD and SUB of a constant, and LEA, move the stack pointer in a way that can be followed.</summary>
    private static int StackMove(in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Add when IsStackConstant(i) => (int)i.GetImmediate(1),
        Mnemonic.Sub when IsStackConstant(i) => -(int)i.GetImmediate(1),
        Mnemonic.Lea when i.Op0Register == Register.ESP && i.MemoryBase == Register.ESP && i.MemoryIndex == Register.None =>
            (int)i.MemoryDisplacement32,
        _ => 0,
    };

    private static bool IsStackConstant(in Instruction i) =>
        i.Op0Kind == OpKind.Register && i.Op0Register == Register.ESP && i.Op1Kind != OpKind.Register && i.Op1Kind != OpKind.Memory;

    /// <summary>Whether the register has another value after the instruction, other than by a known move of the stack pointer.</summary>
    private static bool Changes(in Instruction i, Register register)
    {
        if (register == Register.ESP && i.Mnemonic is Mnemonic.Push or Mnemonic.Pop or Mnemonic.Call)
            return i.Mnemonic == Mnemonic.Pop && i.Op0Register == Register.ESP;
        if (register == Register.ESP && StackMove(i) != 0)
            return false;
        if (i.Mnemonic is Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Push || i.FlowControl != FlowControl.Next)
            return false;
        if (i.Mnemonic is Mnemonic.Cdq)
            return register is Register.EDX;
        if (i.Mnemonic is Mnemonic.Cwde || (i.Mnemonic == Mnemonic.Imul && i.OpCount == 1))
            return register is Register.EAX or Register.EDX;
        return i.OpCount > 0 && i.Op0Kind == OpKind.Register && i.Op0Register.GetFullRegister32() == register;
    }
}
