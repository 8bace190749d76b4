// Decides what a NOTIFY to the Launcher means; only its address tells (ABI sheet 10.5). The decision is separate from the action because
// here a Guest's number first meets the Host's structures.

using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Launcher;

/// <summary>What a NOTIFY asks of the Launcher: a closed set.</summary>
internal abstract record LauncherAction
{
    // Drivers print in pieces of 16 bytes; a Guest that forgot its NUL gets a page printed and no more.
    private const uint LongestText = GuestMemory.PageSize;

    private LauncherAction()
    {
    }

    /// <summary>New buffers in one of a device's queues.</summary>
    internal sealed record Kick(int Device, GuestPhysical Queue) : LauncherAction;

    /// <summary>A driver changed its device's status; <see cref="DeviceStatus.Reset"/> wants everything as before.</summary>
    internal sealed record StatusChanged(int Device, DeviceStatus Status) : LauncherAction;

    /// <summary>The early console prints.</summary>
    internal sealed record Print(byte[] Text) : LauncherAction;

    /// <summary>The Guest did what none may do.</summary>
    internal sealed record Kill(string Reason) : LauncherAction;

    /// <summary>Reads a NOTIFY.</summary>
    public static LauncherAction Of(GuestPhysical address, DevicePages pages, GuestMemory memory)
    {
        for (int i = 0; i < pages.Devices.Count; i++)
        {
            var device = pages.Devices[i];
            if (device.Record == address)
                return new StatusChanged(i, device.Status(memory));
            if (device.Rings.Any(ring => ring.Base == address))
                return new Kick(i, address);
        }

        if (!memory.Contains(address, 1))
            return new Kill($"bad NOTIFY address 0x{address.Value:x}: memory ends at 0x{memory.Length:x}");
        var text = memory.Span(address, Math.Min(LongestText, memory.Length - address.Value));
        int end = text.IndexOf((byte)0);
        return new Print(text[..(end < 0 ? text.Length : end)].ToArray());
    }
}
