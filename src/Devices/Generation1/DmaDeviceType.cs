// The device types of generation 1; the numbers are not those of virtio.

namespace Lguest.Devices.Generation1;

/// <summary>Type of an entry of the descriptor page (ABI sheet 9.1).</summary>
internal enum DmaDeviceType : ushort
{
    /// <summary>The entry is not in use.</summary>
    None = 0,

    /// <summary>LGUEST_DEVICE_T_CONSOLE.</summary>
    Console = 1,

    /// <summary>LGUEST_DEVICE_T_NET.</summary>
    Net = 2,

    /// <summary>LGUEST_DEVICE_T_BLOCK.</summary>
    Block = 3,
}
