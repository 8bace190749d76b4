// The verbs of /dev/lguest as messages: what a Launcher, a device, a tool or a test can say to a node's Switcher, and what it answers.
//
// Life of a handle: Open -> Opened; Initialize -> Done; Run -> Notified ... Run -> Died; Run -> Reason ...; Close -> Closed.
// Nothing here crosses nodes: Guest memory is shared by reference with the devices of the same process.
using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Actors;

/// <summary>Messages of the Switcher actor (ABI sheet 2). Every request is answered to its sender; a refusal is
/// <see cref="Failed"/>.</summary>
public static class SwitcherProtocol
{
    /// <summary>A request that concerns one Guest.</summary>
    public interface IGuestRequest : INoSerializationVerificationNeeded
    {
        GuestId Guest { get; }
    }

    /// <summary>An answer.</summary>
    public interface IReply : INoSerializationVerificationNeeded
    {
        GuestId Guest { get; }
    }

    /// <summary>open(2): an empty handle under a name. Answered by <see cref="Opened"/>; EBUSY if the name is in use, ENOSPC if no slot is
    /// free.</summary>
    public sealed record Open(GuestId Guest) : IGuestRequest;

    public sealed record Opened(GuestId Guest) : IReply;

    /// <summary>
    /// LHREQ_INITIALIZE. <see cref="Done"/>; EBUSY if done before, EFAULT if there is no memory, EINVAL for a page offset in the Switcher's
    /// area, EOPNOTSUPP if this host does not have the engine of the settings. Only the sender may Run.
    /// </summary>
    /// <param name="Guest">The handle.</param>
    /// <param name="Memory">RAM and device pages with kernel, boot parameters and descriptors in place. Stays the sender's: to be disposed
    /// only
    /// after <see cref="Closed"/>.</param>
    /// <param name="Start">First instruction (ABI sheet 1.7).</param>
    /// <param name="Clock">Real or virtual time.</param>
    /// <param name="PhysicalAddressExtension">Whether the kernel was built with PAE. Null: recognised at its first NEW_PGTABLE (3.x);
    /// kernels of
    /// 2.6.31 to 2.6.35 get their first tables from the Host, so a PAE kernel of these must be announced.</param>
    /// <param name="PageTable">Root of page tables made by the Launcher, in the kernel's own format. Null: linear addresses are physical
    /// ones at first, and
    /// the Switcher makes tables at LGUEST_INIT for a kernel that expects some (ABI sheet 1.6).</param>
    /// <param name="PageOffset">Says that this is a Guest of generation 1: linear address of its physical address 0. It needs a
    /// <paramref name="PageTable"/>.</param>
    /// <param name="Number">What a generation 1 Guest is told as its number, from which its network addresses are made. Null: the lowest
    /// that no Guest here has.</param>
    /// <param name="Dma">What stands behind the DMA calls of a generation 1 Guest. Null: nothing can be bound, and all that it sends is for
    /// its Launcher.</param>
    public sealed record Initialize(
        GuestId Guest,
        GuestMemory Memory,
        GuestVirtual Start,
        ClockKind Clock = ClockKind.Real,
        bool? PhysicalAddressExtension = null,
        GuestPhysical? PageTable = null,
        GuestVirtual? PageOffset = null,
        ushort? Number = null,
        IDmaPort? Dma = null) : IGuestRequest
    {
        /// <summary>What the Guest runs on, if its kernel is to own ring 0; null for an lguest Guest. What concerns lguest alone is not
        /// looked at then.</summary>
        public BoardSetup? Board { get; init; }

        /// <summary>What an lguest Guest of generation 3 has beside its RAM, and says that it is one; null for others.</summary>
        public IGuestDevices? Devices { get; init; }

        /// <summary>Part of one core that the Guest may have, above 0; null for no limit.</summary>
        public double? CpuShare { get; init; }
    }

    /// <summary>
    /// read(2): the Guest runs until it needs its Launcher. <see cref="Notified"/>, <see cref="DmaPending"/>, <see cref="Died"/>, later
    /// <see cref="Reason"/>;
    /// EAGAIN when a break is in force, EPERM for another actor than the initialiser (actors that Ask are not told apart), EBUSY when a Run
    /// is
    /// under way, EINVAL for an empty handle, ERESTART after the Guest asked for one.
    /// </summary>
    public sealed record Run(GuestId Guest) : IGuestRequest;

    /// <summary>The Guest made a NOTIFY hypercall. To the runner: it waits for the next <see cref="Run"/>. To an attached event's actor: it
    /// goes on
    /// by itself.</summary>
    public sealed record Notified(GuestId Guest, GuestPhysical Address) : IReply;

    /// <summary>The Run in which the Guest came to its end (ENOENT there; ERESTART for <see cref="GuestEnd.Restart"/>).</summary>
    public sealed record Died(GuestId Guest, GuestEnd End) : IReply;

    /// <summary>Answer to each later Run on a dead Guest: its reason as text.</summary>
    public sealed record Reason(GuestId Guest, string Text) : IReply;

