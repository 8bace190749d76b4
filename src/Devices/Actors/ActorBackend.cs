// Between the registers of a device on PCI and the actor that serves its queues: what the registers are told on the CPU's thread goes on as
// a message, and the Guest runs on.

using Akka.Actor;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Switcher.Actors;

namespace Lguest.Devices.Actors;

/// <summary>Passes on what the registers of one device say.</summary>
/// <param name="owner">Is told <see cref="DeviceProtocol.ResetDone"/>, and has the registers finish their reset. Null if the Guest comes
/// out of its world for that, so that its Launcher asks.</param>
internal sealed class ActorBackend(IActorRef? owner) : IVirtioBackend
{
    private bool _isStarted;

    /// <summary>The actor; given before the Guest runs.</summary>
    public IActorRef Device { get; set; } = ActorRefs.Nobody;

    /// <summary>Whether it is a console, and prints what is written into its configuration.</summary>
    public bool Prints { get; init; }

    /// <inheritdoc/>
    public void Start(ulong features, IReadOnlyList<RingLayout?> rings)
    {
        _isStarted = true;
        Tell(new DeviceProtocol.Start(rings, (features & NetDescription.Indirect) != 0));
    }

    /// <inheritdoc/>
    public void Kick(int queue) => Tell(new DeviceProtocol.Kicked(queue));

    /// <summary>One that was not started since the last time is as new already: no driver has placed its queues.</summary>
    public bool Reset()
    {
        if (!_isStarted)
            return true;
        _isStarted = false;
        if (owner is not null)
            Device.Tell(DeviceProtocol.Reset.Instance, owner);
        return false;
    }

    /// <inheritdoc/>
    public bool WriteConfig(int offset, int bytes, uint value)
    {
        if (!Prints || offset != ConsoleDescription.EmergencyAt || bytes != sizeof(uint))
            return false;
        Tell(new DeviceProtocol.Print([(byte)value]));
        return true;
    }

    /// <summary>A device that never blocks deals with it here and now.</summary>
    private void Tell(object message) => TrapDispatcher.TellHere(Device, message, ActorRefs.NoSender);
}
