// A virtio device on PCI, of a PC or of lguest's third generation: the registers that its driver sees, the half that moves bytes, and what
// connects them. Neither half knows which of the two buses it is on.

using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Share;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Boards;

/// <summary>One device.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Device">To be disposed by the actor that serves it.</param>
/// <param name="Registers">For the owner of the board.</param>
/// <param name="Backend">What the registers talk to.</param>
internal sealed record PciDevice(DeviceType Type, IVirtioDevice Device, VirtioRegisters Registers, RelayBackend Backend)
{
    /// <summary>Makes a device and plugs it in.</summary>
    /// <param name="option">What was asked for; null for a console.</param>
    /// <param name="options">Of the whole Guest.</param>
    /// <param name="generation">Whose drivers it is for.</param>
    /// <param name="memory">The Guest's memory.</param>
    /// <param name="files">The disks and folders of the options.</param>
    /// <param name="terminal">Takes what the Guest prints.</param>
    /// <param name="plug">Puts it on its bus; gives back its registers.</param>
    public static PciDevice Make(
        DeviceOption? option,
        LauncherOptions options,
        GuestGeneration generation,
        GuestMemory memory,
        GuestFiles files,
        IOutput terminal,
        Func<DeviceDescription, IVirtioBackend, VirtioRegisters> plug)
    {
        RelayBackend backend = new();
        var description = option switch
        {
            DeviceOption.Block => BlockDescription.Of(files.Disk(option), generation),
            DeviceOption.Net net => NetDescription.Of(options.MacOf(net), generation, net.Mtu),
            DeviceOption.Rng => RngDescription.Create(),
            DeviceOption.Share share => ShareDescription.Of(share.Tag),
            _ => ConsoleDescription.Of(generation),
        };
        SplitQueue[] queues = [.. Enumerable.Range(0, description.Queues).Select(_ => new SplitQueue(memory))];
        IVirtioDevice device = option switch
        {
            DeviceOption.Block => new BlockDevice(memory, files.Disk(option), queues[0], generation),
            DeviceOption.Net net => new NetDevice(memory, queues[NetDescription.ReceiveQueue], queues[NetDescription.TransmitQueue],
                options.MacOf(net), generation, () => backend.Accepted, net.Mtu),
            DeviceOption.Rng => new RngDevice(memory, queues[0], options.RandomBytes("rng")),
            DeviceOption.Share share => new ShareDevice(memory, queues[0], files.Folder(share), share.IsReadOnly),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], terminal),
        };
        return new PciDevice(description.Type, device, plug(description, backend), backend);
    }
}
