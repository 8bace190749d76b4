// A piece of Guest memory from a descriptor. It was checked when it was taken from the ring, so devices need not check it again.

using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

/// <summary>[Address, Address + Length) inside the Guest's memory.</summary>
internal readonly record struct GuestBuffer(GuestPhysical Address, uint Length);
