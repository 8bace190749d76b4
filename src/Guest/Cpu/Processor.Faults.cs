// How a handler says that its instruction cannot complete. Nothing is thrown: the reason goes into CpuState and the handler returns null.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    /// <summary>Leaves the chain of handlers with an exception at <paramref name="op"/>. Returns null, so that a handler can return
    /// it.</summary>
    internal static Op* Fault(CpuState* c, Op* op, byte vector, uint errorCode = 0)
    {
        c->Eip = op->Eip;
        EngineState.Of(c)->Budget -= op->Index;
        EngineState.Of(c)->FaultVector = vector;
        EngineState.Of(c)->FaultError = errorCode;
        EngineState.Of(c)->FaultCause = TrapCause.Fault;
        EngineState.Of(c)->Exit = ExitKind.Fault;
        return null;
    }

    /// <summary>Leaves the chain at <paramref name="op"/> for an exception that a system read or <see cref="Raise"/> has already set
    /// up.</summary>
    internal static Op* Abandon(CpuState* c, Op* op)
    {
        c->Eip = op->Eip;
        EngineState.Of(c)->Budget -= op->Index;
        return null;
    }

    /// <summary>Sets up an exception without touching EIP.</summary>
    internal void Raise(byte vector, uint errorCode)
    {
        _e->FaultVector = vector;
        _e->FaultError = errorCode;
        _e->FaultCause = TrapCause.Fault;
        _e->Exit = ExitKind.Fault;
    }
}
