// What the registers of a virtio device hold, apart from what they are wired to: a snapshot is a copy of this.

using System.Collections.Immutable;

namespace Lguest.Devices.Virtio.Pci;

/// <summary>One queue as its driver has set it up.</summary>
/// <param name="Size">Descriptors.</param>
/// <param name="IsEnabled">Whether the driver uses it.</param>
/// <param name="Descriptors">Guest-physical address of the descriptor table.</param>
/// <param name="Available">Of the driver's ring.</param>
/// <param name="Used">Of the device's ring.</param>
internal readonly record struct QueueState(ushort Size, bool IsEnabled, ulong Descriptors, ulong Available, ulong Used);

/// <summary>The registers of one device.</summary>
/// <param name="Queues">One for each queue.</param>
internal sealed record VirtioState(ImmutableArray<QueueState> Queues)
{
    public DeviceStatus Status { get; init; }

    /// <summary>Whether the driver has looked if its features were accepted.</summary>
    public bool SawFeaturesOk { get; init; }

    public uint DeviceFeatureSelect { get; init; }

    /// <summary>What the select register put into the feature register, which is empty before.</summary>
    public uint DeviceFeature { get; init; }

    public uint DriverFeatureSelect { get; init; }

    public ulong DriverFeatures { get; init; }

    public ushort QueueSelect { get; init; }

    /// <summary>Bit 0: buffers were used; bit 1: the configuration changed.</summary>
    public byte Isr { get; init; }

    public byte ConfigGeneration { get; init; }
}
