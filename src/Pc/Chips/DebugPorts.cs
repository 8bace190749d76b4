// Two ports that no PC has and many emulators have: bare programs, which lack drivers, print at one and end at the other. They are there
// only for kernels that may know of them.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>Bochs' debug console at port E9h and QEMU's isa-debug-exit at port F4h.</summary>
/// <param name="print">Takes what is printed.</param>
/// <param name="exit">Called with the code for the end.</param>
public sealed class DebugPorts(Action<byte> print, Action<byte> exit) : IPortDevice
{
    private const ushort ConsolePort = 0xE9;
    private const ushort ExitPort = 0xF4;
    private const int ExitPorts = 4;

    /// <summary>Puts them on the bus.</summary>
    public void Attach(PortBus bus)
    {
        bus.Add(ConsolePort, ConsolePort, this);
        bus.Add(ExitPort, ExitPort + ExitPorts - 1, this, widest: ExitPorts);
    }

    /// <summary>The console answers with its own number, by which a program sees that it is there.</summary>
    uint IPortDevice.Read(ushort port, int bytes, long now) => port == ConsolePort ? ConsolePort : 0u;

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        if (port == ConsolePort)
            print((byte)value);
        else
            exit((byte)((value << 1) | 1));
    }
}
