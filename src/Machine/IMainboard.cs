// A machine as its processor meets it: everything that is not processor and RAM. The owner of the processor knows the time and nothing
// else about the board; the board knows its chips and nothing about threads. So one world switch serves every board.

namespace Lguest.Machine;

/// <summary>Chips, devices and their wiring. Only for the owner of the processor, but <see cref="Attention"/>, which devices call from any
/// thread.</summary>
public interface IMainboard : ITimedDevice
{
    /// <summary>How it came to its end, if it has: the processor is to stop.</summary>
    MainboardEnd End { get; }

    /// <summary>The code of <see cref="MainboardEnd.Exit"/>.</summary>
    byte ExitCode { get; }

    /// <summary>Whether an interrupt waits that the processor may acknowledge.</summary>
    bool HasInterrupt { get; }

    /// <summary>What its chips and functions remember: records and structs of numbers, in a fixed order.</summary>
    IEnumerable<object> State => [];

    /// <summary>To be called when a device that works beside the processor has something for it; null while nobody listens. Any
    /// thread.</summary>
    Action? Attention { get; set; }

    /// <summary>Power on: what time it is.</summary>
    void Start(MachineTime time);

    /// <summary>The processor takes the interrupt: its vector.</summary>
    byte Acknowledge(long now);

    /// <summary>A device that works beside the processor has something for the Guest: it is known by its number, 0-31.</summary>
    void Signal(int number, long now);

    /// <summary>Takes over what other threads have left since <see cref="Attention"/> was called.</summary>
    void Attend(long now);

    /// <summary>The processor rests for a while: what was collected for others goes out.</summary>
    void Rest(long now);

    /// <summary>IN of 1, 2 or 4 bytes.</summary>
    uint ReadPort(ushort port, int bytes, long now);

    /// <summary>OUT of 1, 2 or 4 bytes.</summary>
    void WritePort(ushort port, int bytes, uint value, long now);

    /// <summary>A load of 1, 2 or 4 bytes at a physical address without RAM.</summary>
    uint ReadDevice(ulong address, int bytes, long now);

    /// <summary>A store of 1, 2 or 4 bytes at a physical address without RAM.</summary>
    void WriteDevice(ulong address, int bytes, uint value, long now);

    /// <summary>RDMSR of a register that is not the processor's own. False: there is none.</summary>
    bool TryReadRegister(uint number, out ulong value);

    /// <summary>WRMSR of a register that is not the processor's own. False: there is none.</summary>
    bool TryWriteRegister(uint number, ulong value, MachineTime time);

    /// <summary>CPUID.</summary>
    (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf);
}
