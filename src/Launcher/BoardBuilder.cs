// Builds the machine of a generation 1 Guest: the same options as for any other Guest, with generation 1 devices.

using System.Collections.Immutable;
using Lguest.Devices;
using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;
using Lguest.Net.Dma;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Launcher;

/// <summary>From device options to the devices of Linux 2.6.23 (ABI sheet 9).</summary>
internal sealed class BoardBuilder
{
    private readonly BootImage _boot;
    private readonly IReadOnlyList<DeviceOption> _options;
    private readonly string _name;
    private readonly ushort _number;
    private readonly DmaBus _bus;

    /// <param name="boot">What it boots.</param>
    /// <param name="options">What it is to have.</param>
    /// <exception cref="RefusedException">Too many devices.</exception>
    public BoardBuilder(BootImage boot, LauncherOptions options)
    {
        _boot = boot;
        _options = [.. options.Devices.Where(device => device is not DeviceOption.Rng { IsOptional: true })];
        _name = options.Name;
        _number = NumberOf(options);
        _bus = new DmaBus([.. _options.Select(Describe), DmaDescription.Console], boot.RamBytes);
    }

    /// <summary>Pages after RAM.</summary>
    public int Pages => _bus.Pages;

    /// <summary>Writes the descriptors and makes the devices.</summary>
    /// <param name="memory">The Guest's memory, with the kernel in place.</param>
    /// <param name="files">The disks and folders of the options; owned by the devices from now on.</param>
    /// <param name="terminal">Takes what the Guest prints.</param>
    public DmaBoard Build(GuestMemory memory, GuestFiles files, Stream terminal)
    {
        _bus.WriteInto(memory);
        var windows = ImmutableArray.CreateBuilder<SharedWindow>();
        var devices = ImmutableArray.CreateBuilder<DmaDevice>();
        var ports = ImmutableDictionary.CreateBuilder<string, (string Lan, PortSettings? Port)>();
        for (int i = 0; i < _options.Count; i++)
        {
            switch (_options[i])
            {
                case DeviceOption.Block block:
                    DmaDisk disk = new(memory, _bus.PageOf(i), DmaBus.IrqOf(i), files.Disk(block), $"{_name}/disk{i}");
                    disk.WriteCapacity();
                    devices.Add(disk);
                    break;
                case DeviceOption.Net net:
                    DmaNic card = new(memory, _bus.PageOf(i), DmaBus.IrqOf(i), $"{_name}/eth{CardsBefore(i)}");
                    card.WriteSlot();
                    devices.Add(card);
                    ports.Add(card.Name, (net.Lan, net.Port));
                    break;
                case DeviceOption.SharedNet shared:
                    windows.Add(new SharedWindow(shared.Page, _bus.PageOf(i), shared.Slot)
                    {
                        Pcap = shared.Pcap,
                        PagePcap = shared.PagePcap
                    });
                    break;
            }
        }

        devices.Add(new DmaConsole(memory, DmaBus.IrqOf(_options.Count), terminal));
        return new DmaBoard(
            _boot.PageTable!.Value, _boot.Kernel.PageOffset!.Value, _number, windows.ToImmutable(), devices.ToImmutable(),
                ports.ToImmutable());
    }

    private int CardsBefore(int index) => _options.Take(index).Count(option => option is DeviceOption.Net or DeviceOption.SharedNet);

    /// <summary>The Guest's driver makes one address for all its cards, out of its number. So a request for one of these is a request for a
    /// number.</summary>
    private static ushort NumberOf(LauncherOptions options) =>
        options.Devices.Select(card => card.Asked?.GuestNumber).FirstOrDefault(number => number is not null) ?? options.Number
            ?? (ushort)MacAddress.ForName(options.Name).Value;

    private static DmaDescription Describe(DeviceOption option) => option switch
    {
        DeviceOption.Block => DmaDescription.Block,
        DeviceOption.Net => DmaDescription.Net(DmaNic.GuestSlot, DmaDescription.Randomness),
        DeviceOption.SharedNet shared => DmaDescription.Net(shared.Slot, DmaDescription.NoChecksum),
        _ => throw new InvalidOperationException($"no generation 1 device for {option.GetType().Name}"),
    };
}
