// The machine of an lguest Guest with virtio devices: RAM, and after it the page of descriptors and the rings.

using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Share;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;
using Lguest.Switcher.Time;

namespace Lguest.Launcher.Boards;

/// <summary>lguest of Linux 2.6.24 to 3.x.</summary>
internal sealed class VirtioBoardPlan : IBoard
{
    private readonly BootImage _boot;
    private readonly LauncherOptions _options;

    /// <exception cref="RefusedException">A device for which a kernel of its release has no driver.</exception>
    public VirtioBoardPlan(BootImage boot, LauncherOptions options)
    {
        _boot = boot;
        _options = options;
        if (!boot.Kernel.Generation.HasSharedFolders && options.Devices.Any(device => device is DeviceOption.Share))
            throw new RefusedException(
                $"Linux {boot.Kernel.Generation.Name} has no driver for a folder of the host (9P2000.L came with 2.6.38); "
                + "leave --share out (in a topology: shares)");
    }

    public string Kind => $"generation {_boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => _boot.Kernel.Release;

    public BuiltGuest Build(GuestFiles files, Stream terminal)
    {
        var generation = _boot.Kernel.Generation;
        DeviceDescription[] descriptions =
        [
            .. _options.Devices.Select(option => option switch
            {
                DeviceOption.Block => BlockDescription.Of(files.Disk(option), generation),
                DeviceOption.Net net => NetDescription.Of(_options.MacOf(net), generation, net.Mtu),
                DeviceOption.Share share => ShareDescription.Of(share.Tag),
                _ => RngDescription.Create(),
            }),
            ConsoleDescription.Of(generation),
        ];
        var pages = new DevicePages(descriptions, generation, _boot.RamBytes);
        var memory = BoardFamily.MakeMemory(_boot.RamBytes, pages.Pages);
        _boot.LoadInto(memory);
        pages.WriteInto(memory);
        var options = _options.Devices;
        var output = OutputPump.Of(terminal, waits: _options.Clock == ClockKind.Virtual);
        return new BuiltGuest(memory, _boot.Kernel.Start, new VirtioParts(
            pages,
            [.. pages.Devices.Select((device, index) => Make(memory, device, index < options.Length ? options[index] : null, files,
                output))])
        {
            LetGo = output.LetGo,
        });
    }

    private IVirtioDevice Make(
        GuestMemory memory, BusDevice device, DeviceOption? option, GuestFiles files, IOutput output)
    {
        bool indirect = (device.Description.Features & NetDescription.Indirect) != 0;
        SplitQueue[] queues = [.. device.Rings.Select(ring => new SplitQueue(memory, ring, _boot.Kernel.Generation.Suppression, indirect))];
        return option switch
        {
            DeviceOption.Block => new BlockDevice(memory, files.Disk(option), queues[0], _boot.Kernel.Generation),
            DeviceOption.Rng => new RngDevice(memory, queues[0], _options.RandomBytes("rng")),
            DeviceOption.Share share => new ShareDevice(memory, queues[0], files.Folder(share), share.IsReadOnly),
            DeviceOption.Net net => new NetDevice(
                memory,
                queues[NetDescription.ReceiveQueue],
                queues[NetDescription.TransmitQueue],
                _options.MacOf(net),
                _boot.Kernel.Generation,
                () => device.Accepted(memory),
                net.Mtu),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], output),
        };
    }
}
