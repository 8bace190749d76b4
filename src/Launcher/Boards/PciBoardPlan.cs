// The machine of an lguest Guest of the third generation: RAM, and behind it the windows of its devices, which it finds by PCI.

using Lguest.Devices;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Abi;
using Lguest.Launcher.Images;
using Lguest.Switcher.Time;

namespace Lguest.Launcher.Boards;

/// <summary>lguest of Linux 4.x.</summary>
internal sealed class PciBoardPlan : IBoard
{
    private readonly BootImage _boot;
    private readonly LauncherOptions _options;

    /// <exception cref="RefusedException">A device that it cannot have, or no room for any.</exception>
    public PciBoardPlan(BootImage boot, LauncherOptions options)
    {
        _boot = boot;
        _options = options;
        if (options.Devices.Length >= LguestPci.MostDevices)
            throw new RefusedException($"{options.Devices.Length} devices are more than one Guest can have; leave some out");
        if (boot.RamBytes > uint.MaxValue - LguestPci.Room)
            throw new RefusedException($"{options.MemoryMegabytes} MB of memory leave no room for devices; give the Guest less");
    }

    public string Kind => $"generation {_boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => _boot.Kernel.Release;

    public BuiltGuest Build(GuestFiles files, Stream terminal)
    {
        var memory = BoardFamily.MakeMemory(_boot.RamBytes);
        _boot.LoadInto(memory);
        LguestPci bus = new(_boot.RamBytes);
        var output = OutputPump.Of(terminal, waits: _options.Clock == ClockKind.Virtual);

        // Before it has drivers the kernel prints to device 1, which has to be a console then.
        var console = Make(null);
        return new BuiltGuest(memory, _boot.Kernel.Start, new PciParts(bus, [.. _options.Devices.Select(Make), console])
        {
            LetGo = output.LetGo,
        });

        PciDevice Make(DeviceOption? option) => PciDevice.Make(
            option, _options, _boot.Kernel.Generation, memory, files, output,
            (description, backend) => bus.Plug(description, backend).Registers!);
    }
}
