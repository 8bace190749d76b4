// How the console describes itself on the bus: an input and an output queue and no features, so every driver treats it as a plain line (ABI
// sheet 10.7). On lguest's PCI it has one, a register for characters that a kernel without drivers wants to print (ABI sheet 11.9).

using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;

namespace Lguest.Devices.Console;

/// <summary>The descriptor of a virtio console.</summary>
internal static class ConsoleDescription
{
    public const int InputQueue = 0;

    public const int OutputQueue = 1;

    public const uint EmergencyWrite = 1 << 2; // VIRTIO_CONSOLE_F_EMERG_WRITE

    /// <summary>Where in its configuration such a character is written.</summary>
    public const int EmergencyAt = 8;

    private const int ConfigBytes = 12;

    public static DeviceDescription Of(GuestGeneration generation) => generation.PrintsByRegister
        ? new(DeviceType.Console, Queues: 2, EmergencyWrite, Config: [.. new byte[ConfigBytes]], Tags: [])
        : new(DeviceType.Console, Queues: 2, Features: 0, Config: [], Tags: []);
}
