// What a device offers on the lguest bus, independent of the two descriptor forms.

using System.Collections.Immutable;

namespace Lguest.Devices.Virtio;

/// <summary>A device, as its entry on the bus tells it.</summary>
/// <param name="Type">The virtio device id.</param>
/// <param name="Queues">How many virtqueues it has.</param>
/// <param name="Features">Feature bits offered, bits 0 to 31 (ABI sheet 10.1). The tagged form of 2.6.24 does not show them.</param>
/// <param name="Config">Device configuration space in the record form.</param>
/// <param name="Tags">The same knowledge in the tagged form: field by field, tag and content.</param>
internal sealed record DeviceDescription(
    DeviceType Type,
    int Queues,
    uint Features,
    ImmutableArray<byte> Config,
    ImmutableArray<(byte Tag, ImmutableArray<byte> Content)> Tags);