    /// <summary>LHREQ_IRQ: makes an irq pending, wherever the Guest is. EINVAL for an irq above 31, ENOENT for a dead Guest. A device that
    /// sends it by the
    /// thousand leaves <paramref name="Acknowledge"/> false and is answered only if it is refused.</summary>
    public sealed record Interrupt(GuestId Guest, int Irq, bool Acknowledge = false) : IGuestRequest;

    /// <summary>How long the Guests of this node may run: none is entered after this moment, and those that run come out. A later lease
    /// lets them go on. Without any
    /// lease there is no limit. No answer.</summary>
    /// <param name="Until">By <see cref="IHostClock.Monotonic"/>, nanoseconds.</param>
    public sealed record Lease(long Until) : INoSerializationVerificationNeeded;

    /// <summary>LHREQ_BREAK: on, forces the runner out (its Run is answered EAGAIN) and keeps it out; answered only once the break is over.
    /// Off, releases.</summary>
    public sealed record Break(GuestId Guest, bool On) : IGuestRequest;

    /// <summary>LHREQ_GETDMA (generation 1): a free buffer bound to a key, for the Launcher to fill. <see cref="Dma"/>; ENOENT where
    /// nothing is bound
    /// or all is full (the last buffer, which lguest gave in that case, would be overwritten).</summary>
    public sealed record GetDma(GuestId Guest, GuestPhysical Key) : IGuestRequest;

    /// <summary>A buffer, taken for the asker: its used_len holds the irq that the Guest wants. The asker fills the sections, writes their
    /// length over the irq and
    /// raises it.</summary>
    public sealed record Dma(GuestId Guest, GuestPhysical Key, GuestPhysical Descriptor) : IReply;

    /// <summary>Generation 1: from now on what the Guest sends to this key is told to <paramref name="Target"/> and not to the runner.
    /// <see cref="Done"/>;
    /// a null target detaches.</summary>
    public sealed record AttachDma(GuestId Guest, GuestPhysical Key, IActorRef? Target) : IGuestRequest;

    /// <summary>The Guest sent to a key that is its Launcher's. To the runner: the Guest waits for the next <see cref="Run"/>. To an
    /// attached actor: it waits
    /// for <see cref="DmaServed"/>.</summary>
    public sealed record DmaPending(GuestId Guest, GuestPhysical Key, GuestPhysical Descriptor) : IReply;

    /// <summary>An attached actor has dealt with what was sent, and written its used_len; the Guest goes on. Not answered.</summary>
    public sealed record DmaServed(GuestId Guest) : IGuestRequest;

    /// <summary>From the other side of an <see cref="IDmaPort"/>: a binding was made or taken back, or not. Not answered.</summary>
    public sealed record DmaBound(GuestId Guest, bool Success) : IGuestRequest;

    /// <summary>From the other side of an <see cref="IDmaPort"/>: what was sent has arrived, or not; the Guest sees which in used_len. Not
    /// answered.</summary>
    public sealed record DmaSent(GuestId Guest) : IGuestRequest;

    /// <summary>From the other side of an <see cref="IDmaPort"/>: the buffer asked for by the oldest open <see cref="GetDma"/>, or null.
    /// Not answered.</summary>
    public sealed record DmaFound(GuestId Guest, GuestPhysical? Descriptor) : IGuestRequest;

    /// <summary>From the other side of an <see cref="IDmaPort"/>: the Guest's descriptors break the rules; it is killed with this reason.
    /// Not answered.</summary>
    public sealed record DmaOffence(GuestId Guest, KillReason Reason, string Detail) : IGuestRequest;

    /// <summary>LHREQ_EVENTFD: from now on a NOTIFY of exactly this address is told to <paramref name="Target"/> as <see cref="Notified"/>
    /// and the Guest goes
    /// on at once. EINVAL for address 0. A null target detaches.</summary>
    public sealed record AttachEvent(GuestId Guest, GuestPhysical Address, IActorRef? Target) : IGuestRequest;

    /// <summary>What the Guest has done so far. Answered by <see cref="Statistics"/>, at once if the Guest is at rest, else at its next
    /// slice end.</summary>
    /// <param name="Guest">The handle.</param>
    /// <param name="WithMark">Whether to hash the machine as well, which takes the Switcher's time; only if the Guest is at rest.</param>
    public sealed record GetStatistics(GuestId Guest, bool WithMark = false) : IGuestRequest;

    public sealed record Statistics(GuestId Guest, GuestStatistics Counters) : IReply;

    /// <summary>close(2): the Guest is stopped for good and its slot freed. <see cref="Closed"/> once nobody touches its memory any more;
    /// an
    /// open Run is answered EAGAIN.</summary>
    public sealed record Close(GuestId Guest) : IGuestRequest;

    public sealed record Closed(GuestId Guest) : IReply;

    /// <summary>The request has been carried out.</summary>
    public sealed record Done(GuestId Guest) : IReply;

    /// <summary>The request has been refused.</summary>
    public sealed record Failed(GuestId Guest, ErrorNumber Error) : IReply;
}
