// What the Switcher and a Guest's CPU actor say to each other: the slot goes there and comes back, and nothing else is said.
using Akka.Actor;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Actors;

/// <summary>The world switch as two messages. The receiver of the slot owns it until it sends it on.</summary>
internal static class GuestCpuProtocol
{
    /// <summary>World switch in: run this Guest for a slice.</summary>
    public sealed record Enter(GuestId Guest, MachineSlot Slot) : INoSerializationVerificationNeeded;

    /// <summary>World switch out: the slot comes back, with the reason.</summary>
    public sealed record Exit(GuestId Guest, ExitReason Reason) : INoSerializationVerificationNeeded;
}
