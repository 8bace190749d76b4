// A device of a PC Guest: the registers that its driver sees, the half that moves bytes, and what connects them.

using Lguest.Host.Devices;
using Lguest.Host.Virtio;
using Lguest.Host.Virtio.Pci;

namespace Lguest.Host.Launcher.Boards;

/// <summary>One function on the bus.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Device">To be disposed by the actor that serves it.</param>
/// <param name="Registers">For the owner of the board.</param>
/// <param name="Backend">What the registers talk to.</param>
internal sealed record PcDevice(DeviceType Type, IVirtioDevice Device, VirtioRegisters Registers, RelayBackend Backend);
