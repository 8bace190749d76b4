// The control instructions: everything about the coprocessor's own words and nothing about numbers. Most of them do not wait, because they
// are what an error handler uses to find out what happened.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>Control instructions that fit a word (Intel SDM vol. 1, 8.3.11; vol. 2, those pages).</summary>
internal static unsafe class X87Control
{
    private const ushort ReservedControl = 0xE0C0;
    private const ushort AlwaysSetControl = 0x0040;

    /// <summary>A control word as the register keeps it.</summary>
    public static ushort Legal(uint control) => (ushort)((control & ~(uint)ReservedControl) | AlwaysSetControl);

    /// <summary>The state after FNINIT; the registers themselves keep their contents.</summary>
    public static void Initialize(CpuState* c)
    {
        X87Stack.Control(c) = 0x037F;
        X87Stack.Status(c) = 0;
        X87Stack.Tags(c) = 0;
        X87Stack.Opcode(c) = 0;
        X87Stack.InstructionPointer(c) = 0;
        X87Stack.OperandPointer(c) = 0;
    }

    public static Op* Initialize(CpuState* c, Op* op)
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        Initialize(c);
        return op + 1;
    }

    public static Op* ClearExceptions(CpuState* c, Op* op)
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        const uint kept = 0xFFFF & ~(X87Context.Exceptions | X87Stack.StackFault | X87Stack.ErrorSummary | X87Stack.Busy);
        X87Stack.Status(c) &= (ushort)kept;
        return op + 1;
    }

    public static Op* LoadControl<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!TAddress.Read(c, op, 2, out uint linear) || !Access.Load16(c, op, linear, out uint control))
            return null;
        X87Stack.Control(c) = Legal(control);
        X87Stack.Summarize(c);
        return op + 1;
    }

    public static Op* StoreControl<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress => StoreWord<TAddress>(c, op, X87Stack.Control(c));

    public static Op* StoreStatus<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress => StoreWord<TAddress>(c, op, X87Stack.Status(c));

    public static Op* StoreStatusToAx(CpuState* c, Op* op)
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        *(ushort*)c->Gpr = X87Stack.Status(c);
        return op + 1;
    }

    public static Op* FreeRegister<TPop>(CpuState* c, Op* op)
        where TPop : struct, IX87Pop
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        X87Stack.Free(c, op->Extra);
        if (TPop.Count != 0)
            X87Stack.Pop(c);
        return X87Stack.Finish(c, op, X87Stack.Start(c));
    }

    public static Op* IncrementTop(CpuState* c, Op* op) => Rotate(c, op, 1);

    public static Op* DecrementTop(CpuState* c, Op* op) => Rotate(c, op, 7);

    /// <summary>FNOP, which does nothing but wait.</summary>
    public static Op* Nothing(CpuState* c, Op* op) =>
        X87Stack.IsBlocked(c) ? X87Stack.Trap(c, op) : X87Stack.Finish(c, op, X87Stack.Start(c), 0);

    /// <summary>The setup instructions of earlier coprocessors, which do not even wait.</summary>
    public static Op* NothingAtOnce(CpuState* c, Op* op) => EngineState.Of(c)->FpuTrap != 0 ? X87Stack.Trap(c, op) : op + 1;

    public static Op* Wait(CpuState* c, Op* op)
    {
        const uint both = ControlRegisters.Cr0MonitorCoprocessor | ControlRegisters.Cr0TaskSwitched;
        if ((c->Cr0 & both) == both)
            return Processor.Fault(c, op, Vectors.DeviceNotAvailable);
        return (X87Stack.Status(c) & X87Stack.ErrorSummary) != 0 ? Processor.Fault(c, op, Vectors.FloatingPoint) : op + 1;
    }

    private static Op* Rotate(CpuState* c, Op* op, uint by)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        X87Stack.SetTop(c, X87Stack.Top(c) + by);
        return X87Stack.Finish(c, op, X87Stack.Start(c));
    }

    private static Op* StoreWord<TAddress>(CpuState* c, Op* op, ushort word)
        where TAddress : struct, IAddress
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        return TAddress.Write(c, op, 2, out uint linear) && Access.Store16(c, op, linear, word) ? op + 1 : null;
    }
}
