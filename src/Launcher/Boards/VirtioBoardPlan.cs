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
internal sealed class VirtioBoardPlan(BootImage boot, LauncherOptions options) : IBoard
{
    public string Kind => $"generation {boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => boot.Kernel.Release;

    public BuiltGuest Build(GuestFiles files, Stream terminal)
    {
        var generation = boot.Kernel.Generation;
        DeviceDescription[] descriptions =
        [
            .. options.Devices.Select(option => option switch
            {
                DeviceOption.Block => BlockDescription.Of(files.Disk(option), generation),
                DeviceOption.Net net => NetDescription.Of(options.MacOf(net), generation, net.Mtu),
                DeviceOption.Share share => ShareDescription.Of(share.Tag),
                _ => RngDescription.Create(),
            }),
            ConsoleDescription.Of(generation),
        ];
        var pages = new DevicePages(descriptions, generation, boot.RamBytes);
        var memory = BoardFamily.MakeMemory(boot.RamBytes, pages.Pages);
        boot.LoadInto(memory);
        pages.WriteInto(memory);
        var asked = options.Devices;
        var output = OutputPump.Of(terminal, waits: options.Clock == ClockKind.Virtual);
        return new BuiltGuest(memory, boot.Kernel.Start, new VirtioParts(
            pages,
            [.. pages.Devices.Select((device, index) => Make(memory, device, index < asked.Length ? asked[index] : null, files,
                output))])
        {
            LetGo = output.LetGo,
        });
    }

    private IVirtioDevice Make(
        GuestMemory memory, BusDevice device, DeviceOption? option, GuestFiles files, IOutput output)
    {
        bool indirect = (device.Description.Features & NetDescription.Indirect) != 0;
        SplitQueue[] queues = [.. device.Rings.Select(ring => new SplitQueue(memory, ring, boot.Kernel.Generation.Suppression, indirect))];
        return option switch
        {
            DeviceOption.Block => new BlockDevice(memory, files.Disk(option), queues[0], boot.Kernel.Generation),
            DeviceOption.Rng => new RngDevice(memory, queues[0], options.RandomBytes("rng")),
            DeviceOption.Share share => new ShareDevice(memory, queues[0], files.Folder(share), share.IsReadOnly),
            DeviceOption.Net net => new NetDevice(
                memory,
                queues[NetDescription.ReceiveQueue],
                queues[NetDescription.TransmitQueue],
                options.MacOf(net),
                boot.Kernel.Generation,
                () => device.Accepted(memory),
                net.Mtu),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], output),
        };
    }
}
