// Builds the machine of a generation 1 Guest: the same options as for any other, and other devices behind them.

using System.Collections.Immutable;
using Lguest.Guest.Memory;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Generation1;
using Lguest.Host.Images;
using Lguest.Net.Dma;

namespace Lguest.Host.Launcher;

/// <summary>From device options to the devices of Linux 2.6.23 (ABI sheet 9).</summary>
internal sealed class BoardBuilder
{
    private readonly BootImage _boot;
    private readonly IReadOnlyList<DeviceOption> _options;
    private readonly string _name;
    private readonly DmaBus _bus;

    /// <param name="boot">What it boots.</param>
    /// <param name="options">Its devices but for the console.</param>
    /// <param name="name">The Guest's name.</param>
    /// <exception cref="RefusedException">A device that Linux 2.6.23 does not know, or too many.</exception>
    public BoardBuilder(BootImage boot, IReadOnlyList<DeviceOption> options, string name)
    {
        _boot = boot;
        _options = options;
        _name = name;
        _bus = new DmaBus([.. options.Select(Describe), DmaDescription.Console], boot.RamBytes);
    }

    /// <summary>Pages behind RAM.</summary>
    public int Pages => _bus.Pages;

    /// <summary>Writes the descriptors and makes the devices.</summary>
    /// <param name="memory">The Guest's memory, with the kernel in place.</param>
    /// <param name="number">Its number.</param>
    /// <param name="disks">The disk behind each block option; owned by the devices from now on.</param>
    /// <param name="terminal">Takes what the Guest prints.</param>
    public DmaBoard Build(GuestMemory memory, ushort number, IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        _bus.WriteInto(memory);
        var windows = ImmutableArray.CreateBuilder<SharedWindow>();
        var devices = ImmutableArray.CreateBuilder<DmaDevice>();
        var lans = ImmutableDictionary.CreateBuilder<string, string>();
        for (var i = 0; i < _options.Count; i++)
        {
            switch (_options[i])
            {
                case DeviceOption.Block block:
                    DmaDisk disk = new(memory, _bus.PageOf(i), DmaBus.IrqOf(i), disks[block], $"{_name}/disk{i}");
                    disk.WriteCapacity();
                    devices.Add(disk);
                    break;
                case DeviceOption.Net net:
                    DmaNic card = new(memory, _bus.PageOf(i), DmaBus.IrqOf(i), $"{_name}/eth{CardsBefore(i)}");
                    card.WriteSlot();
                    devices.Add(card);
                    lans.Add(card.Name, net.Lan);
                    break;
                case DeviceOption.SharedNet shared:
                    windows.Add(new SharedWindow(shared.Page, _bus.PageOf(i), shared.Slot));
                    break;
            }
        }

        devices.Add(new DmaConsole(memory, DmaBus.IrqOf(_options.Count), terminal));
        return new DmaBoard(
            _boot.PageTable!.Value, _boot.Kernel.PageOffset!.Value, number, windows.ToImmutable(), devices.ToImmutable(), lans.ToImmutable());
    }

    private int CardsBefore(int index) => _options.Take(index).Count(option => option is DeviceOption.Net or DeviceOption.SharedNet);

    private static DmaDescription Describe(DeviceOption option) => option switch
    {
        DeviceOption.Block => DmaDescription.Block,
        DeviceOption.Net => DmaDescription.Net(DmaNic.GuestSlot, DmaDescription.Randomness),
        DeviceOption.SharedNet shared => DmaDescription.Net(shared.Slot, DmaDescription.NoChecksum),
        _ => throw new RefusedException("Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = off)"),
    };
}
