// Between the registers of a device on PCI and the actor that serves its queues: what the registers are told on the CPU's thread goes on as
// a message, and the Guest runs on.

using Akka.Actor;
using Lguest.Host.Devices.Net;
using Lguest.Host.Virtio;
using Lguest.Host.Virtio.Pci;

namespace Lguest.Host.Devices.Actors;

/// <summary>Passes on what the registers of one device say.</summary>
/// <param name="owner">Is told <see cref="DeviceProtocol.ResetDone"/>, and has the registers finish their reset.</param>
internal sealed class ActorBackend(IActorRef owner) : IVirtioBackend
{
    /// <summary>The actor; given before the Guest runs.</summary>
    public IActorRef Device { get; set; } = ActorRefs.Nobody;

    /// <inheritdoc/>
    public void Start(ulong features, IReadOnlyList<RingLayout?> rings) =>
        Device.Tell(new DeviceProtocol.Start(rings, (features & NetDescription.Indirect) != 0));

    /// <inheritdoc/>
    public void Kick(int queue) => Device.Tell(new DeviceProtocol.Kicked(queue));

    /// <inheritdoc/>
    public bool Reset()
    {
        Device.Tell(DeviceProtocol.Reset.Instance, owner);
        return false;
    }

    /// <inheritdoc/>
    public bool WriteConfig(int offset, int bytes, uint value) => false;
}
