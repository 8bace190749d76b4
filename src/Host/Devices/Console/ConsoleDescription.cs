// How the console describes itself on the bus: an input and an output queue and no features, so every driver treats it as a plain line (ABI
// sheet 10.7).

using Lguest.Host.Virtio;

namespace Lguest.Host.Devices.Console;

/// <summary>The descriptor of a virtio console.</summary>
internal static class ConsoleDescription
{
    public const int InputQueue = 0;

    public const int OutputQueue = 1;

    public static DeviceDescription Create() => new(DeviceType.Console, Queues: 2, Features: 0, Config: [], Tags: []);
}
