// The core knows nothing of lguest. Whatever it cannot settle by itself it asks of the machine around it through these few questions; the
// Switcher answers them for lguest Guests, a bare test machine answers them in the tests of the core.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Cpu;

/// <summary>What stands behind ring 0 of one processor. All calls come on the thread that called <see cref="Processor.Run"/>.</summary>
public interface IMachine
{
    /// <summary>
    /// An interrupt or exception whose gate leads to ring 0 while <see cref="Processor.HostOwnsRing0"/> is set: a world switch. Nothing has
    /// been
    /// pushed. EIP stands at the instruction for <see cref="TrapCause.Fault"/>, after it otherwise. After return the processor goes on at
    /// the
    /// state that it then finds, unless <see cref="Processor.Stop"/> was called.
    /// </summary>
    /// <param name="processor">The processor that trapped.</param>
    /// <param name="vector">0-255.</param>
    /// <param name="errorCode">The hardware error code, 0 where the vector has none.</param>
    /// <param name="cause">Where it came from.</param>
    /// <param name="address">For #PF the faulting linear address, otherwise 0.</param>
    void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address);

    /// <summary>Somebody asked for attention with <see cref="Processor.RequestPoll"/>, and a block has ended. If the wish persists (an
    /// interrupt that
    /// cannot be delivered yet), ask again with <see cref="Processor.RequestPoll"/> before returning; the processor has cleared
    /// it.</summary>
    void Poll(Processor processor);

    /// <summary>
    /// A present paging entry is about to be used by a walk. False forbids it: the machine has stopped the processor
    /// (<see cref="Processor.Stop"/>),
    /// the access is abandoned without an exception. The frame of an accepted leaf entry must lie inside <see cref="GuestMemory"/>.
    /// </summary>
    bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address);

    /// <summary>RDTSC: the 64-bit time-stamp counter in ticks.</summary>
    ulong ReadTimeStamp(Processor processor);
}
