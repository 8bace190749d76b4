// One piece of Guest memory that a descriptor lent to a device. It was checked when it was taken off the ring, so that devices need not.

using Lguest.Guest.Memory;

namespace Lguest.Host.Virtio;

/// <summary>[Address, Address + Length) inside the Guest's memory.</summary>
internal readonly record struct GuestBuffer(GuestPhysical Address, uint Length);
