// What an lguest Guest of the third generation finds beside its RAM. Its Host knows the processor and the memory, and nothing of PCI; what
// stands there knows PCI, and nothing of the processor. Each question can be refused, and what a refusal means is for the Host to say.

namespace Lguest.Machine;

/// <summary>Ports and device memory of one Guest. Only for the owner of its processor, but <see cref="Attention"/>, which is called from
/// any thread.</summary>
public interface IGuestDevices
{
    /// <summary>Where device memory ends, which begins somewhere after RAM: a physical address, a multiple of the page size.</summary>
    ulong End { get; }

    /// <summary>What a driver did that is not forgiven; null while there is no such thing.</summary>
    string? Fault { get; }

    /// <summary>The address by which the Guest's Launcher knows the device that it has to see to before the Guest goes on; null for
    /// none.</summary>
    uint? Waiting { get; }

    /// <summary>All that the devices remember, for a mark of the machine. Owner only.</summary>
    IEnumerable<object> State { get; }

    /// <summary>To be called when something was left for the owner (<see cref="Attend"/>); null while nobody listens. Any thread.</summary>
    Action? Attention { get; set; }

    /// <summary>Where the devices' interrupts go: the number of the line, 1-31.</summary>
    Action<int>? Interrupt { get; set; }

    /// <summary>A device that works beside the processor has used buffers of the Guest.</summary>
    /// <returns>False if no device has this number.</returns>
    bool Signal(int number);

    /// <summary>Takes over what other threads have left since <see cref="Attention"/> was called.</summary>
    void Attend();

    /// <summary>IN of 1, 2 or 4 bytes.</summary>
    uint ReadPort(ushort port, int bytes, long now);

    /// <summary>OUT of 1, 2 or 4 bytes. False, and nothing done, if it may not be.</summary>
    bool TryWritePort(ushort port, int bytes, uint value, long now);

    /// <summary>Whether there is a device at a physical address.</summary>
    bool Answers(ulong address);

    /// <summary>A load of 1, 2 or 4 bytes from a device.</summary>
    uint Read(ulong address, int bytes, long now);

    /// <summary>A store of 1, 2 or 4 bytes to a device.</summary>
    void Write(ulong address, int bytes, uint value, long now);
}
