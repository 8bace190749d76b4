// The status byte in which a driver reports its progress with a device (ABI sheet 10.4; virtio 1.1, section 2.1).

namespace Lguest.Devices.Virtio;

/// <summary>Bits of a device's status byte; 0 asks for a reset. The lguest bus knows neither FeaturesOk nor NeedsReset.</summary>
[Flags]
internal enum DeviceStatus : byte
{
    Reset = 0,
    Acknowledge = 1, // VIRTIO_CONFIG_S_ACKNOWLEDGE
    Driver = 2, // VIRTIO_CONFIG_S_DRIVER
    DriverOk = 4, // VIRTIO_CONFIG_S_DRIVER_OK
    FeaturesOk = 8, // VIRTIO_CONFIG_S_FEATURES_OK
    NeedsReset = 64, // VIRTIO_CONFIG_S_NEEDS_RESET
    Failed = 128, // VIRTIO_CONFIG_S_FAILED
}
