// What lies outside of a processor and its RAM: ports, devices in memory, model-specific registers, and what the board says about its
// processor. A machine whose kernels run in ring 0 on something like hardware implements this beside IMachine; an lguest machine, whose
// Guests see none of it, does not.
namespace Lguest.Guest.Cpu;

/// <summary>The pins of one processor. All calls come on the thread that called <see cref="Processor.Run"/>, between two instructions by
/// <see cref="Processor.Instructions"/>.</summary>
public interface IBus
{
    /// <summary>IN and INS: 1, 2 or 4 bytes from a port.</summary>
    uint ReadPort(ushort port, int bytes);

    /// <summary>OUT and OUTS.</summary>
    void WritePort(ushort port, int bytes, uint value);

    /// <summary>Whether anything is at a physical address where there is no RAM: if not, an access is a page fault. On real hardware
    /// something always answers, if only with ones.</summary>
    bool Answers(ulong address) => true;

    /// <summary>A read of 1, 2 or 4 bytes at a physical address where there is no RAM. An access of another size comes as several, lowest
    /// address first.</summary>
    uint ReadDevice(ulong address, int bytes);

    /// <summary>A write of 1, 2 or 4 bytes at a physical address where there is no RAM.</summary>
    void WriteDevice(ulong address, int bytes, uint value);

    /// <summary>RDMSR of a register that the core itself does not have. False raises #GP.</summary>
    bool TryReadRegister(uint number, out ulong value);

    /// <summary>WRMSR of a register that the core itself does not have. False raises #GP.</summary>
    bool TryWriteRegister(uint number, ulong value);

    /// <summary>CPUID: EAX, EBX, ECX, EDX for a leaf.</summary>
    (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf);
}
