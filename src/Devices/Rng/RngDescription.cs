// How the entropy source describes itself on the bus: one queue and no features (ABI sheet 10.10).

using Lguest.Devices.Virtio;

namespace Lguest.Devices.Rng;

/// <summary>The descriptor of a virtio entropy source.</summary>
internal static class RngDescription
{
    public static DeviceDescription Create() => new(DeviceType.Rng, Queues: 1, Features: 0, Config: [], Tags: []);
}
