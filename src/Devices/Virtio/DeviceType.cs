// The virtio device ids of the devices here (ABI sheet 10.7 to 10.10; virtio 1.2, section 5).

namespace Lguest.Devices.Virtio;

/// <summary>Virtio device id, as it stands in a descriptor.</summary>
internal enum DeviceType : byte
{
    Net = 1, // VIRTIO_ID_NET
    Block = 2, // VIRTIO_ID_BLOCK
    Console = 3, // VIRTIO_ID_CONSOLE
    Rng = 4, // VIRTIO_ID_RNG
    Share = 9, // VIRTIO_ID_9P
}
