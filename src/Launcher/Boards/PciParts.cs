// What an lguest Guest of Linux 4.x has that other Guests do not have.

using Lguest.Devices.Virtio.Pci;

namespace Lguest.Launcher.Boards;

/// <summary>The devices of one life of such a Guest.</summary>
/// <param name="Bus">For the Switcher.</param>
/// <param name="Devices">What is plugged in, in the order of the options, and last the console.</param>
internal sealed record PciParts(LguestPci Bus, IReadOnlyList<PciDevice> Devices) : BoardParts
{
    public override IEnumerable<IDisposable> Owned => Devices.Select(device => device.Device);
}
