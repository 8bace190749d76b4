// Why a chain of handlers came to its end. Handlers leave this in CpuState and return null; the run loop of Processor reads it.
namespace Lguest.Guest.Cpu;

/// <summary>What the run loop has to do after the last handler returned null.</summary>
public enum ExitKind : uint
{
    /// <summary>Find the block at EIP and go on (block end without link, budget spent, poll wanted, mode changed).</summary>
    Continue = 0,

    /// <summary>An exception waits in FaultVector and FaultError; EIP is at its instruction.</summary>
    Fault,

    /// <summary>A software interrupt waits in FaultVector; EIP is after it.</summary>
    SoftwareInterrupt,

    /// <summary>The machine stopped the processor in the middle of an access; EIP is at the instruction, which has had no effect.</summary>
    Stopped,

    /// <summary>HLT in ring 0 that belongs to the Guest: wait for an interrupt. EIP is after it.</summary>
    Halted,
}
