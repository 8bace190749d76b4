// The eight x87 registers as the stack that programs see, and the rules that all x87 instructions share: who may run at all, what a
// stack fault does, and how an instruction leaves its flags behind.
//
//J:Guest:340 A coprocessor that is not there
// The x87 was once a second chip, and its manners remember it. It does not raise an exception when a computation goes wrong; it notes
// the error in its status word, and the next instruction that waits for the coprocessor finds the note and raises #MF. So every waiting
// instruction begins with one question: is anything pending (ES), or has the kernel taken the coprocessor away (CR0.TS, CR0.EM) to save its
// registers only when somebody misses them? One OR and one branch answer both.
//
//J:Guest:350 What an error keeps back
// Invalid operands, denormals and division by zero are seen before anything is computed: if unmasked, neither register nor stack
// changes, so that a handler can repair the operands and try again. Overflow, underflow and lost bits are seen afterwards: the result is
// in the register already, and only memory is protected from it.
using System.Runtime.CompilerServices;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>x87 state in <see cref="CpuState.Fx"/> (Intel SDM vol. 1, 8.1; FXSAVE layout, table 10-2; registers in physical
/// order).</summary>
internal static unsafe class X87Stack
{
    /// <summary>In <see cref="Op.Imm"/> of x87 operations: there is a memory operand. The low 11 bits are the opcode as FOP has
    /// it.</summary>
    public const uint HasMemory = 0x8000_0000;

    public const uint StackFault = 0x40;
    public const uint ErrorSummary = 0x80;
    public const uint Busy = 0x8000;
    public const uint Conditions = X87Context.C0 | X87Context.C1 | X87Context.C2 | X87Context.C3;

    private const int RegistersAt = 32;
    private const int TopShift = 11;
    private const int InstructionPointerAt = 8;
    private const int OperandPointerAt = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Area(CpuState* c) => (byte*)&c->Fx;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref ushort Control(CpuState* c) => ref *(ushort*)Area(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref ushort Status(CpuState* c) => ref *(ushort*)(Area(c) + 2);

    /// <summary>One bit for each physical register: 1 in use, 0 empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Tags(CpuState* c) => ref *(Area(c) + 4);

    /// <summary>Opcode, instruction and operand pointer of the last instruction, as FXSAVE has them.</summary>
    public static ref ushort Opcode(CpuState* c) => ref *(ushort*)(Area(c) + 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref uint InstructionPointer(CpuState* c) => ref *(uint*)(Area(c) + InstructionPointerAt);

    public static ref uint OperandPointer(CpuState* c) => ref *(uint*)(Area(c) + OperandPointerAt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Top(CpuState* c) => ((uint)Status(c) >> TopShift) & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetTop(CpuState* c, uint top) => Status(c) = (ushort)((Status(c) & ~(7u << TopShift)) | ((top & 7) << TopShift));

    /// <summary>The physical register behind ST(index).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Physical(CpuState* c, uint index) => (Top(c) + index) & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsEmpty(CpuState* c, uint index) => ((Tags(c) >> (int)Physical(c, index)) & 1) == 0;

    /// <summary>Where a physical register lies. Handlers of common instructions work with these pointers and find the top only
    /// once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Slot(CpuState* c, uint physical) => Area(c) + RegistersAt + (physical << 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Read(byte* slot) => new(*(ulong*)slot, *(ushort*)(slot + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* slot, Float80 value)
    {
        *(ulong*)slot = value.Significand;
        *(ulong*)(slot + 8) = value.SignExponent;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Get(CpuState* c, uint index) => Read(Slot(c, Physical(c, index)));

    /// <summary>Writes ST(index) and marks it as in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* c, uint index, Float80 value)
    {
        uint physical = Physical(c, index);
        Write(Slot(c, physical), value);
        Tags(c) |= (byte)(1u << (int)physical);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(CpuState* c, uint index) => Tags(c) &= (byte)~(1u << (int)Physical(c, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pop(CpuState* c)
    {
        Free(c, 0);
        SetTop(c, Top(c) + 1);
    }

    /// <summary>Moves the top and writes the new ST(0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Push(CpuState* c, Float80 value)
    {
        SetTop(c, Top(c) - 1);
        Set(c, 0, value);
    }

    /// <summary>Whether a waiting instruction may not run; <see cref="Trap"/> then says why.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBlocked(CpuState* c) => (EngineState.Of(c)->FpuTrap | (Status(c) & ErrorSummary)) != 0;

    /// <summary>#NM for a coprocessor that is switched off, else #MF for an error that is pending.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Trap(CpuState* c, Op* op) =>
        Processor.Fault(c, op, EngineState.Of(c)->FpuTrap != 0 ? Vectors.DeviceNotAvailable : Vectors.FloatingPoint);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static X87Context Start(CpuState* c) => new(Control(c));

    /// <summary>Leaves the flags of a finished instruction in the status word; <paramref name="cleared"/> are the condition bits it
    /// defines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Finish(CpuState* c, Op* op, in X87Context context, uint cleared = X87Context.C1)
    {
        if ((context.Status & X87Context.HasQuotient) != 0)
            cleared |= X87Context.C0 | X87Context.C3;
        uint status = (Status(c) & ~cleared) | context.Status;
        Status(c) = (ushort)status;
        InstructionPointer(c) = op->Eip;
        if ((context.Status & ~context.Control & X87Context.Exceptions) != 0)
            Pend(c, op);
        return op + 1;
    }

    /// <summary>As <see cref="Finish"/> with C1 defined, moving the top in the same write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* FinishAt(CpuState* c, Op* op, in X87Context context, uint top)
    {
        Status(c) = (ushort)((Status(c) & ~(X87Context.C1 | (7u << TopShift))) | ((top & 7) << TopShift) | context.Status);
        InstructionPointer(c) = op->Eip;
        if ((context.Status & ~context.Control & X87Context.Exceptions) != 0)
            Pend(c, op);
        return op + 1;
    }

    /// <summary>
    /// Notes an unmasked exception for the next waiting instruction. As on processors that report it (CPUID leaf 7: operand pointer on
    /// exceptions only, no segment selectors), the operand pointer and opcode are kept for unmasked exceptions alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Pend(CpuState* c, Op* op)
    {
        Status(c) |= (ushort)(ErrorSummary | Busy);
        Opcode(c) = (ushort)(op->Imm & 0x7FF);
        if ((op->Imm & HasMemory) != 0)
            OperandPointer(c) = Segmented.Offset(c, op);
    }

    /// <summary>Sets ES and B as the status and control words demand, after one of them was loaded.</summary>
    public static void Summarize(CpuState* c)
    {
        bool pending = (Status(c) & ~Control(c) & X87Context.Exceptions) != 0;
        Status(c) = (ushort)((Status(c) & ~(ErrorSummary | Busy)) | (pending ? ErrorSummary | Busy : 0));
    }

    /// <summary>#IS for reading an empty register; true when masked, so that the instruction goes on with the indefinite.</summary>
    public static bool Underflow(ref X87Context context)
    {
        context.Status |= X87Context.Invalid | StackFault;
        return context.IsMasked(X87Context.Invalid);
    }

    /// <summary>#IS for pushing onto a register in use; true when masked, so that the indefinite is pushed.</summary>
    public static bool Overflow(ref X87Context context)
    {
        context.Status |= X87Context.Invalid | StackFault | X87Context.C1;
        return context.IsMasked(X87Context.Invalid);
    }
}
