// The actor of a generation 1 device. The Guest sends something, and waits until the device reports that it is done.

using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Machine.Actors;
using Lguest.Net.Dma;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Generation1.Actors;

/// <summary>Serves one device of one Guest. Its device is disposed with it.</summary>
internal abstract class DmaDeviceActor : TableActor
{
    private readonly GuestMemory _memory;
    private readonly DmaDevice _device;

    /// <param name="guest">Whose device it is.</param>
    /// <param name="switcher">Where the Guest waits.</param>
    /// <param name="memory">The Guest's memory.</param>
    /// <param name="device">The pure half.</param>
    protected DmaDeviceActor(GuestId guest, IActorRef switcher, GuestMemory memory, DmaDevice device)
    {
        Guest = guest;
        Switcher = switcher;
        _memory = memory;
        _device = device;
        Receive<SwitcherProtocol.DmaPending>(Pending);
    }

    protected GuestId Guest { get; }

    protected IActorRef Switcher { get; }

    //J:Drivers:400 Generation 1: send and wait
    // A device of generation 1 has no ring to look into. The Guest makes a SEND_DMA, and the next thing it sees is used_len, filled in. So
    // its CPU is at rest while the device reads what was sent: the Switcher tells the actor that has attached itself to the key, and goes
    // on with the Guest when it says so. In the other direction the Guest runs, and buffers are filled beside it by the node's DMA, which
    // knows what is bound.

    private void Pending(SwitcherProtocol.DmaPending pending)
    {
        if (DmaDescriptor.Read(_memory, pending.Descriptor) is { } sent)
            Sent(sent, pending.Descriptor);
        else
            Offend(KillReason.BadDmaAddress, $"bad address 0x{pending.Descriptor.Value:x} in sending DMA");
    }

    /// <summary>The Guest has sent something; ends in a call of <see cref="Answer"/>, now or later.</summary>
    protected abstract void Sent(DmaDescriptor sent, GuestPhysical at);

    /// <summary>Tells the Guest how much was taken, and lets it go on; or ends it.</summary>
    protected void Answer(GuestPhysical at, DmaAnswer answer)
    {
        if (answer.Offence is { } offence)
        {
            Offend(KillReason.BadDmaEntry, offence);
            return;
        }

        DmaDescriptor.SetUsedLength(_memory, at, answer.UsedLength);
        Switcher.Tell(new SwitcherProtocol.DmaServed(Guest));
    }

    protected void Offend(KillReason reason, string detail) =>
        Switcher.Tell(new SwitcherProtocol.DmaOffence(Guest, reason, $"{_device.Name}: {detail}"));

    protected override void PostStop()
    {
        _device.Dispose();
        base.PostStop();
    }
}
