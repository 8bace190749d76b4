// What is open on behalf of a Guest's devices before there are devices. Whatever stops the building half-way, none of it stays open.

using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Devices.Share;

namespace Lguest.Launcher;

/// <summary>Disks and folders by the options that name them.</summary>
internal sealed class GuestFiles : IDisposable
{
    private readonly Dictionary<DeviceOption, IDisk> _disks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<DeviceOption, HostFolder> _folders = new(ReferenceEqualityComparer.Instance);

    /// <summary>Opens all that the options name.</summary>
    /// <exception cref="RefusedException">One of them cannot be opened.</exception>
    public static GuestFiles Open(IEnumerable<DeviceOption> devices)
    {
        GuestFiles files = new();
        try
        {
            foreach (var device in devices)
            {
                if (device is DeviceOption.Block block)
                    files._disks.Add(block, block.Layer is { } layer ? OverlayDisk.Open(block.Path, layer, block.KeepLayer)
                        : FileDisk.Open(block.Path));
                else if (device is DeviceOption.Share share)
                    files._folders.Add(share, HostFolder.Open(share.Folder));
            }

            return files;
        }
        catch (RefusedException)
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The disk of an option.</summary>
    public IDisk Disk(DeviceOption option) => _disks[option];

    /// <summary>The folder of an option.</summary>
    public HostFolder Folder(DeviceOption option) => _folders[option];

    /// <summary>They belong to the devices from now on.</summary>
    public void HandOver()
    {
        _disks.Clear();
        _folders.Clear();
    }

    public void Dispose()
    {
        foreach (var disk in _disks.Values)
            disk.Dispose();
        foreach (var folder in _folders.Values)
            folder.Dispose();
    }
}
