// Why the processor went to a gate. The Switcher needs to know: a software interrupt checks the gate's DPL, a fault leaves EIP on its
// instruction.
namespace Lguest.Guest.Cpu;

/// <summary>Source of an interrupt or exception.</summary>
public enum TrapCause : byte
{
    /// <summary>An exception that leaves EIP at the instruction that raised it.</summary>
    Fault,

    /// <summary>An exception reported after its instruction (#DB single step): EIP is the next one.</summary>
    Trap,

    /// <summary>INT n, INT3, INTO: EIP is the next instruction; the gate's DPL has been checked.</summary>
    Software,

    /// <summary>From outside the processor.</summary>
    External,
}
