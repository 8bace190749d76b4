// The machine of an lguest Guest with virtio devices: RAM, and after it the page of descriptors and the rings.

using System.Security.Cryptography;
using Lguest.Guest.Memory;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Images;
using Lguest.Host.Virtio;

namespace Lguest.Host.Launcher.Boards;

/// <summary>lguest from Linux 2.6.24 on.</summary>
internal sealed class VirtioBoardPlan : IBoard
{
    private readonly BootImage _boot;
    private readonly LauncherOptions _options;

    /// <exception cref="RefusedException">A device that it cannot have.</exception>
    public VirtioBoardPlan(BootImage boot, LauncherOptions options)
    {
        _boot = boot;
        _options = options;
        if (options.Devices.Any(device => device is DeviceOption.SharedNet))
            throw new RefusedException(
                "a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; "
                + "use a network of another kind");
    }

    public string Kind => $"generation {_boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => _boot.Kernel.Release;

    public BuiltGuest Build(IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        var generation = _boot.Kernel.Generation;
        DeviceDescription[] descriptions =
        [
            .. _options.Devices.Select(option => option switch
            {
                DeviceOption.Block => BlockDescription.Of(disks[option], generation),
                DeviceOption.Net net => NetDescription.Of(_options.MacOf(net), generation),
                _ => RngDescription.Create(),
            }),
            ConsoleDescription.Create(),
        ];
        var pages = new DevicePages(descriptions, generation, _boot.RamBytes);
        var memory = BoardKind.MakeMemory(_boot.RamBytes, pages.Pages);
        _boot.LoadInto(memory);
        pages.WriteInto(memory);
        var options = _options.Devices;
        return new BuiltGuest(
            memory,
            _boot.Kernel.Start,
            pages,
            [.. pages.Devices.Select((device, index) => Make(memory, device, index < options.Length ? options[index] : null, disks,
                terminal))]);
    }

    private IVirtioDevice Make(
        GuestMemory memory, BusDevice device, DeviceOption? option, IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        bool indirect = (device.Description.Features & NetDescription.Indirect) != 0 && device.Description.Type == DeviceType.Net;
        SplitQueue[] queues = [.. device.Rings.Select(ring => new SplitQueue(memory, ring, _boot.Kernel.Generation.Suppression, indirect))];
        return option switch
        {
            DeviceOption.Block => new BlockDevice(memory, disks[option], queues[0], _boot.Kernel.Generation),
            DeviceOption.Rng => new RngDevice(memory, queues[0], RandomNumberGenerator.Fill),
            DeviceOption.Net net => new NetDevice(
                memory,
                queues[NetDescription.ReceiveQueue],
                queues[NetDescription.TransmitQueue],
                _options.MacOf(net),
                _boot.Kernel.Generation,
                () => device.Accepted(memory)),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], terminal),
        };
    }
}
