// What a PC Guest has instead of lguest's bus.

using Lguest.Devices.Console;
using Lguest.Guest.Cpu;
using Lguest.Pc;

namespace Lguest.Launcher.Boards;

/// <summary>The board of one life of a PC Guest.</summary>
/// <param name="Board">For the Switcher.</param>
/// <param name="Serial">The other end of its serial port, for the console.</param>
/// <param name="Start">Sets up the processor for the first instruction.</param>
/// <param name="Terminal">Takes what the Guest prints.</param>
/// <param name="Devices">What is plugged in, in the order of the options, and last the virtio console.</param>
/// <param name="TypesAtVirtio">Whether what is typed goes to the virtio console, and not to the serial port.</param>
internal sealed record PcParts(
    PcBoard Board, SerialLine Serial, Action<Processor> Start, IOutput Terminal, IReadOnlyList<PciDevice> Devices, bool TypesAtVirtio)
    : BoardParts
{
    public override IEnumerable<IDisposable> Owned => Devices.Select(device => device.Device);
}
