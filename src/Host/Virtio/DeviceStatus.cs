// The status byte in which a driver reports its progress with a device (ABI sheet 10.4).

namespace Lguest.Host.Virtio;

/// <summary>Bits of a descriptor's status byte; 0 asks for a reset.</summary>
[Flags]
internal enum DeviceStatus : byte
{
    Reset = 0,
    Acknowledge = 1, // VIRTIO_CONFIG_S_ACKNOWLEDGE
    Driver = 2, // VIRTIO_CONFIG_S_DRIVER
    DriverOk = 4, // VIRTIO_CONFIG_S_DRIVER_OK
    Failed = 128, // VIRTIO_CONFIG_S_FAILED
}
