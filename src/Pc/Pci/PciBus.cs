// Bus 0 and the two registers through which a processor configures what is on it: configuration mechanism 1. There are no bridges to other
// buses, and every device has one function.

using Lguest.Machine;

namespace Lguest.Pc.Pci;

/// <summary>CONFIG_ADDRESS at CF8h and CONFIG_DATA at CFCh (PCI Local Bus Specification 3.0, 3.2.2.3.2).</summary>
public sealed class PciBus : IPortDevice
{
    /// <summary>Devices that a bus can have.</summary>
    public const int Devices = 32;

    private const ushort AddressPort = 0xCF8;
    private const ushort DataPort = 0xCFC;
    private const uint Enable = 0x8000_0000;
    private const uint AddressBits = 0x80FF_FFFC;

    private readonly PciFunction?[] _functions = new PciFunction?[Devices];
    private MmioRegion[]? _regions;

    /// <summary>A bus with a host bridge as its device 0.</summary>
    public PciBus() => Add(0, new PciFunction(PciIdentity.HostBridge));

    /// <summary>Called after the Guest moved a memory window or turned one on or off: what was remembered of them is old.</summary>
    public event Action? RegionsChanged;

    /// <summary>CONFIG_ADDRESS, all that the bus itself remembers.</summary>
    public uint Address { get; set; }

    //J:Boards:250 A bus that can be asked
    // PCI ended the guessing. Two ports reach 256 bytes of every device: who made it, what it is, and how large a window of memory it
    // wants, which is asked by writing ones and seeing which bits stick. The kernel decides where the windows go and turns them on. Linux
    // trusts this bus only after it has found two ports to behave exactly as its two mechanisms would. A Guest may move a window over RAM
    // or over another window; that must harm nobody but itself, so there is one order in which they are asked.

    /// <summary>The memory windows that answer now. A Guest can put them anywhere, over RAM and over each other: RAM is asked first, then
    /// they in this order.</summary>
    public IReadOnlyList<MmioRegion> Regions => Live;

    /// <summary>What is on it, by device.</summary>
    public IEnumerable<PciFunction> Functions => _functions.OfType<PciFunction>();

    /// <summary>Puts the registers at their ports.</summary>
    public void Attach(PortBus bus)
    {
        bus.Add(AddressPort, AddressPort + 3, this, widest: 4);
        bus.Add(DataPort, DataPort + 3, this, widest: 4);
    }

    /// <summary>Puts a function on the bus.</summary>
    /// <param name="device">1-31; 0 is the host bridge.</param>
    /// <param name="function">Its function 0.</param>
    public void Add(int device, PciFunction function)
    {
        if (_functions[device] is not null)
            throw new ArgumentException($"device {device} of the bus is taken", nameof(device));
        _functions[device] = function;
        _regions = null;
        function.WindowsChanged += Forget;
    }

    /// <summary>The window in which an access lies wholly, or null. An access across the end of a window reaches nobody.</summary>
    public MmioRegion? Find(ulong address, int bytes)
    {
        foreach (ref readonly var region in Live.AsSpan())
            if (region.Holds(address, bytes))
                return region;
        return null;
    }

    /// <summary>Linux writes 80000000h and wants to read it (pci_check_type1), and looks for mechanism 2 by bytes that must not read as 0
    /// (pci_check_type2): the address is a doubleword or nothing.</summary>
    uint IPortDevice.Read(ushort port, int bytes, long now) =>
        port < DataPort ? port == AddressPort && bytes == 4 ? Address : uint.MaxValue
        : Selected() is { } function ? function.Read(Offset(port), bytes, now)
        : uint.MaxValue;

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        if (port >= DataPort)
            Selected()?.Write(Offset(port), bytes, value, now);
        else if (port == AddressPort && bytes == 4)
            Address = value & AddressBits;
    }

    /// <summary>Bits 23-16 are the bus, 15-11 the device, 10-8 the function.</summary>
    private PciFunction? Selected() =>
        (Address & Enable) != 0 && (Address & 0x00FF_0700) == 0 ? _functions[(Address >> 11) & 31] : null;

    private MmioRegion[] Live => _regions ??= [.. _functions.OfType<PciFunction>().SelectMany(function => function.Regions)];

    private int Offset(ushort port) => (int)(Address & 0xFC) | (port & 3);

    private void Forget()
    {
        _regions = null;
        RegionsChanged?.Invoke();
    }
}
